-- What happened is in the journal.
DROP TABLE access.changes;
