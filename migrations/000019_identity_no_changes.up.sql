-- What happened is in the journal.
DROP TABLE identity.changes;
