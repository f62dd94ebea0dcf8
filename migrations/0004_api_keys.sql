-- A row is a management API key, known by the SHA-256 of its text alone. Rows are never deleted: how many there are
-- and how many of them are revoked tells whether anything has changed. name_key is the name in lower case.
create table api_keys (
    id text not null primary key,
    name text not null,
    name_key text not null,
    key_hash text not null unique,
    prefix text not null,
    role text not null,
    created_at bigint not null,
    created_by text not null,
    last_used_at bigint,
    revoked_at bigint
);

-- A name is free again once its key is revoked.
create unique index api_keys_by_live_name on api_keys (name_key) where revoked_at is null;
