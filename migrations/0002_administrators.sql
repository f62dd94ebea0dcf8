-- A row is a person who may use the console. Names are unique without regard to case: username_key is the
-- name in lower case.
create table administrators (
    id text not null primary key,
    username text not null,
    username_key text not null unique,
    password_hash text not null,
    password_changed_at bigint not null,
    created_at bigint not null
);

-- A row is a printed link that makes the first administrator, known by the SHA-256 of its token alone.
create table setup_links (
    token_hash text not null primary key,
    created_at bigint not null
);

-- A row is a browser's session, known by the SHA-256 of its id alone.
create table web_sessions (
    id_hash text not null primary key,
    data text not null,
    expires_at bigint not null
);

create index web_sessions_by_expiry on web_sessions (expires_at);
