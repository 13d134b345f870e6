package pg

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"erp.internal/platform/errs"
)

// Remove runs a call that retires one row, or deletes it. When rows of a table that Deleting did not name still refer to it, such as
// one of another module, the error says how many there are: "This is still in use: 3 users", and {"what":"users","count":3}. The call runs in the
// context's transaction, which stays usable.
//
// Errors: those of Deleting, ErrInUse, ErrUnavailable, ErrOutcomeUnknown.
func (db *DB) Remove(ctx context.Context, call Call, id int64) error {
	return db.InTx(ctx, func(ctx context.Context) error {
		t := txFrom(ctx, db.pool)
		tag, err := t.try(running(ctx), call.sql, call.args...)
		if err == nil {
			note(t, call, tag.RowsAffected() > 0)
			return nil
		}
		meant := db.constraints.explain(err)
		var violated *pgconn.PgError
		if !errors.Is(meant, ErrInUse) || !errors.As(err, &violated) {
			return call.wrap(meant)
		}
		table, rows, counted := references(running(ctx), t, violated, id)
		if counted != nil {
			return call.wrap(db.constraints.explain(counted))
		}
		return call.wrap(InUse(table, rows).WithCause(err))
	})
}

// InUse is ErrInUse with how many rows of a table, whose name is a plural, are in the way.
func InUse(table string, rows int64) *errs.Error {
	things := strings.ReplaceAll(table, "_", " ")
	if rows == 1 {
		things = strings.TrimSuffix(things, "s")
	}
	return ErrInUse.WithMessage("This is still in use: %d %s", rows, things).WithParams(errs.Params{"what": table, "count": rows})
}

// references counts the rows that refer to an id by the key that was violated.
func references(ctx context.Context, on runner, violated *pgconn.PgError, id int64) (table string, rows int64, err error) {
	var column string
	err = on.QueryRow(ctx, `SELECT a.attname FROM pg_constraint c
		JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.conname = $1 AND n.nspname = $2 AND t.relname = $3`,
		violated.ConstraintName, violated.SchemaName, violated.TableName).Scan(&column)
	if err != nil {
		return "", 0, err
	}
	from := pgx.Identifier{violated.SchemaName, violated.TableName}.Sanitize()
	err = on.QueryRow(ctx, "SELECT count(*) FROM "+from+" WHERE "+pgx.Identifier{column}.Sanitize()+" = $1", id).Scan(&rows)
	return violated.TableName, rows, err
}
