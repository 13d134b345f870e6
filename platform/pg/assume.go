package pg

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// A transaction that reads a row, and changes it by one statement, can do so in one round trip: it assumes that the row is as it
// was read before, and its only statement changes the row only if that is so. Whatever else comes of an assumption counts for
// nothing: the transaction is then run again, and locks the row.

// ToChange returns a row that the context's transaction will change. Either it is locked until the transaction ends, or it is
// assumed: then it may have changed since, and only a last statement (see Last) with the condition Assumed stores anything. Any
// other statement and any other end, such as an error, lets the transaction be run again with a lock. It must be read before the
// transaction runs anything.
//
// Errors: Missing, ErrUnavailable.
func (r *Rows[T]) ToChange(ctx context.Context, id int64) (T, error) {
	t := txFrom(ctx, r.db.pool)
	if t == nil || !t.mayAssume() || r.lock.err != nil {
		return r.Lock(ctx, id)
	}
	found, err := r.byID(t.outside(ctx), id)
	if err != nil && !errors.Is(err, r.options.Missing) { // that it is missing is assumed as well, and then looks like one that is hidden
		return found.row, err
	}
	t.assumes = pgtype.Uint32{Uint32: found.by, Valid: true}
	return found.row, err
}

// Lock returns a row that is locked until the context's transaction ends.
//
// Errors: Missing, ErrUnavailable.
func (r *Rows[T]) Lock(ctx context.Context, id int64) (T, error) {
	return One(ctx, r.db, r.lock.With(id), r.options.Fields, r.options.Missing)
}

// Assumed is the WHERE of a statement that changes a row which ToChange returned. Its argument is that of Assumption.
const Assumed = "xmin = coalesce(?, xmin)"

// Assumption returns the argument of Assumed: null when the row is locked.
func (db *DB) Assumption(ctx context.Context) any {
	if t := txFrom(ctx, db.pool); t != nil {
		return t.assumes
	}
	return pgtype.Uint32{}
}

// Outside returns a context in which reads see what anybody else sees, and false for that of a transaction that may have changed
// something. A transaction that assumes a row has run nothing: what else it reads first, such as permissions, it reads outside.
func (db *DB) Outside(ctx context.Context) (context.Context, bool) {
	t := txFrom(ctx, db.pool)
	switch {
	case t == nil:
		return ctx, true
	case t.assumes.Valid && t.closed == nil:
		return t.outside(ctx), true
	}
	return ctx, false
}

func (t *transaction) outside(ctx context.Context) context.Context {
	return context.WithValue(ctx, txKey{t.db.pool}, (*transaction)(nil))
}

// errNoLock is a fault of the program.
var errNoLock = errors.New("these rows are not to be changed: they were made without ForUpdate")

// errAssumed is why a statement of a transaction that assumes a row is not run.
var errAssumed = errors.New("the transaction assumes a row, and this is not its last statement")

// mayAssume reports whether the transaction has run nothing, and is not run again since an assumption did not hold.
func (t *transaction) mayAssume() bool {
	return !t.locks && !t.begun && t.closed == nil && t.joined == 0 && len(t.next) == 0 && len(t.last) == 0
}

// requireNoAssumption refuses a statement that the assumption does not cover.
func (t *transaction) requireNoAssumption() error {
	if t.assumes.Valid {
		t.closed = errAssumed
	}
	return t.closed
}

// settle notes what became of the last statement of a transaction with an assumption. Without a row it did not hold.
func (t *transaction) settle(err error) {
	t.assumes.Valid = t.assumes.Valid && errors.Is(err, pgx.ErrNoRows)
}
