-- What happened is in the journal.
DROP TABLE organization.changes;
