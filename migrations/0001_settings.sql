-- A row is one saved revision of the whole settings document, secrets sealed. The newest is in force;
-- rows are only ever added.
create table settings_revisions (
    revision bigint not null primary key,
    document text not null,
    saved_at bigint not null,
    saved_by text not null
);

-- The one row is a known text sealed with the secret key: it shows whether a key file belongs to this database.
create table key_check (
    id bigint not null primary key check (id = 1),
    sealed text not null
);
