CREATE TABLE identity.credentials (
    user_id     bigint PRIMARY KEY,
    hash        text        NOT NULL,
    must_change text        NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT credentials_user_fk FOREIGN KEY (user_id) REFERENCES identity.users (id) ON DELETE RESTRICT,
    CONSTRAINT credentials_must_change CHECK (must_change IN ('no', 'marked', 'required'))
);

COMMENT ON TABLE identity.credentials IS 'The password of each user who has one.';
COMMENT ON COLUMN identity.credentials.hash IS 'In PHC string format, or 64 hex digits: the SHA-256 of the old skeleton, replaced at the next sign-in.';
COMMENT ON COLUMN identity.credentials.must_change IS 'marked: the user is told to change it; required: nothing else is possible until then.';

CREATE TABLE identity.former_passwords (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id  bigint      NOT NULL,
    hash     text        NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT former_passwords_user_fk FOREIGN KEY (user_id) REFERENCES identity.users (id) ON DELETE RESTRICT
);
CREATE INDEX former_passwords_user_idx ON identity.former_passwords (user_id, id);

CREATE TABLE identity.password_resets (
    user_id     bigint PRIMARY KEY,
    code_digest bytea       NOT NULL,
    started_by  bigint,
    started_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    CONSTRAINT password_resets_user_fk FOREIGN KEY (user_id) REFERENCES identity.users (id) ON DELETE RESTRICT
);

COMMENT ON TABLE identity.password_resets IS 'The one-time code of each user whose password is being reset.';

CREATE TABLE identity.attempts (
    kind         text        NOT NULL,
    key          bytea       NOT NULL,
    count        integer     NOT NULL,
    until        timestamptz NOT NULL,
    locked_until timestamptz,
    CONSTRAINT attempts_pkey PRIMARY KEY (kind, key),
    CONSTRAINT attempts_kind CHECK (kind IN ('account', 'address'))
);
CREATE INDEX attempts_until_idx ON identity.attempts (until);

COMMENT ON TABLE identity.attempts IS 'Attempts to sign in that did not succeed, by account and by source address; each count ends at until.';
COMMENT ON COLUMN identity.attempts.key IS 'Of an account its email_digest, whether there is such an account or not; of an address its bytes.';
