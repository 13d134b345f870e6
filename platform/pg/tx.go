package pg

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Transactor is what a use case needs of the database: that several steps happen together or not at all.
type Transactor interface {
	// InTx runs fn in a transaction that travels in fn's context; a call inside another joins its transaction. fn is
	// run again when the database asks for it (serialization failure, deadlock), so it must have no other effects.
	//
	// Errors: fn's own, ErrUnavailable, ErrOutcomeUnknown.
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// InTx is tx.InTx for a function with a result.
func InTx[T any](ctx context.Context, tx Transactor, fn func(ctx context.Context) (T, error)) (T, error) {
	var result T
	err := tx.InTx(ctx, func(ctx context.Context) error {
		var err error
		result, err = fn(ctx)
		return err
	})
	if err != nil {
		var none T
		return none, err
	}
	return result, nil
}

const (
	attempts  = 6
	firstWait = 5 * time.Millisecond // doubled after each attempt, half of it by chance
)

// InTx implements Transactor.
func (db *DB) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if txFrom(ctx, db.pool) != nil {
		return fn(ctx)
	}
	wait := firstWait
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, fn)
		if err == nil || !again(err) || attempt == attempts {
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

func (db *DB) once(ctx context.Context, fn func(ctx context.Context) error) error {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	ending := context.WithoutCancel(ctx) // once begun, a transaction is ended properly also when the caller has gone
	tx, err := conn.Begin(ending)
	if err != nil {
		return err
	}
	defer tx.Rollback(ending) //nolint:errcheck // after a commit it does nothing; else the error that led here counts
	if err := fn(context.WithValue(ctx, txKey{db.pool}, tx)); err != nil {
		return err
	}
	if err := tx.Commit(ending); again(err) {
		return err
	} else if err != nil {
		return db.constraints.explainChange(err)
	}
	return nil
}

// again tells the errors after which Postgres asks to run the whole transaction once more.
func again(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && (server.Code == serializationFailure || server.Code == deadlockDetected)
}

type txKey struct{ pool *pgxpool.Pool }

func txFrom(ctx context.Context, pool *pgxpool.Pool) pgx.Tx {
	tx, _ := ctx.Value(txKey{pool}).(pgx.Tx)
	return tx
}
