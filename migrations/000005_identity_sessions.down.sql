DROP TABLE identity.changes;
DROP TABLE identity.sign_ins;
DROP TABLE identity.sessions;
