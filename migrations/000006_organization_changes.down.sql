DROP TABLE organization.changes;
