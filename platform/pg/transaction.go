package pg

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// transaction is one transaction of one connection, which it acquires for its first statement. Its BEGIN goes to the server with
// the first statement, and its last statements with COMMIT, each pair in one round trip. So a transaction of one statement takes
// two, and one that runs none takes none, and no connection.
type transaction struct {
	db      *DB
	conn    *pgxpool.Conn // nil before the first statement
	lost    bool          // the connection of the last statement, which was not its own
	begun   bool
	changed bool
	joined  int  // how many calls of InTx are in it, besides the first
	sent    bool // its last statement together with COMMIT
	stored  bool // by that
	next    []queued
	last    []Call
	after   []func()
	atEnd   []func()
	closed  error         // why no statement runs any more
	assumes pgtype.Uint32 // which transaction wrote the row that is assumed: see ToChange
	locks   bool          // instead of assuming
}

// errNotBegun is why a transaction's statements are refused after its first one failed before BEGIN was carried out: they
// would be stored one by one.
var errNotBegun = errors.New("the transaction has not begun, since its first statement failed")

const (
	begin  = "begin"
	commit = "commit"
)

// Exec implements runner.
func (t *transaction) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if t.closed != nil {
		return pgconn.CommandTag{}, t.closed
	}
	if t.begun && len(t.next) == 0 {
		return t.conn.Exec(ctx, sql, args...)
	}
	results, err := t.send(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	err = results.ahead()
	var tag pgconn.CommandTag
	if err == nil {
		tag, err = results.Exec()
	}
	return tag, results.end(err)
}

// Query implements runner.
func (t *transaction) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if t.closed != nil {
		return nil, t.closed
	}
	if t.begun && len(t.next) == 0 {
		return t.conn.Query(ctx, sql, args...)
	}
	results, err := t.send(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	if err := results.ahead(); err != nil {
		return nil, results.end(err)
	}
	rows, err := results.Query()
	if err != nil {
		return nil, results.end(err)
	}
	return firstRows{rows, results}, nil
}

// QueryRow implements runner.
func (t *transaction) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if t.closed != nil {
		return noRow{t.closed}
	}
	if t.begun && len(t.next) == 0 {
		return t.conn.QueryRow(ctx, sql, args...)
	}
	results, err := t.send(ctx, sql, args)
	if err != nil {
		return noRow{err}
	}
	return firstRow{results}
}

// send sends a statement, with BEGIN if it is the first one, and with those that were queued for it.
//
// Errors: why there is no connection.
func (t *transaction) send(ctx context.Context, sql string, args []any) (firstResults, error) {
	if err := t.requireNoAssumption(); err != nil {
		return firstResults{}, err
	}
	if err := t.connect(ctx); err != nil {
		return firstResults{}, err
	}
	results := firstResults{of: t, begins: !t.begun, queued: t.next}
	t.begun, t.next = true, nil
	var batch pgx.Batch
	if results.begins {
		batch.Queue(begin)
	}
	for _, q := range results.queued {
		batch.Queue(q.sql, q.args...)
	}
	batch.Queue(sql, args...)
	results.BatchResults = t.conn.SendBatch(ctx, &batch)
	return results, nil
}

// connect acquires the connection.
func (t *transaction) connect(ctx context.Context) (err error) {
	if t.conn == nil {
		t.conn, err = t.db.acquireToChange(ctx)
	}
	return err
}

// isLost reports whether the connection of the transaction was lost.
func (t *transaction) isLost() bool { return t.lost || t.conn != nil && t.conn.Conn().IsClosed() }

// firstResults are what comes of a statement, of those that were queued for it, and of BEGIN.
type firstResults struct {
	pgx.BatchResults
	of     *transaction
	begins bool
	queued []queued
}

// ahead reads what comes of the statements before the last one.
func (r firstResults) ahead() error {
	if r.begins {
		if _, err := r.Exec(); err != nil {
			return err
		}
	}
	for _, q := range r.queued {
		rows, err := r.Query()
		if err == nil {
			err = q.take(rows)
			rows.Close()
		}
		if err != nil {
			return q.wrap(err)
		}
	}
	return nil
}

// end reads what is left, and gives the first error. A statement that cannot be prepared, or whose arguments do not fit, is
// not sent, and neither is BEGIN.
func (r firstResults) end(err error) error {
	if closed := r.Close(); err == nil {
		err = closed
	}
	if err != nil && r.of.status() == idle {
		r.of.closed = errNotBegun
	}
	return err
}

// What a connection says of its transaction (PostgreSQL documentation, ReadyForQuery).
const (
	idle   = 'I'
	failed = 'E'
)

func (t *transaction) status() byte { return t.conn.Conn().PgConn().TxStatus() }

// noRow is the row of a statement that is not run.
type noRow struct{ err error }

// Scan implements pgx.Row.
func (r noRow) Scan(...any) error { return r.err }

// firstRows are the rows of a statement that was sent with others.
type firstRows struct {
	pgx.Rows
	results firstResults
}

// Close implements pgx.Rows.
func (r firstRows) Close() {
	r.Rows.Close()
	_ = r.results.end(r.Err()) // the caller checks Err of the rows
}

// firstRow is the row of a statement that was sent with others.
type firstRow struct{ results firstResults }

// Scan implements pgx.Row.
func (r firstRow) Scan(into ...any) error {
	err := r.results.ahead()
	if err == nil {
		err = r.results.QueryRow().Scan(into...)
	}
	return r.results.end(err)
}

// commit sends what is left with COMMIT. A transaction of which a statement failed is not committed, whatever its function
// made of that.
func (t *transaction) commit(ctx context.Context) error {
	if t.closed != nil || t.begun && t.status() == failed {
		return pgx.ErrTxCommitRollback
	}
	if !t.begun && len(t.last) == 0 {
		return nil
	}
	if err := t.connect(ctx); err != nil {
		return err
	}
	var batch pgx.Batch
	if !t.begun {
		batch.Queue(begin)
	}
	first := batch.Len()
	for _, call := range t.last {
		if call.err != nil {
			return call.wrap(call.err)
		}
		batch.Queue(call.sql, call.args...)
	}
	batch.Queue(commit)
	t.begun = true
	results := t.conn.SendBatch(ctx, &batch)
	var tag pgconn.CommandTag
	var err error
	for i := range batch.Len() {
		if tag, err = results.Exec(); err != nil {
			err = t.named(i-first, err)
			break
		}
	}
	if closed := results.Close(); err == nil {
		err = closed
	}
	if err == nil && tag.String() == "ROLLBACK" {
		err = pgx.ErrTxCommitRollback
	}
	return err
}

// named says which of the last calls failed: the one with a number, or the one that could not be sent.
func (t *transaction) named(n int, err error) error {
	var unsent pgx.ErrPreprocessingBatch
	if errors.As(err, &unsent) {
		n = slices.IndexFunc(t.last, func(c Call) bool { return c.sql == unsent.SQL() })
	}
	if n < 0 || n >= len(t.last) {
		return err
	}
	return t.last[n].wrap(err)
}

// end undoes what was not committed, and releases the connection. A statement that comes after it is refused: its connection serves others.
func (t *transaction) end(ctx context.Context) {
	t.closed = pgx.ErrTxClosed
	defer func() {
		for _, do := range t.atEnd {
			do()
		}
	}()
	if t.conn == nil {
		return
	}
	if !t.conn.Conn().IsClosed() && t.status() != idle {
		_, _ = t.conn.Exec(ctx, "rollback") // or the connection is closed, which undoes it as well
	}
	t.conn.Release()
}

// try runs a statement so that the transaction stays usable when it fails.
func (t *transaction) try(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if _, err := t.Exec(ctx, "savepoint tried"); err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := t.Exec(ctx, sql, args...)
	if err != nil {
		_, undone := t.Exec(ctx, "rollback to savepoint tried")
		return tag, errors.Join(err, undone)
	}
	_, err = t.Exec(ctx, "release savepoint tried")
	return tag, err
}
