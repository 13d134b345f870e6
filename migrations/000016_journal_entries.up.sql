-- What happened: who changed what, where, when, by which operation, from what to what. Rows that decide stay the truth; this
-- is their record, and what tells every server what to forget.
CREATE SCHEMA journal;

CREATE TABLE journal.entries (
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    xid             xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at              timestamptz NOT NULL DEFAULT now(),
    actor_kind      text        NOT NULL,
    actor_id        bigint,
    request_id      text,
    session_id      bigint,
    address         inet,
    operation       text        NOT NULL,
    kind            text        NOT NULL,
    subject_kind    text        NOT NULL,
    subject_id      bigint      NOT NULL,
    user_id         bigint,
    organization_id bigint,
    department_id   bigint,
    reason          text,
    public          jsonb,
    personal        jsonb,
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);

-- What is new to a server.
CREATE INDEX entries_xid_idx ON journal.entries (xid);
-- What happened to something, to a user, in an organization.
CREATE INDEX entries_subject_idx ON journal.entries (subject_kind, subject_id, at, id);
CREATE INDEX entries_user_idx ON journal.entries (user_id, at, id) WHERE user_id IS NOT NULL;
CREATE INDEX entries_organization_idx ON journal.entries (organization_id, at, id) WHERE organization_id IS NOT NULL;

COMMENT ON TABLE journal.entries IS 'What happened. Rows are added, never changed or deleted; personal may be erased.';
COMMENT ON COLUMN journal.entries.user_id IS 'Whom it is about where the subject is something that a user has, such as a grant.';
COMMENT ON COLUMN journal.entries.public IS 'The fields that changed: [before, after] by name; [] where what they hold is a secret.';
COMMENT ON COLUMN journal.entries.personal IS 'The same of fields that say something of a person.';

-- The journal keeps itself, whoever writes to it: what now() is does not depend on the writer's search path.
CREATE FUNCTION journal.keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    erased journal.entries;
BEGIN
    IF TG_OP = 'INSERT' THEN
        RAISE EXCEPTION 'the journal says when something was stored, and by which transaction';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        erased := OLD;
        erased.personal := NULL;
        IF NEW IS NOT DISTINCT FROM erased THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the journal is added to: nothing in it is changed or deleted';
END
$$;
CREATE TRIGGER entries_kept BEFORE UPDATE OR DELETE ON journal.entries
    FOR EACH ROW EXECUTE FUNCTION journal.keep();
CREATE TRIGGER entries_dated BEFORE INSERT ON journal.entries -- a condition costs a writer less than a call of the function
    FOR EACH ROW WHEN (NEW.at IS DISTINCT FROM now() OR NEW.xid IS DISTINCT FROM pg_current_xact_id()) EXECUTE FUNCTION journal.keep();
CREATE TRIGGER entries_not_emptied BEFORE TRUNCATE ON journal.entries
    FOR EACH STATEMENT EXECUTE FUNCTION journal.keep();

-- Where a month has none of its own, its rows are in this one, so that no change fails for the lack of a partition.
CREATE TABLE journal.entries_other PARTITION OF journal.entries DEFAULT;
CREATE TRIGGER entries_not_emptied BEFORE TRUNCATE ON journal.entries_other
    FOR EACH STATEMENT EXECUTE FUNCTION journal.keep();

-- prepare makes the partitions of the present month and the three after it, unless they are there or rows of theirs are in
-- entries_other. A new partition waits for whoever reads entries_other, and everybody who reads the journal waits for that:
-- so it does not wait for long, and is tried again another time.
CREATE FUNCTION journal.prepare() RETURNS void LANGUAGE plpgsql SET lock_timeout = '500ms' AS $$
DECLARE
    first timestamptz;
    following timestamptz;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock('journal.entries'::regclass::oid::bigint);
    FOR n IN 0..3 LOOP
        first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n)) AT TIME ZONE 'UTC';
        following := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n + 1)) AT TIME ZONE 'UTC';
        name := 'entries_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
        CONTINUE WHEN to_regclass('journal.' || name) IS NOT NULL
            OR EXISTS (SELECT FROM journal.entries_other WHERE at >= first AND at < following);
        EXECUTE format('CREATE TABLE journal.%I PARTITION OF journal.entries FOR VALUES FROM (%L) TO (%L)', name, first, following);
        EXECUTE format('CREATE TRIGGER entries_not_emptied BEFORE TRUNCATE ON journal.%I FOR EACH STATEMENT EXECUTE FUNCTION journal.keep()', name);
    END LOOP;
END
$$;
SELECT journal.prepare();
