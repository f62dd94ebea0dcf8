-- What the gate decided. Servers add to the same rows: counts are added up. Times are Unix seconds; a text is empty
-- where there is nothing to say. No row holds a credential, a cookie or a query.

-- A row is how many decisions of one minute, and one of one hour, were alike in what a plot tells apart. span is the
-- length in seconds: 60 or 3600. Minutes are kept for two days.
create table activity_counts (
    span bigint not null,
    began_at bigint not null,
    outcome text not null,
    method text not null,
    reason text not null,
    credential text not null,
    provider text not null,
    calls bigint not null,
    primary key (span, began_at, outcome, method, reason, credential, provider)
);

-- A row is how many decisions of one hour were alike in all that is remembered; digest stands for these columns. Calls
-- that had no room for a row of their own are in one whose username, network and path are `other`.
create table activity_usage (
    hour bigint not null,
    digest text not null,
    outcome text not null,
    method text not null,
    reason text not null,
    credential text not null,
    provider text not null,
    username text not null,
    vouched bigint not null check (vouched in (0, 1)),
    client_id text not null,
    issuer text not null,
    audience text not null,
    scopes text not null,
    network text not null,
    path_prefix text not null,
    exception text not null,
    calls bigint not null,
    last_at bigint not null,
    primary key (hour, digest)
);

create index activity_usage_by_exception on activity_usage (exception) where exception <> '';

-- A row is one decision: a refusal, one that would have been a refusal, or the first use of its kind on a day, whose
-- first_use is then unique.
create table activity_events (
    id bigint not null primary key,
    at bigint not null,
    outcome text not null,
    method text not null,
    reason text not null,
    credential text not null,
    provider text not null,
    username text not null,
    client_id text not null,
    address text not null,
    user_agent text not null,
    http_method text not null,
    path text not null,
    request_id text not null,
    first_use text unique
);
