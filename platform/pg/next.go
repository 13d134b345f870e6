package pg

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// queued is a statement that is sent together with the next one of its transaction.
type queued struct {
	Call
	take func(pgx.Rows) error
}

// AtNext lets a call of the context's transaction that changes nothing, such as a lock, be sent together with the next statement:
// it is run before that one, in the same round trip. rows returns what it gave, once the next statement has been run; its error is
// also that statement's. Outside of a transaction, and where no statement was sent since, rows runs it.
//
// Errors of rows: those of All.
func AtNext[T any](ctx context.Context, db *DB, call Call, fields Fields[T]) (rows func() ([]T, error)) {
	t := txFrom(ctx, db.pool)
	if t == nil || call.err != nil {
		return func() ([]T, error) { return All(ctx, db, call, fields) }
	}
	items, run := []T{}, false
	t.next = append(t.next, queued{call, func(found pgx.Rows) error {
		var item T
		into := fields(&item)
		for found.Next() {
			if err := found.Scan(into...); err != nil {
				return err
			}
			items = append(items, item)
		}
		run = found.Err() == nil
		return found.Err()
	}})
	return func() ([]T, error) {
		if !run { // or it failed, and so does whatever comes after it
			if _, err := db.Exec(ctx, nothing); err != nil {
				return nil, err
			}
		}
		return items, nil
	}
}

// Nothing is the fields of rows that nobody wants.
func Nothing(*struct{}) []any { return []any{nil} }

var nothing = Call{Statement: Statement{name: "send what is queued", sql: "SELECT", reads: true, built: true}}
