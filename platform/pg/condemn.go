package pg

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Which connections are used, and for how long. An error that belongs to the connection, and not to the statement, would
// come back with every statement that the connection is given, so such a connection is closed.

// SQLSTATEs that belong to the connection (PostgreSQL documentation, appendix A).
const (
	readOnlyTransaction  = "25006" // the database was made read-only, or the server is a standby
	failedTransaction    = "25P02"
	noPreparedStatement  = "26000"
	hasPreparedStatement = "42P05"
	featureNotSupported  = "0A000"
	plansAgain           = "RevalidateCachedQuery" // the server's function that says "cached plan must not change result type"
)

// condemns tells the errors after which a connection is of no more use.
func condemns(conn *pgconn.PgConn, e *pgconn.PgError) bool {
	if ends(e) {
		return true
	}
	switch e.Code {
	case readOnlyTransaction, noPreparedStatement, hasPreparedStatement:
		return true
	case featureNotSupported:
		return e.Routine == plansAgain
	case failedTransaction:
		return conn.TxStatus() == 'I' // of somebody else's transaction, behind a pooler
	}
	return e.Code[:min(2, len(e.Code))] == "08"
}

// condemnsAll tells the errors after which the other connections of a pool are most likely of no more use, either.
func condemnsAll(conn *pgconn.PgConn, e *pgconn.PgError) bool {
	switch e.Code {
	case "57P01", "57P02": // an administrator or a crash ends connections
		return true
	case readOnlyTransaction: // acquireToChange finds the others, unless a pooler keeps from it which they are
		return conn.ParameterStatus(isReadOnly) == ""
	}
	return false
}

// ends reports whether the server ended the connection with this error, in any language of its messages.
func ends(e *pgconn.PgError) bool {
	severity := e.SeverityUnlocalized
	if severity == "" {
		severity = e.Severity
	}
	return severity == "FATAL" || severity == "PANIC"
}

// What a server reports about a connection, from PostgreSQL 14 on. A pooler in between passes on nothing, or what held for
// the first connection it ever opened.
const (
	isStandby  = "in_hot_standby"
	isReadOnly = "default_transaction_read_only"
)

// errStandby is why a server's answers are not believed: a standby replays the changes of the primary, and may be late.
var errStandby = errors.New("the server is a standby")

// requirePrimary returns errStandby for a connection to a standby.
func requirePrimary(ctx context.Context, conn *pgconn.PgConn) error {
	if conn.ParameterStatus(isStandby) == "off" {
		return nil
	}
	return askWhetherPrimary(ctx, conn)
}

// askWhetherPrimary is requirePrimary by a query, since a pooler may report the state of another server.
func askWhetherPrimary(ctx context.Context, conn *pgconn.PgConn) error {
	if errors.Is(pgconn.ValidateConnectTargetSessionAttrsPrimary(ctx, conn), pgconn.ErrStandbyConnection) {
		return errStandby
	}
	return nil
}

// acquireToChange returns a connection for a change. A connection that was opened while the database was read-only stays
// read-only, also when the database is writable again, so it is replaced by one that is opened now; whether that is read-only,
// the change will see.
func (db *DB) acquireToChange(ctx context.Context) (*pgxpool.Conn, error) {
	var since time.Time
	for {
		conn, err := db.acquire(ctx)
		if err != nil {
			return nil, err
		}
		if status := conn.Conn().PgConn(); db.pooler || status.ParameterStatus(isReadOnly) != "on" && status.ParameterStatus(isStandby) != "on" {
			return conn, nil
		}
		if opened, _ := conn.Conn().PgConn().CustomData()[openedKey].(time.Time); !since.IsZero() && opened.After(since) {
			return conn, nil
		}
		if since.IsZero() {
			since = time.Now()
		}
		_ = conn.Conn().Close(context.WithoutCancel(ctx)) // nothing is under way on it
		conn.Release()
	}
}

// openedKey is where a connection says when it was opened.
const openedKey = "opened"

// hasUnreadData reports whether an idle connection has something to read: the server has ended it, or is about to say why.
// What is sent on such a connection may get lost, and nobody would know.
func hasUnreadData(conn *pgconn.PgConn) bool {
	below := conn.Conn()
	if encrypted, ok := below.(*tls.Conn); ok {
		below = encrypted.NetConn()
	}
	c, ok := below.(*impatient)
	return ok && c.ear != nil && c.ear.hears()
}

// ear listens to a socket without taking anything from it. It is made once for each connection, since it is asked before
// each use.
type ear struct {
	socket syscall.RawConn
	listen func(fd uintptr)
	first  [1]byte
	heard  bool
}

// newEar returns nil for a connection without a socket.
func newEar(conn net.Conn) *ear {
	below, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	socket, err := below.SyscallConn()
	if err != nil {
		return nil
	}
	e := &ear{socket: socket}
	e.listen = func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), e.first[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		e.heard = !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR)
	}
	return e
}

// hears is for one caller at a time: the one who has acquired the connection.
func (e *ear) hears() bool {
	e.heard = false
	err := e.socket.Control(e.listen)
	return e.heard || err != nil
}
