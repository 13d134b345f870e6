package pg

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/zap"
)

// A connection pooler such as PgBouncer gives one connection to the server to several clients in turn. What is set for a
// session, prepared in it, or reported of it may then be another client's.

// limitParameters are the time limits of a session. PgBouncer refuses to set them.
var limitParameters = []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}

// WithoutLimits takes the time limits from the startup parameters of a connection.
func WithoutLimits(config *pgx.ConnConfig) {
	for _, name := range limitParameters {
		delete(config.RuntimeParams, name)
	}
}

// refusesParameter tells the error of a pooler that does not set one of the startup parameters.
func refusesParameter(err error) bool {
	var answered *pgconn.PgError
	return errors.As(err, &answered) && answered.Code == "08P01" && strings.Contains(answered.Message, "startup parameter")
}

// throughPooler changes a configuration so that each statement can run on another connection of the server: nothing is
// prepared by name, which holds in every mode of pooling, and nothing is set for the session.
func throughPooler(config *pgxpool.Config) {
	conn := config.ConnConfig
	WithoutLimits(conn)
	if conn.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		conn.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	conn.StatementCacheCapacity = 0
	validate := conn.ValidateConnect
	conn.ValidateConnect = func(ctx context.Context, c *pgconn.PgConn) error {
		if err := askWhetherPrimary(ctx, c); err != nil { // the pooler reports what held for its first connection
			return err
		}
		return validate(ctx, c)
	}
}

// sayPooler logs that there is a pooler, and which limits nobody sets.
func (s Settings) sayPooler(log *zap.Logger, found greeting) {
	log.Info("DATABASE_URL leads through a connection pooler: no statement is prepared on the server, and the role's settings limit how long statements take")
	if len(found.unlimited) == 0 {
		return
	}
	alter := "ALTER ROLE " + pgx.Identifier{found.role}.Sanitize()
	limits := s.limits()
	var run []string
	for _, name := range found.unlimited {
		run = append(run, fmt.Sprintf("%s SET %s = '%sms';", alter, name, limits[name]))
	}
	log.Warn("behind the connection pooler nothing sets "+strings.Join(found.unlimited, ", ")+": set them for the role, then let the pooler reconnect",
		zap.String("run", strings.Join(run, " ")))
}
