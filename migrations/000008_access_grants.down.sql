DROP TABLE access.changes;
DROP TABLE access.grants;
DROP FUNCTION access.keep_ledger();
