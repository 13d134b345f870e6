package pg

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/zap"
)

// Settings of the database connection.
type Settings struct {
	URL              URL           `env:"DATABASE_URL" secret:"true" want:"postgres://user:password@host:5432/database" unset:"none: an embedded database" doc:"'postgres://user:password@host:5432/database'; 'postgresql+psycopg2://' works too"`
	PoolSize         int32         `env:"DATABASE_POOL_SIZE" want:"a number of connections, such as 20" unset:"4 for each core, at least 8" doc:"the most connections to the database"`
	StatementTimeout time.Duration `env:"DATABASE_STATEMENT_TIMEOUT" envDefault:"10s" want:"a duration such as 10s" doc:"how long one statement may take"`
	ListTimeout      time.Duration `env:"DATABASE_LIST_TIMEOUT" envDefault:"2s" want:"a duration such as 2s" doc:"how long one statement of a list or a search may take"`
	Echo             bool          `env:"SQL_ECHO" want:"true or false" unset:"'false'" doc:"whether to log every statement, without its values"`
}

// minStatementTimeout is the least that can be meant; to PostgreSQL, none would be no limit.
const minStatementTimeout = 10 * time.Millisecond

// poolConfig is the pool's configuration: what the URL says, with our defaults where it says nothing.
func (s Settings) poolConfig(log *zap.Logger) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(string(s.URL))
	if err != nil {
		_, err = ConnConfig(string(s.URL))
		return nil, err
	}
	if config.ConnConfig, err = ConnConfig(string(s.URL)); err != nil {
		return nil, err
	}
	if s.PoolSize < 0 {
		return nil, errors.New("DATABASE_POOL_SIZE: it is below zero: set it to a number of connections, such as 20")
	}
	if s.StatementTimeout < minStatementTimeout {
		return nil, fmt.Errorf("DATABASE_STATEMENT_TIMEOUT: it is below %s: set it to a duration such as 10s", minStatementTimeout)
	}
	if s.ListTimeout < minStatementTimeout {
		return nil, fmt.Errorf("DATABASE_LIST_TIMEOUT: it is below %s: set it to a duration such as 2s", minStatementTimeout)
	}
	config.MaxConns = s.PoolSize
	if s.PoolSize <= 0 {
		config.MaxConns = int32(max(8, 4*runtime.GOMAXPROCS(0))) //nolint:gosec // a number of cores
	}
	config.MaxConnLifetimeJitter = config.MaxConnLifetime / 10
	params := config.ConnConfig.RuntimeParams
	defaults := s.limits()
	defaults["application_name"], defaults["timezone"], defaults["client_encoding"] = "erp", "UTC", "UTF8"
	for name, value := range defaults {
		if _, set := params[name]; !set {
			params[name] = value
		}
	}
	config.PrepareConn = func(_ context.Context, conn *pgx.Conn) (bool, error) { return !hasUnreadData(conn.PgConn()), nil }
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.PgConn().CustomData()[openedKey] = time.Now()
		conn.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
		return nil
	}
	config.PingTimeout = knockWithin
	config.ConnConfig.BuildContextWatcherHandler = newWatcher
	if s.Echo {
		config.ConnConfig.Tracer = echo{log}
	}
	return config, nil
}

// limits are the values of limitParameters, in milliseconds.
func (s Settings) limits() map[string]string {
	return map[string]string{
		"statement_timeout":                   strconv.FormatInt(s.StatementTimeout.Milliseconds(), 10),
		"lock_timeout":                        strconv.FormatInt(s.StatementTimeout.Milliseconds()/2, 10),
		"idle_in_transaction_session_timeout": "60000",
	}
}
