package pg

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	attempts  = 6
	firstWait = 5 * time.Millisecond // doubled after each attempt, half of it by chance
)

// InTx runs fn in a transaction that travels in fn's context; a call inside another joins its transaction. fn is retried
// when the database asks for it (serialization failure, deadlock) and when its connection was lost before the commit, so it
// must have no other effects.
//
// Errors: fn's own, ErrUnavailable, ErrOutcomeUnknown.
func (db *DB) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if t := txFrom(ctx, db.pool); t != nil {
		t.joined++
		defer func() { t.joined-- }()
		return fn(ctx)
	}
	wait := firstWait
	retried, locks := false, false
	for attempt := 1; ; attempt++ {
		retry, err := db.attempt(ctx, fn, locks)
		if locks = true; errors.Is(err, errAssumed) {
			attempt--
			continue
		}
		if retry && !retried { // without a wait: this is not a conflict with other transactions
			retried = true
			continue
		}
		if err == nil || !isConflict(err) || attempt == attempts {
			return db.constraints.explain(err)
		}
		select {
		case <-ctx.Done():
			return db.constraints.explain(ctx.Err())
		case <-time.After(wait/2 + rand.N(wait/2)): //nolint:gosec // chance that need not be unpredictable
			wait *= 2
		}
	}
}

// attempt runs fn in one transaction. retry says that the connection was lost or closed before COMMIT was sent: nothing was
// stored, and a retry on another connection may succeed. errAssumed says that a row was assumed, and nothing is stored.
func (db *DB) attempt(ctx context.Context, fn func(ctx context.Context) error, locks bool) (retry bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	ending := context.WithoutCancel(ctx) // once begun, a transaction is ended properly also when the caller has gone
	t := &transaction{db: db, locks: locks}
	defer t.end(ending)
	err = fn(context.WithValue(ctx, txKey{db.pool}, t))
	if t.assumes.Valid && ctx.Err() == nil {
		return false, errAssumed
	}
	if t.sent {
		return t.finished(err)
	}
	if t.isLost() {
		if err == nil {
			err = ErrUnavailable.WithCause(pgconn.ErrConnClosed)
		}
		return !late(err), err
	}
	if err != nil {
		return false, err
	}
	err = t.commit(ending)
	if isConflict(err) || err != nil && t.conn == nil {
		return false, err
	}
	if isUnsent(err) {
		return t.isLost() && !late(err), db.constraints.explain(err)
	}
	err = db.constraints.explainChange(err)
	t.runAfterCommit(err)
	return false, err
}

// finished reports the outcome of a transaction whose last statement was sent together with COMMIT. The error of its function
// is that of the statement, or a fault.
func (t *transaction) finished(err error) (retry bool, meant error) {
	t.runAfterCommit(err)
	switch {
	case t.stored && err != nil:
		return false, fmt.Errorf("%w: %v", errAfterLast, err) //nolint:errorlint // whatever it says: that nothing was stored is not true
	case t.stored:
		return false, nil
	case err == nil: // the function swallowed the error of the statement
		return false, t.db.constraints.explainChange(t.closed)
	}
	return t.isLost() && !late(err) && !errors.Is(err, ErrOutcomeUnknown), err
}

// runAfterCommit runs the callbacks if the commit succeeded or its outcome is unknown.
func (t *transaction) runAfterCommit(err error) {
	if err == nil || t.stored || errors.Is(err, ErrOutcomeUnknown) {
		for _, do := range t.after {
			do()
		}
	}
}

// AfterCommit implements change.Store: do runs once the context's transaction is stored, or when nobody knows whether it is; at
// once where there is none.
func (db *DB) AfterCommit(ctx context.Context, do func()) {
	if t := txFrom(ctx, db.pool); t != nil {
		t.after = append(t.after, do)
		return
	}
	do()
}

// AtEnd implements change.Store: do runs when the context's transaction has ended, whether it is stored or not; at once where
// there is none.
func (db *DB) AtEnd(ctx context.Context, do func()) {
	if t := txFrom(ctx, db.pool); t != nil {
		t.atEnd = append(t.atEnd, do)
		return
	}
	do()
}

// AtCommit lets a call of the context's transaction be sent together with its COMMIT: nobody waits for its answer alone. A
// transaction that changes nothing else is begun, too.
func (db *DB) AtCommit(ctx context.Context, call Call) {
	t := txFrom(ctx, db.pool)
	t.last = append(t.last, call)
}

// Inside reports whether a context is that of a transaction of this database.
func (db *DB) Inside(ctx context.Context) bool { return txFrom(ctx, db.pool) != nil }

// Changed reports whether the context's transaction has changed anything yet.
func (db *DB) Changed(ctx context.Context) bool {
	t := txFrom(ctx, db.pool)
	return t != nil && t.changed
}

// isConflict reports whether Postgres asks to retry the whole transaction after this error.
func isConflict(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && (server.Code == serializationFailure || server.Code == deadlockDetected)
}

// isUnsent reports whether none of the statements that were to be sent together was sent.
func isUnsent(err error) bool {
	var unsent pgx.ErrPreprocessingBatch
	return errors.As(err, &unsent)
}

type txKey struct{ pool *pgxpool.Pool }

func txFrom(ctx context.Context, pool *pgxpool.Pool) *transaction {
	t, _ := ctx.Value(txKey{pool}).(*transaction)
	return t
}
