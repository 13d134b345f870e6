CREATE TABLE identity.sessions (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint      NOT NULL,
    token_digest bytea       NOT NULL,
    address      text        NOT NULL,
    user_agent   text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    CONSTRAINT sessions_user_fk FOREIGN KEY (user_id) REFERENCES identity.users (id) ON DELETE RESTRICT,
    CONSTRAINT sessions_token_key UNIQUE (token_digest)
);
CREATE INDEX sessions_user_idx ON identity.sessions (user_id, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_expires_idx ON identity.sessions (expires_at);

COMMENT ON TABLE identity.sessions IS 'Who is signed in, from where.';
COMMENT ON COLUMN identity.sessions.token_digest IS 'SHA-256 of the token, which is stored nowhere.';

CREATE TABLE identity.sign_ins (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint,
    at         timestamptz NOT NULL DEFAULT now(),
    address    text        NOT NULL,
    user_agent text        NOT NULL,
    outcome    text        NOT NULL,
    CONSTRAINT sign_ins_user_fk FOREIGN KEY (user_id) REFERENCES identity.users (id) ON DELETE RESTRICT
);
CREATE INDEX sign_ins_user_idx ON identity.sign_ins (user_id, id);
CREATE INDEX sign_ins_limited_idx ON identity.sign_ins (address, at) WHERE outcome = 'limited';
CREATE INDEX sign_ins_at_idx ON identity.sign_ins (at);

COMMENT ON TABLE identity.sign_ins IS 'Every attempt to sign in; without a user where the email is nobody''s.';

CREATE TABLE identity.changes (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bigint      NOT NULL,
    xid xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX changes_xid_idx ON identity.changes (xid);
CREATE INDEX changes_at_idx ON identity.changes (at);

COMMENT ON TABLE identity.changes IS 'Users of whom something changed that every replica holds in memory, such as an ended session.';
