package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// initializingName is a file that is there from before initdb until the first start has succeeded. Only while it is there may the
// data be deleted.
const initializingName = "initializing"

// cluster is the PostgreSQL data directory and the server on it.
type cluster struct {
	keeper   *keeper
	home     string
	major    int    // of the data; 0 when there are none yet
	locale   string // for initdb
	programs programs
	server   *embeddedpostgres.EmbeddedPostgres
}

func newCluster(k *keeper) *cluster {
	// Sorts by code point, which for Hangul is the order of the dictionary, and knows letters beyond ASCII for lower and ILIKE.
	return &cluster{keeper: k, home: k.job.Home, locale: "C.UTF-8"}
}

// The directories below home by the names that PostgreSQL's programs get, since home is where the keeper works: pg_ctl
// hands the name of the data to a shell, which would expand what DATA_DIR holds.
const (
	dataName    = "data"
	runtimeName = "run"
	tmpName     = "tmp"
)

func (c *cluster) data() string         { return filepath.Join(c.home, dataName) }
func (c *cluster) initializing() string { return filepath.Join(c.home, initializingName) }
func (c *cluster) tmp() string          { return filepath.Join(c.home, tmpName) }
func (c *cluster) link() string         { return filepath.Join(c.tmp(), dataName) } // see protect

// tidy removes the scratch files of former runs; the library leaves one behind at each start.
func (c *cluster) tidy() error {
	if err := os.RemoveAll(c.tmp()); err != nil {
		return err
	}
	rotateLog(c.home)
	return os.Mkdir(c.tmp(), 0o700)
}

// stopLeftOver stops the PostgreSQL whose keeper was killed. What a power loss left of one is removed when PostgreSQL itself
// would take it for a running server: because another program now has its process id.
func (c *cluster) stopLeftOver(ctx context.Context) error {
	pid := c.postmaster()
	if pid == 0 {
		return nil
	}
	if !isPostmasterOf(pid, c.data()) {
		if syscall.Kill(pid, 0) == nil {
			return os.Remove(filepath.Join(c.data(), "postmaster.pid"))
		}
		return nil
	}
	c.keeper.note("stopping a PostgreSQL that a former run left running")
	for _, stop := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} { // fast, immediate
		if err := syscall.Kill(pid, stop); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("a PostgreSQL that a former run left running (process %d) cannot be stopped: %w", pid, err)
		}
		for deadline := time.Now().Add(stopTimeout); time.Now().Before(deadline); {
			if !isPostmasterOf(pid, c.data()) {
				return nil
			}
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("a PostgreSQL that a former run left running (process %d) does not stop; see %s", pid, c.keeper.job.shown(logName))
}

// postmaster is the process id of the server as it wrote it down itself, or 0.
func (c *cluster) postmaster() int {
	content, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(firstLine(string(content))))
	if err != nil || pid <= 0 {
		return 0
	}
	return pid
}

// inspect finds out which version the data are of. It deletes nothing.
func (c *cluster) inspect() error {
	if _, err := os.Lstat(c.initializing()); err == nil {
		return nil // made afresh
	}
	entries, err := os.ReadDir(c.data())
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", c.keeper.job.shown("data"), err)
	}
	version, err := os.ReadFile(filepath.Join(c.data(), "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("%s holds files but no PG_VERSION that can be read, so it is no intact database; nothing was changed: "+
			"restore it from a backup, or move it away to begin with an empty database", c.keeper.job.shown("data"))
	}
	// The library compares the text and deletes the data when it differs by as much as a blank.
	c.major, err = strconv.Atoi(strings.TrimSuffix(string(version), "\n"))
	if err != nil || c.major <= 0 {
		return &refusal{ErrOtherVersion, fmt.Sprintf("%s is of PostgreSQL %q, which is not known here; nothing was changed: "+
			"restore it from a backup, or move it away to begin with an empty database",
			c.keeper.job.shown("data"), strings.TrimSpace(firstLine(string(version))))}
	}
	return nil
}

// start runs PostgreSQL, and before that makes the database when there is none.
func (c *cluster) start(ctx context.Context) (report, error) {
	fresh := c.major == 0
	deadline := time.Now().Add(stopTimeout)
	for {
		if err := ctx.Err(); err != nil {
			return report{}, err
		}
		port, err := c.attempt(fresh)
		if err == nil {
			return report{Port: port, Fresh: fresh, Version: c.programs.version, Programs: c.programs.dir}, nil
		}
		if stopped := c.stopLeftOver(context.WithoutCancel(ctx)); stopped != nil {
			return report{}, stopped
		}
		if !c.mayPass(err) || time.Now().After(deadline) {
			return report{}, c.explain(err)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return report{}, err
		}
	}
}

func (c *cluster) attempt(fresh bool) (port int, err error) {
	path, role, password := dataName, superuserName, superuserPassword(c.keeper.job.Password)
	if fresh {
		// Anew at each attempt: half of what is done to a new database is done after it has been started.
		err = c.beginAfresh()
	} else {
		path, err = c.protect()
		role, password = roleName, c.keeper.job.Password // which every version's data know
	}
	if err != nil {
		return 0, err
	}
	port, err = freePort()
	if err != nil {
		return 0, err
	}
	c.server = embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(embeddedpostgres.PostgresVersion(c.programs.version)).
		BinariesPath(filepath.Dir(c.programs.dir)).
		CachePath(filepath.Join(c.home, "programs", "cache")).
		RuntimePath(runtimeName).
		DataPath(path).
		Port(uint32(port)).
		Username(role).
		Password(password).
		Database(databaseName).
		Locale(c.locale).
		Encoding("UTF8").
		StartParameters(startParameters(c.keeper.job.Parameters)).
		StartTimeout(20 * time.Second).
		Logger(nil))
	err = c.server.Start()
	keepLog(c.home, c.tmp())
	if err != nil {
		return 0, err
	}
	if err := c.arrange(port); err != nil {
		return 0, fmt.Errorf("arrange the roles: %w", err)
	}
	if fresh {
		return port, c.endFresh()
	}
	return port, c.protected()
}

// protect returns a link to the data, through which the library cannot delete them. It deletes data of another version, and
// also data whose PG_VERSION it cannot read at that moment.
func (c *cluster) protect() (string, error) {
	if c.programs.major() != c.major {
		return "", fmt.Errorf("the programs are of PostgreSQL %s, the data of PostgreSQL %d", c.programs.version, c.major)
	}
	if err := os.Symlink(c.data(), c.link()); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return filepath.Join(tmpName, dataName), c.protected()
}

// protected reports whether the link is still there; if not, what runs is an empty database.
func (c *cluster) protected() error {
	if info, err := os.Lstat(c.link()); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		if c.server != nil {
			_ = c.server.Stop()
		}
		return fmt.Errorf("the data could not be read for a moment; they are unchanged in %s: try again", c.keeper.job.shown("data"))
	}
	return nil
}

// beginAfresh clears the way for initdb. What it deletes is at most an earlier attempt of it, which may still be under
// way when the keeper was killed.
func (c *cluster) beginAfresh() error {
	endProgramsIn(c.home)
	if _, err := os.Lstat(c.initializing()); err != nil {
		return writeDurably(c.initializing(), "postgres/data is being made and may be deleted\n")
	}
	return os.RemoveAll(c.data())
}

func (c *cluster) endFresh() error {
	if err := os.Remove(c.initializing()); err != nil {
		return err
	}
	return syncDir(c.home)
}

// mayPass reports whether another attempt may succeed where this one failed.
func (c *cluster) mayPass(err error) bool {
	text := err.Error()
	switch {
	case strings.Contains(text, "process already listening on port"), strings.Contains(text, "Address already in use"):
		return true // somebody was faster
	case strings.Contains(text, `lock file "postmaster.pid" already exists`):
		return true // one that a former run was starting as it was killed; stopLeftOver has stopped it
	case strings.Contains(text, "shared memory block"):
		return true // processes of a postmaster that was killed have yet to notice
	case strings.Contains(text, "invalid locale name") && c.locale != "C":
		c.locale = "C" // macOS before 15 has no C.UTF-8
		return true
	}
	return false
}

// explain makes one line of what the library says, which has the whole log in it.
func (c *cluster) explain(err error) error {
	reason := ""
	for line := range strings.Lines(err.Error()) {
		for _, mark := range []string{"FATAL:", "PANIC:", "error:"} {
			if _, after, found := strings.Cut(line, mark); found && reason == "" {
				reason = strings.TrimSpace(after)
			}
		}
	}
	if reason == "" {
		reason = strings.TrimSuffix(firstLine(err.Error()), ":")
	}
	return fmt.Errorf("PostgreSQL %s on DATA_DIR %s did not start: %s; see %s",
		c.programs.version, c.keeper.job.Shown, reason, c.keeper.job.shown(logName))
}

// stop ends PostgreSQL in its fast mode, and after that did not work for a minute, more firmly.
func (c *cluster) stop() error {
	if err := os.Setenv("PGCTLTIMEOUT", "60"); err != nil {
		return err
	}
	if c.server.Stop() == nil {
		return nil
	}
	return c.stopLeftOver(context.Background())
}

func freePort() (int, error) {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}
