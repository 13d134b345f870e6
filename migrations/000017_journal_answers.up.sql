-- What POST requests with an Idempotency-Key were answered, for clients that send them again. It is written in the
-- transaction of the change.
CREATE TABLE journal.answers (
    actor_kind  text        NOT NULL,
    actor_id    bigint      NOT NULL,
    key         text        NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    fingerprint bytea       NOT NULL,
    status      int         NOT NULL,
    location    text,
    etag        text,
    body        bytea,
    CONSTRAINT answers_pkey PRIMARY KEY (actor_kind, actor_id, key)
);
CREATE INDEX answers_at_idx ON journal.answers (at);

COMMENT ON COLUMN journal.answers.actor_id IS '0 for an actor that is no user.';
COMMENT ON COLUMN journal.answers.fingerprint IS 'SHA-256 of the request.';
COMMENT ON COLUMN journal.answers.status IS '0 where the answer is not kept, since it may hold a secret.';
