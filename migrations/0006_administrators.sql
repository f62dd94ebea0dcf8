-- What an administrator may do, whether the account is disabled and since when, and the last sign-in. Whoever is
-- there already may change everything, as before.
alter table administrators add column role text not null default 'admin' check (role in ('admin', 'viewer'));
alter table administrators add column disabled_at bigint;
alter table administrators add column last_sign_in_at bigint;
-- The client's address, empty where that is not known.
alter table administrators add column last_sign_in_from text not null default '';
