package pg

import (
	"context"
	"errors"
	"fmt"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
)

// Build starts every statement; placeholders are written as ?.
var Build = squirrel.StatementBuilder.PlaceholderFormat(squirrel.Dollar)

// Statement is SQL that is built once, when a repository is made: building costs about as much as running.
type Statement struct {
	name string
	sql  string
	err  error
}

// Static builds a statement; its placeholders are filled by With. A builder's error is given by every run.
func Static(name string, b squirrel.Sqlizer) Statement {
	sql, _, err := b.ToSql()
	return Statement{name: name, sql: sql, err: err}
}

// With gives the statement with its arguments, in the order of its placeholders.
func (s Statement) With(args ...any) Call { return Call{Statement: s, args: args} }

// Call is a statement with its arguments.
type Call struct {
	Statement
	args []any
}

// Dynamic builds a statement whose text depends on the request, such as a filtered list.
func Dynamic(name string, b squirrel.Sqlizer) Call {
	sql, args, err := b.ToSql()
	return Call{Statement: Statement{name: name, sql: sql, err: err}, args: args}
}

// Exec runs a call and gives the number of rows it changed.
//
// Errors: those of Storing and Deleting, ErrUnavailable.
func (db *DB) Exec(ctx context.Context, call Call) (int64, error) {
	if call.err != nil {
		return 0, call.wrap(call.err)
	}
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	tag, err := db.runner(ctx).Exec(ctx, call.sql, call.args...)
	if err != nil {
		return 0, call.wrap(db.constraints.explain(err))
	}
	return tag.RowsAffected(), nil
}

// One runs a call that gives one row, or missing when there is none; missing is nil for a call that always gives one.
//
// Errors: missing, those of Storing and Deleting, ErrUnavailable.
func One[T any](ctx context.Context, db *DB, call Call, scan func(pgx.Row) (T, error), missing error) (T, error) {
	var none T
	if call.err != nil {
		return none, call.wrap(call.err)
	}
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	item, err := scan(db.runner(ctx).QueryRow(ctx, call.sql, call.args...))
	if missing != nil && errors.Is(err, pgx.ErrNoRows) {
		return none, missing
	}
	if err != nil {
		return none, call.wrap(db.constraints.explain(err))
	}
	return item, nil
}

// All runs a call and gives every row.
//
// Errors: those of Storing and Deleting, ErrUnavailable.
func All[T any](ctx context.Context, db *DB, call Call, scan func(pgx.Row) (T, error)) ([]T, error) {
	if call.err != nil {
		return nil, call.wrap(call.err)
	}
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	rows, err := db.runner(ctx).Query(ctx, call.sql, call.args...)
	if err != nil {
		return nil, call.wrap(db.constraints.explain(err))
	}
	defer rows.Close()
	items := []T{}
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, call.wrap(db.constraints.explain(err))
		}
		items = append(items, item)
	}
	if err := rows.Err(); err != nil {
		return nil, call.wrap(db.constraints.explain(err))
	}
	return items, nil
}

// Int scans a row of one number.
func Int(row pgx.Row) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

func (s Statement) wrap(err error) error { return fmt.Errorf("%s: %w", s.name, err) }
