CREATE TABLE access.changes (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bigint      NOT NULL,
    xid xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX changes_xid_idx ON access.changes (xid);
CREATE INDEX changes_at_idx ON access.changes (at);

COMMENT ON TABLE access.changes IS 'Users whose grants changed, and 0 when a role did: every replica holds them in memory.';
