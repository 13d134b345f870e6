package pg

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// transaction is one transaction of one connection. Its BEGIN goes to the server with the first statement, and its last
// statements with COMMIT, each pair in one round trip. So a transaction of one statement takes two, and one that runs none
// takes none.
type transaction struct {
	db      *DB
	conn    *pgxpool.Conn
	begun   bool
	changed bool
	last    []Call
	after   []func()
}

const (
	begin  = "begin"
	commit = "commit"
)

// Exec implements runner.
func (t *transaction) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if t.begun {
		return t.conn.Exec(ctx, sql, args...)
	}
	results := t.begin(ctx, sql, args)
	_, err := results.Exec()
	if err != nil {
		return pgconn.CommandTag{}, errors.Join(err, results.Close())
	}
	tag, err := results.Exec()
	if closed := results.Close(); err == nil {
		err = closed
	}
	return tag, err
}

// Query implements runner.
func (t *transaction) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if t.begun {
		return t.conn.Query(ctx, sql, args...)
	}
	results := t.begin(ctx, sql, args)
	if _, err := results.Exec(); err != nil {
		return nil, errors.Join(err, results.Close())
	}
	rows, err := results.Query()
	if err != nil {
		return nil, errors.Join(err, results.Close())
	}
	return firstRows{rows, results}, nil
}

// QueryRow implements runner.
func (t *transaction) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if t.begun {
		return t.conn.QueryRow(ctx, sql, args...)
	}
	return firstRow{t.begin(ctx, sql, args)}
}

// begin sends BEGIN with the first statement. What comes of BEGIN is the first result.
func (t *transaction) begin(ctx context.Context, sql string, args []any) pgx.BatchResults {
	t.begun = true
	var batch pgx.Batch
	batch.Queue(begin)
	batch.Queue(sql, args...)
	return t.conn.SendBatch(ctx, &batch)
}

// firstRows are the rows of the statement that was sent with BEGIN.
type firstRows struct {
	pgx.Rows
	results pgx.BatchResults
}

// Close implements pgx.Rows.
func (r firstRows) Close() {
	r.Rows.Close()
	_ = r.results.Close() // the rows have told what failed
}

// firstRow is the row of the statement that was sent with BEGIN.
type firstRow struct{ results pgx.BatchResults }

// Scan implements pgx.Row.
func (r firstRow) Scan(into ...any) error {
	if _, err := r.results.Exec(); err != nil {
		return errors.Join(err, r.results.Close())
	}
	err := r.results.QueryRow().Scan(into...)
	if closed := r.results.Close(); err == nil {
		err = closed
	}
	return err
}

// commit sends what is left with COMMIT.
func (t *transaction) commit(ctx context.Context) error {
	if !t.begun && len(t.last) == 0 {
		return nil
	}
	var batch pgx.Batch
	if !t.begun {
		batch.Queue(begin)
	}
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
	for range batch.Len() {
		if tag, err = results.Exec(); err != nil {
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

// rollback undoes what was not committed.
func (t *transaction) rollback(ctx context.Context) {
	if conn := t.conn.Conn(); !conn.IsClosed() && conn.PgConn().TxStatus() != 'I' {
		_, _ = t.conn.Exec(ctx, "rollback") // or the connection is closed, which undoes it as well
	}
}

// try runs a statement so that the transaction stays usable when it fails.
func (t *transaction) try(ctx context.Context, sql string, args ...any) error {
	if _, err := t.Exec(ctx, "savepoint tried"); err != nil {
		return err
	}
	if _, err := t.Exec(ctx, sql, args...); err != nil {
		_, undone := t.Exec(ctx, "rollback to savepoint tried")
		return errors.Join(err, undone)
	}
	_, err := t.Exec(ctx, "release savepoint tried")
	return err
}
