package journal

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/change"
	"erp.internal/platform/httpx"
	"erp.internal/platform/pg"
)

// answersFor is how long an answer is stored.
const answersFor = "24 hours"

// Answers implements httpx.Answers: the table journal.answers.
type Answers struct {
	db                             *pg.DB
	find, lock, there, keep, prune pg.Statement
}

// NewAnswers makes it.
func NewAnswers(db *pg.DB) *Answers {
	const of = "actor_kind = $1 AND actor_id = $2 AND key = $3"
	const live = "at > now() - interval '" + answersFor + "'"
	return &Answers{
		db: db.Storing(map[string]error{"answers_pkey": change.ErrUnderWay}),
		find: pg.Reads("find a kept answer", squirrel.Expr(`SELECT fingerprint, status, coalesce(location, ''), coalesce(etag, ''), body
			FROM journal.answers WHERE `+of+` AND `+live)),
		// Two servers may receive the same request at once: the one that gets the lock carries it out. It then checks again for
		// an answer in a separate statement: the snapshot of the statement that takes the lock may be older than the commit of
		// the lock's last holder.
		lock:  pg.Reads("lock a key", squirrel.Expr("SELECT pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2::bigint || ' ' || $3, 0))::int")),
		there: pg.Reads("look for a kept answer", squirrel.Expr("SELECT count(*) FROM journal.answers WHERE "+of+" AND "+live)),
		keep: pg.Changes("keep an answer", squirrel.Expr(`INSERT INTO journal.answers AS old (actor_kind, actor_id, key, fingerprint, status, location, etag, body)
			VALUES ($1, $2, $3, $4, $5, nullif($6, ''), nullif($7, ''), $8)
			ON CONFLICT ON CONSTRAINT answers_pkey DO UPDATE SET at = now(), fingerprint = excluded.fingerprint, status = excluded.status,
				location = excluded.location, etag = excluded.etag, body = excluded.body
			WHERE old.at <= now() - interval '`+answersFor+`'`)),
		prune: pg.Changes("prune answers", squirrel.Expr("DELETE FROM journal.answers WHERE at <= now() - interval '"+answersFor+"'")),
	}
}

// Find implements httpx.Answers.
func (a *Answers) Find(ctx context.Context, of httpx.KeyedRequest) (httpx.KeptAnswer, bool, error) {
	found, err := pg.All(ctx, a.db, a.find.With(string(of.Caller.Kind), of.Caller.ID, of.Key), answerFields)
	if err != nil || len(found) == 0 {
		return httpx.KeptAnswer{}, false, err
	}
	return found[0], true, nil
}

func answerFields(k *httpx.KeptAnswer) []any {
	return []any{&fingerprint{k}, &k.Status, &k.Location, &k.ETag, &k.Body}
}

// fingerprint scans bytes of a fixed length.
type fingerprint struct{ of *httpx.KeptAnswer }

// ScanBytes implements pgtype.BytesScanner.
func (f *fingerprint) ScanBytes(b []byte) error {
	copy(f.of.Fingerprint[:], b)
	return nil
}

// Begin implements httpx.Answers.
func (a *Answers) Begin(ctx context.Context, of httpx.KeyedRequest) error {
	caller := []any{string(of.Caller.Kind), of.Caller.ID, of.Key}
	mine, err := pg.One(ctx, a.db, a.lock.With(caller...), pg.Int, nil)
	if err != nil {
		return err
	}
	if mine == 0 {
		return change.ErrUnderWay
	}
	kept, err := pg.One(ctx, a.db, a.there.With(caller...), pg.Int, nil)
	if err == nil && kept > 0 {
		return change.ErrUnderWay
	}
	return err
}

// Keep implements httpx.Answers.
func (a *Answers) Keep(ctx context.Context, of httpx.KeyedRequest, k httpx.KeptAnswer) {
	a.db.AtCommit(ctx, a.keep.With(string(of.Caller.Kind), of.Caller.ID, of.Key, k.Fingerprint[:], k.Status, k.Location, k.ETag, k.Body))
}

// Prune deletes expired answers.
//
// Errors: pg.ErrUnavailable.
func (a *Answers) Prune(ctx context.Context) error {
	_, err := a.db.Exec(ctx, a.prune.With())
	return err
}

// pruning is the interval of Prune.
const pruning = 10 * time.Minute
