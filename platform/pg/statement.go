package pg

import (
	"context"
	"errors"
	"fmt"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Build starts every statement; placeholders are written as ?.
var Build = squirrel.StatementBuilder.PlaceholderFormat(squirrel.Dollar)

// Statement is SQL that is built once, when a repository is made: building costs about as much as running.
type Statement struct {
	name  string
	sql   string
	reads bool // and changes nothing
	built bool // once: there are only so many of them
	err   error
}

// Reads builds a statement that changes nothing, though it may lock rows; its placeholders are filled by With. A builder's
// error is given by every run.
func Reads(name string, b squirrel.Sqlizer) Statement {
	sql, _, err := b.ToSql()
	return Statement{name: name, sql: sql, reads: true, built: true, err: err}
}

// Changes builds a statement that changes something; see Reads.
func Changes(name string, b squirrel.Sqlizer) Statement {
	sql, _, err := b.ToSql()
	return Statement{name: name, sql: sql, built: true, err: err}
}

// With returns the statement with its arguments, in the order of its placeholders.
func (s Statement) With(args ...any) Call { return Call{Statement: s, args: args} }

// Call is a statement with its arguments.
type Call struct {
	Statement
	args    []any
	custom  bool   // the server plans it anew for these arguments
	generic bool   // the server has one plan for all arguments
	lists   bool   // see ListsOnce
	begins  func() // unless nil, is called before it is sent, when it has its connection
}

// Custom returns the call to be planned anew for its arguments, where the best plan depends on their values: on how many
// rows have them. Planning costs more than preparing the statement once.
func (c Call) Custom() Call {
	c.custom = true
	return c
}

// Generic returns the call to be planned once for all arguments. It is for statements of many parts, which take longer to plan
// than to run, and that leave the planner no choice that depends on a value. Their texts must be few.
func (c Call) Generic() Call {
	c.generic, c.custom = true, false
	return c
}

// oneForAll makes the plans of a transaction those for all arguments: PostgreSQL takes such a plan otherwise only if it expects it to
// be as good as those for the arguments, and it knows less of them.
const oneForAll = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)"

// query runs a call that gives rows.
func (db *DB) query(ctx context.Context, on runner, call Call) (pgx.Rows, error) {
	conn, alone := on.(*pgxpool.Conn)
	if !alone || !call.generic || !db.prepares {
		return on.Query(running(ctx), call.sql, db.arguments(on, call)...)
	}
	var batch pgx.Batch // which is a transaction
	batch.Queue(oneForAll)
	batch.Queue(call.sql, call.args...)
	results := conn.SendBatch(running(ctx), &batch)
	if _, err := results.Exec(); err != nil {
		_ = results.Close() // which gives the same error
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close()
		return nil, err
	}
	return lastRows{rows, results}, nil
}

// lastRows are the rows of the last statement of a batch.
type lastRows struct {
	pgx.Rows
	of pgx.BatchResults
}

// Close implements pgx.Rows.
func (r lastRows) Close() {
	r.Rows.Close()
	_ = r.of.Close() // the error of the rows is theirs
}

// arguments are those of the driver.
func (db *DB) arguments(on runner, call Call) []any {
	if _, alone := on.(*pgxpool.Conn); alone && call.custom && db.prepares {
		return append([]any{pgx.QueryExecModeCacheDescribe}, call.args...)
	}
	return call.args
}

// ReadsOnce is Reads for a statement whose text depends on the request, such as a filtered list.
func ReadsOnce(name string, b squirrel.Sqlizer) Call {
	sql, args, err := b.ToSql()
	return Call{Statement: Statement{name: name, sql: sql, reads: true, err: err}, args: args}
}

// ChangesOnce is Changes for a statement whose text depends on the request.
func ChangesOnce(name string, b squirrel.Sqlizer) Call {
	sql, args, err := b.ToSql()
	return Call{Statement: Statement{name: name, sql: sql, err: err}, args: args}
}

// Exec runs a call and gives the number of rows it changed.
//
// Errors: those of Storing and Deleting, ErrUnavailable, ErrOutcomeUnknown.
func (db *DB) Exec(ctx context.Context, call Call) (int64, error) {
	changed, retry, err := db.exec(ctx, call)
	if retry {
		changed, _, err = db.exec(ctx, call)
	}
	return changed, err
}

func (db *DB) exec(ctx context.Context, call Call) (changed int64, retry bool, err error) {
	if call.err != nil {
		return 0, false, call.wrap(call.err)
	}
	on, err := db.enter(ctx, call)
	if err != nil {
		return 0, false, call.wrap(db.constraints.explain(err))
	}
	defer db.leave(on)
	if retry, err := db.prepare(ctx, on, call); err != nil {
		return 0, retry, err
	}
	tag, err := on.Exec(running(ctx), call.sql, call.args...)
	if err != nil {
		retry, err = db.failed(on, call, err)
		return 0, retry, err
	}
	note(on, call, tag.RowsAffected() > 0)
	return tag.RowsAffected(), false, nil
}

// note notes that a transaction has changed something.
func note(on runner, call Call, changed bool) {
	if t, is := on.(*transaction); is && changed && !call.reads {
		t.changed = true
	}
}

// Fields returns where a row's columns go, in their order, in an item. A list's rows all go through one item, which is
// then copied: what it points to must be new with each row, as pgx makes it.
type Fields[T any] func(*T) []any

// One runs a call that gives one row, or missing when there is none; missing is nil for a call that always gives one.
//
// Errors: missing, those of Storing and Deleting, ErrUnavailable, ErrOutcomeUnknown.
func One[T any](ctx context.Context, db *DB, call Call, fields Fields[T], missing error) (T, error) {
	item, retry, err := one(ctx, db, call, fields, missing)
	if retry {
		item, _, err = one(ctx, db, call, fields, missing)
	}
	return item, err
}

func one[T any](ctx context.Context, db *DB, call Call, fields Fields[T], missing error) (item T, retry bool, err error) {
	var none T
	if call.err != nil {
		return none, false, call.wrap(call.err)
	}
	ctx, leave, err := db.lists.enter(ctx, db, call)
	if err != nil {
		return none, false, call.wrap(db.constraints.explain(err))
	}
	defer leave()
	on, err := db.enter(ctx, call)
	if err != nil {
		return none, false, call.wrap(db.constraints.explain(err))
	}
	defer db.leave(on)
	if retry, err := db.prepare(ctx, on, call); err != nil {
		return none, retry, err
	}
	err = db.row(ctx, on, call, fields(&item))
	if missing != nil && errors.Is(err, pgx.ErrNoRows) {
		return none, false, missing
	}
	if err != nil {
		retry, err = db.failed(on, call, err)
		return none, retry, err
	}
	note(on, call, true)
	return item, false, nil
}

// row runs a call that gives one row.
func (db *DB) row(ctx context.Context, on runner, call Call, into []any) error {
	if t, is := on.(*transaction); is {
		if insert := t.insertWith(ctx, call); insert != nil {
			return t.finish(ctx, call, insert, into)
		}
	}
	return on.QueryRow(running(ctx), call.sql, db.arguments(on, call)...).Scan(into...)
}

// All runs a call and gives every row.
//
// Errors: those of Storing and Deleting, ErrUnavailable, ErrOutcomeUnknown.
func All[T any](ctx context.Context, db *DB, call Call, fields Fields[T]) ([]T, error) {
	items := []T{}
	err := each(ctx, db, call, fields, func(item T, _ int) bool {
		items = append(items, item)
		return true
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// Each runs a call and hands every row to take, one at a time, so that no more of them is in memory than take keeps. The
// connection is in use until the last: take must not wait for anything.
//
// Errors: those of All.
func Each[T any](ctx context.Context, db *DB, call Call, fields Fields[T], take func(T)) error {
	return each(ctx, db, call, fields, func(item T, _ int) bool {
		take(item)
		return true
	})
}

// each hands every row to take, with its size in bytes as the server sent it, until take returns false. The rows after
// that one are not kept.
func each[T any](ctx context.Context, db *DB, call Call, fields Fields[T], take func(item T, size int) bool) error {
	taken, retry, err := rows(ctx, db, call, fields, take)
	if retry && taken == 0 {
		_, _, err = rows(ctx, db, call, fields, take)
	}
	return err
}

func rows[T any](ctx context.Context, db *DB, call Call, fields Fields[T], take func(item T, size int) bool) (taken int, retry bool, err error) {
	if call.err != nil {
		return 0, false, call.wrap(call.err)
	}
	ctx, leave, err := db.lists.enter(ctx, db, call)
	if err != nil {
		return 0, false, call.wrap(db.constraints.explain(err))
	}
	defer leave()
	on, err := db.enter(ctx, call)
	if err != nil {
		return 0, false, call.wrap(db.constraints.explain(err))
	}
	defer db.leave(on)
	if call.begins != nil {
		call.begins()
	}
	return rowsOn(ctx, db, on, call, fields, take)
}

// rowsOn is rows of a call that has its runner.
func rowsOn[T any](ctx context.Context, db *DB, on runner, call Call, fields Fields[T], take func(item T, size int) bool) (taken int, retry bool, err error) {
	if retry, err := db.prepare(ctx, on, call); err != nil {
		return 0, retry, err
	}
	rows, err := db.query(ctx, on, call)
	if err != nil {
		retry, err = db.failed(on, call, err)
		return 0, retry, err
	}
	defer rows.Close()
	var item T
	into := fields(&item)
	for ; rows.Next(); taken++ {
		if err := rows.Scan(into...); err != nil {
			retry, err = db.failed(on, call, err)
			return taken, retry, err
		}
		size := 0
		for _, value := range rows.RawValues() {
			size += len(value)
		}
		if !take(item, size) {
			return taken + 1, false, nil
		}
	}
	if err := rows.Err(); err != nil {
		retry, err = db.failed(on, call, err)
		return taken, retry, err
	}
	note(on, call, taken > 0)
	return taken, false, nil
}

// Int is the field of a row of one number.
func Int(n *int64) []any { return []any{n} }

// NullText is the field of a text that may be null. pgx would find the way to a **string by reflection, for each row.
func NullText(s **string) any { return nullText{s} }

type nullText struct{ to **string }

// ScanText implements pgtype.TextScanner.
func (n nullText) ScanText(v pgtype.Text) error {
	*n.to = nil
	if v.Valid {
		s := v.String
		*n.to = &s
	}
	return nil
}

// TextOrNone is the field of a text that is null where it would be "".
func TextOrNone(s *string) any { return textOrNone{s} }

type textOrNone struct{ to *string }

// ScanText implements pgtype.TextScanner.
func (n textOrNone) ScanText(v pgtype.Text) error {
	*n.to = v.String // "" for null
	return nil
}

// prepare prepares a change outside a transaction before it is sent, where it would be prepared anyway: a connection that
// is found lost by that has stored nothing.
func (db *DB) prepare(ctx context.Context, on runner, call Call) (retry bool, err error) {
	conn, alone := on.(*pgxpool.Conn)
	if !alone || call.reads || !call.built || !db.prepares {
		return false, nil
	}
	if _, err := conn.Conn().Prepare(running(ctx), call.sql, call.sql); err != nil {
		return conn.Conn().IsClosed() && !late(err), call.wrap(db.constraints.explain(err))
	}
	return false, nil
}

// failed converts the error of a call. In a transaction nothing of the call is stored; outside of one, a change may be. retry
// says that nothing is stored, and that a retry on another connection may succeed.
func (db *DB) failed(on runner, call Call, err error) (retry bool, meant error) {
	conn, alone := on.(*pgxpool.Conn)
	if !alone {
		if t, is := on.(*transaction); is && t.sent {
			return false, call.wrap(db.constraints.explainChange(err))
		}
		return false, call.wrap(db.constraints.explain(err))
	}
	meant = db.constraints.explain(err)
	if !call.reads {
		meant = db.constraints.explainChange(err)
	}
	unknown := errors.Is(meant, ErrOutcomeUnknown)
	return conn.Conn().IsClosed() && !late(err) && !unknown, call.wrap(meant)
}

func (s Statement) wrap(err error) error { return fmt.Errorf("%s: %w", s.name, err) }
