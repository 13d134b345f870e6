package pg

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"erp.internal/platform/change"
	"erp.internal/platform/errs"
)

// ErrUnavailable is the error of every temporary failure of the database: it is unreachable, full, too busy or shutting down.
// Nothing was stored.
var ErrUnavailable = &errs.Error{
	Kind: errs.Unavailable, Code: "database_unavailable",
	Message: "The database does not answer at the moment: try again shortly", RetryAfter: 2 * time.Second,
}

// ErrOutcomeUnknown is change.ErrOutcomeUnknown.
var ErrOutcomeUnknown = change.ErrOutcomeUnknown

// ErrInUse is the error of deleting a row to which rows without an error of their own still refer.
var ErrInUse = errs.New(errs.Conflict, "in_use", "This is still in use")

// Errors are the errors of the package, for the documentation.
func Errors() errs.List {
	return errs.List{Errors: []errs.Described{
		{Error: ErrUnavailable, When: "The database does not answer. Nothing was stored. Retry after `Retry-After` seconds."},
		{Error: ErrInUse, When: "The object cannot be deleted while others refer to it. `detail` says how many: \"This is still in use: 3 users\", \"1 grant\"."},
	}}
}

// SQLSTATEs (PostgreSQL documentation, appendix A).
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	foreignKeyViolation  = "23503"
	restrictViolation    = "23001" // what PostgreSQL 18 says instead where a key is ON DELETE RESTRICT
)

// constraints say what a violated constraint means.
type constraints struct {
	errors   map[string]error
	deleting bool
}

// explain turns an error of the driver into what it means: a violated constraint's own error, ErrUnavailable with the
// cause, or the error as it is.
func (c constraints) explain(err error) error {
	var explained *errs.Error
	if err == nil || errors.As(err, &explained) {
		return err
	}
	var notConnected *pgconn.ConnectError
	if errors.As(err, &notConnected) { // whatever the server says to that, such as a password that was changed
		return ErrUnavailable.WithCause(err)
	}
	var server *pgconn.PgError
	if errors.As(err, &server) {
		if meant, ok := c.errors[server.ConstraintName]; ok {
			return meant
		}
		if c.deleting && (server.Code == foreignKeyViolation || server.Code == restrictViolation) {
			return ErrInUse.WithCause(err)
		}
		if passes(server.Code) {
			return ErrUnavailable.WithCause(err)
		}
		return err
	}
	if lost(err) {
		return ErrUnavailable.WithCause(err)
	}
	return err
}

// explainChange is explain for what stores something by itself and was sent: a statement outside a transaction, or a
// commit. Only a server that goes on has said that it stored nothing: one that ends the connection, or whose answer does
// not arrive, may have stored it before.
func (c constraints) explainChange(err error) error {
	if err == nil {
		return nil
	}
	unsent := pgconn.SafeToRetry(err) && !errors.Is(err, pgconn.ErrConnClosed) // which pgx says of a lost answer, too
	var answered *pgconn.PgError
	if errors.As(err, &answered) && ends(answered) || answered == nil && lost(err) && !unsent {
		return ErrOutcomeUnknown.WithCause(err)
	}
	return c.explain(err)
}

// passes tells the SQLSTATEs of conditions that end without a change of the program or the request.
func passes(code string) bool {
	switch code {
	case serializationFailure, deadlockDetected, // after the last retry
		"57014",                            // statement timeout
		"57P01", "57P02", "57P03", "57P05", // shutting down, crashed, starting, idle session ended
		"55P03",                                   // lock not available
		"25P03",                                   // idle in transaction for too long
		readOnlyTransaction,                       // until the failover is through
		noPreparedStatement, hasPreparedStatement: // after the second attempt
		return true
	}
	switch code[:2] {
	case "08", "53", "58": // connection, resources (disk, memory, connections), system
		return true
	}
	return false
}

// late reports errors of a timeout: a retry would take as long again.
func late(err error) bool {
	return pgconn.Timeout(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// lost tells failures of the connection itself.
func lost(err error) bool {
	var network net.Error
	return errors.Is(err, errStandby) || errors.Is(err, errHangs) || errors.Is(err, errReadOnly) || errors.Is(err, errNoTurn) || errors.As(err, &network) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, pgx.ErrTxClosed) || pgconn.SafeToRetry(err) || pgconn.Timeout(err)
}
