package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"

	"go.uber.org/zap"
)

const (
	roleName     = "erp"
	databaseName = "erp"
)

// Options says where and how the server runs. Only DataDir is needed.
type Options struct {
	// DataDir is the directory that holds the database and all that belongs to it; it is made when missing.
	DataDir string
	// User names the user PostgreSQL runs as when the caller is root. Empty means the owner of the data, else postgres, else
	// nobody. Ignored when the caller is not root: then PostgreSQL runs as the caller.
	User string
	// Repository is where programs are downloaded from when none are installed: the base URL of a Maven repository that holds
	// io.zonky.test.postgres, that is
	//
	//	<Repository>/io/zonky/test/postgres/embedded-postgres-binaries-<os>-<arch>/<version>/embedded-postgres-binaries-<os>-<arch>-<version>.jar
	//
	// and beside it the same name with .sha256, which holds the hexadecimal digits and nothing else, not even a newline. Empty
	// means Maven Central.
	Repository string
	// StartParameters are settings of postgresql.conf on top of ours. Those that say where PostgreSQL listens, logs and keeps
	// its data cannot be set.
	StartParameters map[string]string
	// Logger logs what a start waits for. Nil: no log.
	Logger *zap.Logger

	onlyDownloaded bool // tests: as if nothing were installed
}

// Server is a running PostgreSQL server.
type Server struct {
	url          string
	superuserURL string
	description  string
	fresh        bool
	keeper       *keeperProcess

	stopping sync.Once
}

// Start runs PostgreSQL on the data directory, which it makes when it is missing, and returns when the database answers.
// When ctx ends before, so does the start, and nothing is left running.
//
// It waits while a PostgreSQL of a server that was killed before is still stopping, and takes over from one that lost its keeper.
//
// Errors: ErrInUse, ErrUnreachable, ErrOtherVersion, ErrNoPrograms, the context's, others; each one line.
func Start(ctx context.Context, o Options) (*Server, error) {
	if os.Getenv(keeperVariable) != "" { // or a program would start itself without end
		return nil, fmt.Errorf("main must call RunKeeperIfAsked first thing, or %s was set by mistake", keeperVariable)
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	if err := checkParameters(o.StartParameters); err != nil {
		return nil, err
	}
	dir, err := openDataDir(o.DataDir)
	if err != nil {
		return nil, err
	}
	who, err := chooseAccount(o.User, dir.home())
	if err != nil {
		return nil, err
	}
	if err := dir.make(who); err != nil {
		return nil, err
	}
	lock, err := lockDataDir(dir.lock(), dir.shown)
	if err != nil {
		if errors.Is(err, ErrInUse) {
			return nil, err
		}
		return nil, dir.unusable(err)
	}
	server, err := startLocked(ctx, o, dir, who, lock)
	if err != nil {
		_ = lock.Close() // closed already when the keeper had been started
		return nil, err
	}
	return server, nil
}

func startLocked(ctx context.Context, o Options, dir dataDir, who *account, lock *os.File) (*Server, error) {
	if err := dir.makeHome(who); err != nil {
		return nil, err
	}
	password, err := dir.ensurePassword()
	if err != nil {
		return nil, err
	}
	keeper, err := startKeeper(dir, who, lock, job{
		Home:           dir.home(),
		Shown:          dir.shown,
		Password:       password,
		Repository:     o.Repository,
		Parameters:     o.StartParameters,
		OnlyDownloaded: o.onlyDownloaded,
	}, o.Logger)
	if err != nil {
		return nil, err
	}
	started, err := keeper.started(ctx)
	if err != nil {
		return nil, err
	}
	return &Server{
		url:          databaseURL(password, started.Port),
		superuserURL: roleURL(superuserName, superuserPassword(password), started.Port),
		description:  fmt.Sprintf("PostgreSQL %s from %s", started.Version, started.Programs),
		fresh:        started.Fresh,
		keeper:       keeper,
	}, nil
}

func databaseURL(password string, port int) string { return roleURL(roleName, password, port) }

func roleURL(role, password string, port int) string {
	return (&url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(role, password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Path:     databaseName,
		RawQuery: "sslmode=disable",
	}).String()
}

// URL is where the database is, with the password. It differs with every start.
func (s *Server) URL() string { return s.url }

// SuperuserURL is URL for the role that may do everything, for tests and measurements that need to.
func (s *Server) SuperuserURL() string { return s.superuserURL }

// Fresh reports whether the database was made by this start.
func (s *Server) Fresh() bool { return s.fresh }

// Description says what runs, such as "PostgreSQL 15.18 from /usr/lib/postgresql/15/bin".
func (s *Server) Description() string { return s.description }

// Done is closed when PostgreSQL is no longer kept running, whether stopped or not.
func (s *Server) Done() <-chan struct{} { return s.keeper.done }

// Err says why PostgreSQL ended. It is nil while it runs, and after an orderly Stop.
func (s *Server) Err() error { return s.keeper.err() }

// Stop ends PostgreSQL cleanly, open connections included, and returns when it has stopped. Further calls wait for the same end.
//
// Errors: the context's, when ctx ends before; PostgreSQL goes on stopping. What Err returns.
func (s *Server) Stop(ctx context.Context) error {
	s.stopping.Do(s.keeper.release)
	select {
	case <-s.keeper.done:
		return s.keeper.err()
	case <-ctx.Done():
		return fmt.Errorf("PostgreSQL is still stopping: %w", ctx.Err())
	}
}
