-- A revision also tells which username maps belong to it: a JSON object from a provider's id to the SHA-256 of all
-- its rows. A change of a map is a revision too; document_revision is the newest one that changed the document.
alter table settings_revisions add column username_maps text not null default '{}';
alter table settings_revisions add column document_revision bigint not null default 0;
update settings_revisions set document_revision = revision;

-- A row leads from a value of a provider's username attribute to a Confluence username, as of the newest revision.
create table username_map_rows (
    provider text not null,
    value text not null,
    username text not null,
    primary key (provider, value)
);

-- A row of a map that a revision changed: without old it was added, without new removed.
create table username_map_changes (
    revision bigint not null references settings_revisions (revision),
    provider text not null,
    value text not null,
    old text,
    new text,
    primary key (revision, provider, value)
);
