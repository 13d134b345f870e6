package pg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// URL is where a database is, in libpq's URI form. The forms of SQLAlchemy ("postgresql+psycopg2://") are understood.
type URL string

// escaping is what most addresses that cannot be read lack.
const escaping = "in a password, write % as %25, @ as %40, / as %2F, : as %3A, ? as %3F, # as %23 and a space as %20"

// refusal is why a URL is not taken, and what to do.
type refusal string

// Error implements error.
func (r refusal) Error() string { return r.Advice() }

// Advice makes package config say this, and not that the value is not understood.
func (r refusal) Advice() string { return string(r) }

// UnmarshalText reads a URL. pgx reads it as libpq does, and alone decides what it says; what it would take for something
// that was hardly meant is refused, as is an address that leaves out where it leads: the environment would fill that in.
//
// Errors: one line that says what to do. The text itself is in none of them, since it holds a password.
func (u *URL) UnmarshalText(text []byte) error {
	s := string(text)
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		if bare, _, ok := strings.Cut(scheme, "+"); ok {
			s = bare + "://" + rest
		}
	}
	scheme, rest, _ := strings.Cut(s, "://")
	if scheme != "postgres" && scheme != "postgresql" {
		return refusal("it is no URL of a Postgres database: set it to postgres://user:password@host:5432/database")
	}
	parts := split(rest)
	if strings.Contains(parts.address, "@") || strings.Contains(parts.query, "@") || strings.ContainsAny(s, " \t\r\n") {
		return refusal("it has an @ or a space where none belongs: " + escaping)
	}
	parsed, err := pgx.ParseConfig(s)
	if err != nil {
		return refusal("it is not understood: set it to postgres://user:password@host:5432/database; " + escaping)
	}
	if strings.ContainsAny(strings.Join(hosts(parsed), ""), "@ \t\r\n") {
		return refusal("it has an @ or a space in a host's name: " + escaping)
	}
	for name := range parsed.RuntimeParams {
		if strings.HasPrefix(name, "pool_") {
			return refusal("it says " + name + ", which is not for here: set DATABASE_POOL_SIZE")
		}
	}
	if err := parts.complete(); err != nil {
		return err
	}
	*u = URL(s)
	return nil
}

// parts are those of a URL that show what it leaves out; nothing is taken from them.
type parts struct{ user, address, query string }

// split parts what follows the scheme, as libpq does: the first @ before any / ends the user and the password.
func split(rest string) parts {
	var p parts
	if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
		p.user, _, _ = strings.Cut(rest[:i], ":")
		rest = rest[i+1:]
	}
	p.address, p.query, _ = strings.Cut(rest, "?")
	return p
}

func (p parts) complete() error {
	host, database, _ := strings.Cut(p.address, "/")
	host = strings.Trim(host, ",")
	values := map[string]string{}
	for pair := range strings.SplitSeq(p.query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	switch attrs := values["target_session_attrs"]; {
	case values["service"] != "": // the file says the rest
		return nil
	case host == "" && values["host"] == "":
		return refusal("it names no host: write postgres://user:password@host:5432/database, or for a socket postgres://user:password@/database?host=/run/postgresql")
	case p.user == "" && values["user"] == "":
		return refusal("it names no user: write postgres://user:password@host:5432/database; " + escaping)
	case database == "" && values["dbname"] == "" && values["database"] == "":
		return refusal("it names no database: write postgres://user:password@host:5432/database")
	case slices.Contains([]string{"standby", "read-only", "prefer-standby"}, attrs):
		return refusal("target_session_attrs asks for a server that cannot store anything: leave it out")
	}
	return nil
}

// IgnoreEnvironment takes away the variables of libpq's that say where a database is, or what a session is like: that
// stands in DATABASE_URL, all of it. Passwords (PGPASSWORD, PGPASSFILE) and what is about TLS (PGSSL...) stay.
func IgnoreEnvironment() {
	for _, name := range []string{
		"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE", "PGOPTIONS", "PGAPPNAME",
		"PGCONNECT_TIMEOUT", "PGTARGETSESSIONATTRS", "PGTZ", "PGCLIENTENCODING",
	} {
		_ = os.Unsetenv(name) // fails for no such name
	}
}

// The timeout of connecting to a server, unless connect_timeout is set. It is short, so that the next of several servers is
// tried soon.
const (
	connectWithin     = 5 * time.Second
	connectEachWithin = 2 * time.Second
)

// ConnConfig is how to connect to a database: to a primary, within a time.
//
// Errors: one line.
func ConnConfig(address string) (*pgx.ConnConfig, error) {
	c, err := pgx.ParseConfig(address)
	if err != nil { // which repeats parts of it
		return nil, errors.New("DATABASE_URL is not understood: set it to postgres://user:password@host:5432/database; " + escaping)
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectWithin
		if len(hosts(c)) > 1 {
			c.ConnectTimeout = connectEachWithin
		}
	}
	asked := c.ValidateConnect // by target_session_attrs
	c.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		if err := requirePrimary(ctx, conn); err != nil || asked == nil {
			return err
		}
		return asked(ctx, conn)
	}
	return c, nil
}

// hosts are the addresses that are tried in turn.
func hosts(c *pgx.ConnConfig) []string {
	_, first := pgconn.NetworkAddress(c.Host, c.Port)
	all := []string{first}
	for _, next := range c.Fallbacks { // a host is there twice where it may do without TLS
		if _, address := pgconn.NetworkAddress(next.Host, next.Port); !slices.Contains(all, address) {
			all = append(all, address)
		}
	}
	return all
}

// unreachable says in one line why a first connection failed.
func unreachable(err error, c *pgx.ConnConfig) error {
	server, at := "the server at ", strings.Join(hosts(c), ", ")
	if strings.Contains(at, ", ") {
		server = "of the servers at " + at + " none can be used; one of them "
	} else {
		server += at + " "
	}
	var answered *pgconn.PgError
	if errors.As(err, &answered) {
		switch answered.Code {
		case "28P01", "28000":
			return fmt.Errorf("DATABASE_URL: %srefuses user %q or its password: correct them", server, c.User)
		case "3D000":
			return fmt.Errorf("DATABASE_URL: %shas no database %q: create it (createdb %s)", server, c.Database, c.Database)
		default:
			return fmt.Errorf("DATABASE_URL: %srefuses the connection: %s (SQLSTATE %s)", server, strings.Join(strings.Fields(answered.Message), " "), answered.Code)
		}
	}
	var unknown *net.DNSError
	switch {
	case errors.Is(err, errStandby):
		return fmt.Errorf("DATABASE_URL: %sis a standby, which cannot store anything: name the primary, or all servers separated by commas", server)
	case errors.As(err, &unknown):
		return fmt.Errorf("DATABASE_URL: there is no host %q: correct the name", unknown.Name)
	case strings.Contains(strings.ToLower(err.Error()), "tls"):
		return fmt.Errorf("DATABASE_URL: %soffers no TLS that sslmode and the certificates accept: correct the server or sslmode", server)
	default:
		return fmt.Errorf("DATABASE_URL: no PostgreSQL server answers at %s: start it or correct the address", at)
	}
}
