DROP TABLE identity.devices;

DELETE FROM identity.attempts WHERE kind IN ('device', 'session');
ALTER TABLE identity.attempts DROP CONSTRAINT attempts_kind;
ALTER TABLE identity.attempts ADD CONSTRAINT attempts_kind CHECK (kind IN ('account', 'address'));

COMMENT ON TABLE identity.attempts IS 'Attempts to sign in that did not succeed, by account and by source address; each count ends at until.';
COMMENT ON COLUMN identity.attempts.key IS 'Of an account its email_digest, whether there is such an account or not; of an address its bytes.';
