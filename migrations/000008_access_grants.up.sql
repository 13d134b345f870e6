CREATE TABLE access.grants (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id         bigint      NOT NULL,
    role_id         bigint      NOT NULL,
    organization_id bigint,
    department_id   bigint,
    valid_from      timestamptz,
    valid_until     timestamptz,
    reason          text,
    granted_by      bigint,
    granted_at      timestamptz NOT NULL DEFAULT now(),
    ended_by        bigint,
    ended_at        timestamptz,
    end_reason      text,
    -- Only a grant that goes on keeps its organization and department from being deleted; of one that ended, the ids stay.
    live_organization_id bigint GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN organization_id END) STORED,
    live_department_id   bigint GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN department_id END) STORED,
    CONSTRAINT grants_user_fk FOREIGN KEY (user_id) REFERENCES identity.users (id) ON DELETE RESTRICT,
    CONSTRAINT grants_role_fk FOREIGN KEY (role_id) REFERENCES access.roles (id) ON DELETE RESTRICT,
    CONSTRAINT grants_organization_fk FOREIGN KEY (live_organization_id)
        REFERENCES organization.organizations (id) ON DELETE RESTRICT,
    CONSTRAINT grants_department_fk FOREIGN KEY (live_department_id)
        REFERENCES organization.departments (id) ON DELETE RESTRICT,
    CONSTRAINT grants_granted_by_fk FOREIGN KEY (granted_by) REFERENCES identity.users (id) ON DELETE RESTRICT,
    CONSTRAINT grants_ended_by_fk FOREIGN KEY (ended_by) REFERENCES identity.users (id) ON DELETE RESTRICT,
    CONSTRAINT grants_department_in_organization CHECK (department_id IS NULL OR organization_id IS NOT NULL),
    CONSTRAINT grants_period CHECK (valid_until > coalesce(valid_from, granted_at)),
    CONSTRAINT grants_calendar CHECK (valid_from >= '0001-01-01Z' AND valid_from < '10000-01-01Z' AND valid_until >= '0001-01-01Z' AND valid_until < '10000-01-01Z'),
    CONSTRAINT grants_end CHECK (ended_at >= granted_at OR (ended_at IS NULL AND ended_by IS NULL AND end_reason IS NULL))
);

-- Each decision about a user begins here.
CREATE INDEX grants_live_idx ON access.grants (user_id) WHERE ended_at IS NULL;
CREATE INDEX grants_user_idx ON access.grants (user_id, id);
CREATE INDEX grants_role_idx ON access.grants (role_id, id);
CREATE INDEX grants_organization_idx ON access.grants (organization_id, id);
CREATE INDEX grants_department_idx ON access.grants (department_id, id);
CREATE INDEX grants_live_organization_idx ON access.grants (live_organization_id) WHERE live_organization_id IS NOT NULL;
CREATE INDEX grants_live_department_idx ON access.grants (live_department_id) WHERE live_department_id IS NOT NULL;

COMMENT ON TABLE access.grants IS 'A ledger: who may do what where, since when, until when, by whom and why. Rows are ended, never changed or deleted.';
COMMENT ON COLUMN access.grants.organization_id IS 'null: for the whole system; else for the organization, or its department with everything below that.';

-- The ledger keeps itself, whoever writes to it.
CREATE FUNCTION access.keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
            AND (NEW.id, NEW.user_id, NEW.role_id, NEW.granted_at) = (OLD.id, OLD.user_id, OLD.role_id, OLD.granted_at)
            AND (NEW.organization_id, NEW.department_id, NEW.valid_from, NEW.valid_until, NEW.reason, NEW.granted_by)
                IS NOT DISTINCT FROM (OLD.organization_id, OLD.department_id, OLD.valid_from, OLD.valid_until, OLD.reason, OLD.granted_by)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'grants are a ledger: they are ended once, and never changed or deleted';
END
$$;
CREATE TRIGGER grants_ledger BEFORE UPDATE OR DELETE ON access.grants
    FOR EACH ROW EXECUTE FUNCTION access.keep_ledger();
CREATE TRIGGER grants_not_emptied BEFORE TRUNCATE ON access.grants
    FOR EACH STATEMENT EXECUTE FUNCTION access.keep_ledger();

CREATE TABLE access.changes (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bigint      NOT NULL,
    xid xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX changes_xid_idx ON access.changes (xid);
CREATE INDEX changes_at_idx ON access.changes (at);

COMMENT ON TABLE access.changes IS 'Users whose grants changed, and 0 when a role did: every replica holds them in memory.';
