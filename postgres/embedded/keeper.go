package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// keeperVariable is the environment variable that makes a process of this binary a keeper.
const keeperVariable = "ERP_POSTGRES_KEEPER"

// stopTimeout is how long a start waits for a PostgreSQL that lost its keeper to stop, and keeperTimeout for the keeper
// before it, which gives its PostgreSQL a minute before it stops it more firmly.
const (
	stopTimeout   = 30 * time.Second
	keeperTimeout = 2 * time.Minute
)

// job is the input of the keeper: one line of JSON on its stdin, which no process list shows.
type job struct {
	Home           string
	Shown          string // DATA_DIR as the operator wrote it
	Password       string
	Repository     string
	Parameters     map[string]string
	OnlyDownloaded bool
}

// shown is a file below DATA_DIR as messages name it.
func (j job) shown(name ...string) string {
	return filepath.Join(append([]string{j.Shown, "postgres"}, name...)...)
}

// report is what the keeper says, as one line of JSON on its stdout: any number of notes, then that PostgreSQL has started or
// why not, and at last why it ended, when nobody asked it to.
type report struct {
	Note string `json:",omitempty"`

	Port     int    `json:",omitempty"`
	Fresh    bool   `json:",omitempty"`
	Version  string `json:",omitempty"`
	Programs string `json:",omitempty"`

	Kind  string `json:",omitempty"`
	Error string `json:",omitempty"`
}

// RunKeeperIfAsked returns at once, unless this process was started by Start to keep PostgreSQL: then it does that and exits.
// To be called first thing in main, and in TestMain of packages whose tests call Start, before anything is opened or printed.
func RunKeeperIfAsked() {
	if os.Getenv(keeperVariable) == "" {
		return
	}
	_ = os.Unsetenv(keeperVariable)
	os.Exit(runKeeper(os.Stdin, os.Stdout))
}

// keeper owns PostgreSQL from its start to its end.
type keeper struct {
	job job

	mu  sync.Mutex
	out *json.Encoder
}

func runKeeper(stdin io.Reader, stdout io.Writer) int {
	// Caught and dropped rather than ignored: ignored signals stay so in the programs started from here. SIGPIPE, because the
	// one who reads our reports may be gone.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	syscall.Umask(0o077)
	adoptOrphans()

	k := keeper{out: json.NewEncoder(stdout)}
	orders := bufio.NewReader(stdin)
	line, err := orders.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &k.job)
	}
	if err != nil {
		return 1
	}
	parent, gone := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, orders) // returns when the parent has closed the pipe, or ended
		gone()
	}()
	if err := k.keep(parent); err != nil {
		k.say(report{Kind: kindName(err), Error: err.Error()})
		return 1
	}
	return 0
}

func (k *keeper) say(r report) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_ = k.out.Encode(r) // to nobody, when the parent is gone
}

func (k *keeper) note(format string, arguments ...any) {
	k.say(report{Note: fmt.Sprintf(format, arguments...)})
}

// keep starts PostgreSQL, keeps it until the parent lets go, and stops it.
func (k *keeper) keep(parent context.Context) error {
	lock, err := waitForLock(parent, filepath.Join(k.job.Home, "postgres.lock"), keeperTimeout, func() {
		k.note("waiting for the PostgreSQL of a former run to stop")
	})
	if errors.Is(err, errLocked) {
		return fmt.Errorf("the PostgreSQL of a former run on DATA_DIR %s is still stopping; see %s and try again",
			k.job.Shown, k.job.shown(logName))
	}
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if err := writePID(lock); err != nil {
		return err
	}

	c := newCluster(k)
	if err := c.stopLeftOver(parent); err != nil {
		return err
	}
	if err := c.tidy(); err != nil {
		return err
	}
	if err := c.inspect(); err != nil {
		return err
	}
	if err := k.interruptibly(parent, func() error { return c.choosePrograms(parent) }); err != nil {
		return err
	}
	started, err := c.startUnlessGone(parent)
	if err != nil {
		return err
	}
	k.say(started)

	died := make(chan struct{})
	go func() {
		awaitPostmaster(c.postmaster(), c.data())
		close(died)
	}()
	select {
	case <-parent.Done():
		return c.stop()
	case <-died:
		return fmt.Errorf("PostgreSQL ended unexpectedly; see %s", k.job.shown(logName))
	}
}

// startUnlessGone is start. A new database, which is thrown away unless it is finished, is given up at once when the
// parent has gone: the next start need not wait for it.
func (c *cluster) startUnlessGone(parent context.Context) (report, error) {
	if c.major != 0 {
		return c.start(parent)
	}
	var started report
	err := c.keeper.interruptibly(parent, func() (err error) {
		started, err = c.start(parent)
		return err
	})
	if errors.Is(err, context.Canceled) {
		endProgramsIn(c.home)
		return report{}, err
	}
	return started, err
}

// interruptibly returns when do has, or as soon as the parent has let go: the process then ends with do unfinished.
func (k *keeper) interruptibly(parent context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-parent.Done():
		return parent.Err()
	}
}
