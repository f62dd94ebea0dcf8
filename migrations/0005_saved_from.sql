-- From where a revision was saved: the client's address, or `cli`. Empty where that is not known.
alter table settings_revisions add column saved_from text not null default '';
