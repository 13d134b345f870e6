CREATE TABLE identity.changes (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bigint      NOT NULL,
    xid xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX changes_xid_idx ON identity.changes (xid);
CREATE INDEX changes_at_idx ON identity.changes (at);

COMMENT ON TABLE identity.changes IS 'Users of whom something changed that every replica holds in memory, such as an ended session.';
