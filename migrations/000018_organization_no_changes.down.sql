CREATE TABLE organization.changes (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bigint      NOT NULL,
    xid xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX changes_xid_idx ON organization.changes (xid);
CREATE INDEX changes_at_idx ON organization.changes (at);

COMMENT ON TABLE organization.changes IS 'Organizations whose departments came, went or moved: every replica holds their trees in memory.';
