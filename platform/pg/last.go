package pg

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Last returns a context for the last statement of its transaction: a change, run by One, that returns a row with an id. The
// statement, an insert that belongs to its row, and COMMIT are sent together. A transaction that runs no other statement
// needs no BEGIN and no COMMIT.
//
// The insert reads FROM changed, which is the row: without a row nothing is inserted. Once the row is there the transaction is
// stored, and nothing may fail after it. The context is returned unchanged in a transaction that the caller joined. The statement
// runs as any other when the transaction has changed something before, or has calls for its COMMIT; Stored tells which happened.
func (db *DB) Last(ctx context.Context, insert Call) context.Context {
	if t := txFrom(ctx, db.pool); t == nil || t.joined > 0 || insert.err != nil {
		return ctx
	}
	return context.WithValue(ctx, lastKey{db.pool}, &insert)
}

// Stored reports whether the context's transaction is stored: its last statement was run with the context that Last gave.
func (db *DB) Stored(ctx context.Context) bool {
	t := txFrom(ctx, db.pool)
	return t != nil && t.stored
}

type lastKey struct{ pool *pgxpool.Pool }

// errAfterLast is a fault of the program.
var errAfterLast = errors.New("a change failed after its last statement, which is stored")

// insertWith returns what is inserted together with a call, nil where the call is not the last one.
func (t *transaction) insertWith(ctx context.Context, call Call) *Call {
	if call.reads || t.changed || len(t.next) > 0 || len(t.last) > 0 || t.closed != nil {
		return nil
	}
	insert, _ := ctx.Value(lastKey{t.db.pool}).(*Call)
	return insert
}

// finish runs the last statement and stores the transaction. Where the server may have been sent it, t.sent is true.
//
// Errors: pgx.ErrNoRows where nothing is stored since there is no row; the driver's.
func (t *transaction) finish(ctx context.Context, call Call, insert *Call, into []any) error {
	e := errand{sql: t.db.compositions.of(call, *insert), into: into}
	e.args = make([]any, 0, len(call.args)+len(insert.args))
	e.args = append(append(e.args, call.args...), insert.args...)
	if t.begun {
		t.finishBegun(ctx, &e)
	} else {
		t.db.gatherer.run(ctx, &e)
	}
	t.sent, t.lost = e.sent, e.lost
	t.settle(e.err)
	if !t.sent {
		return e.err
	}
	if t.closed, t.stored = e.err, e.err == nil; t.stored {
		t.closed = pgx.ErrTxClosed
	}
	return e.err
}

func (t *transaction) finishBegun(ctx context.Context, e *errand) {
	if e.err = t.db.gatherer.prepare(running(ctx), t.conn, e); e.err != nil {
		return
	}
	e.sent = true
	var batch pgx.Batch
	batch.Queue(e.sql, e.args...)
	batch.Queue(commit)
	results := t.conn.SendBatch(context.WithoutCancel(ctx), &batch) // once begun, it is ended properly
	e.err = results.QueryRow().Scan(e.into...)
	var tag pgconn.CommandTag
	if e.err == nil {
		tag, e.err = results.Exec()
	}
	if closed := results.Close(); e.err == nil {
		e.err = closed
	}
	if e.err == nil && tag.String() == "ROLLBACK" {
		e.err = pgx.ErrTxCommitRollback
	}
}

// compositions keep the text of each statement with each insert, as it is the name under which it is prepared.
type compositions struct{ made sync.Map } // of composition to string

type composition struct{ statement, insert string }

var placeholder = regexp.MustCompile(`\$(\d+)`)

func (c *compositions) of(call, insert Call) string {
	key := composition{call.sql, insert.sql}
	if sql, made := c.made.Load(key); made {
		return sql.(string) //nolint:forcetypeassert // only texts are stored
	}
	after := placeholder.ReplaceAllStringFunc(insert.sql, func(p string) string {
		n, _ := strconv.Atoi(p[1:]) // a number, as the expression says
		return "$" + strconv.Itoa(n+len(call.args))
	})
	sql := "WITH changed AS (" + call.sql + "), inserted AS (" + after + ") SELECT * FROM changed"
	if call.built && insert.built {
		c.made.Store(key, sql)
	}
	return sql
}
