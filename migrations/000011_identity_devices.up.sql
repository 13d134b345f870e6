ALTER TABLE identity.attempts DROP CONSTRAINT attempts_kind;
ALTER TABLE identity.attempts ADD CONSTRAINT attempts_kind CHECK (kind IN ('account', 'address', 'device', 'session'));

COMMENT ON TABLE identity.attempts IS 'Attempts that did not succeed: of strangers at an account and from a source address, of known devices, and in sessions; each count ends at until.';
COMMENT ON COLUMN identity.attempts.key IS 'Of an account its email_digest, whether there is such an account or not; of an address its bytes; of a device or a session its id.';

CREATE TABLE identity.devices (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint      NOT NULL,
    token_digest bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT devices_user_fk FOREIGN KEY (user_id) REFERENCES identity.users (id) ON DELETE RESTRICT,
    CONSTRAINT devices_token_key UNIQUE (token_digest, user_id)
);
CREATE INDEX devices_user_idx ON identity.devices (user_id, last_used_at);
CREATE INDEX devices_last_used_idx ON identity.devices (last_used_at);

COMMENT ON TABLE identity.devices IS 'From where users have signed in with their present password; failures of strangers do not lock these out.';
COMMENT ON COLUMN identity.devices.token_digest IS 'SHA-256 of the token, which is stored nowhere and opens nothing. Users of one browser share it.';
