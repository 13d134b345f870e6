package pgtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// The environment of a keeper: the process id of the run's go command, and the run's directory.
const (
	keeperVariable = "ERP_PGTEST_KEEPER"
	keeperRun      = "ERP_PGTEST_RUN"
)

// started is what a keeper says when its server answers; anything else it says is why not.
const started = "started"

// unusedFor is how long a server is kept that nobody uses while the run's parent lives. `go test` may link for that
// long between two packages; where the parent is a shell or an editor, nobody will come any more.
const unusedFor = time.Minute

// runKeeperIfAsked returns at once, unless this process was started as a run's keeper: then it keeps the server until
// the run ends, and exits.
func runKeeperIfAsked() {
	parent, err := strconv.Atoi(os.Getenv(keeperVariable))
	if err != nil {
		return
	}
	r := run(os.Getenv(keeperRun))
	_, _ = os.Unsetenv(keeperVariable), os.Unsetenv(keeperRun) // the processes that it starts are none
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if err := keep(r, parent); err != nil {
		fmt.Println(err) //nolint:forbidigo // to the process that waits for it
		os.Exit(1)
	}
	os.Exit(0)
}

func keep(r run, parent int) (err error) {
	own := flock.New(r.file("server"))
	if taken, err := own.TryLock(); err != nil || !taken {
		return errors.Join(errors.New("another keeper is there"), err)
	}
	var starting *flock.Flock                                  // held to the very end: nobody may come to a server that stops
	defer func() { runtime.KeepAlive([]any{own, starting}) }() // a lock that is collected is a lock that is lost
	defer func() { err = errors.Join(err, r.remove()) }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	s, stop, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	content, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.file("server"), content, 0o600); err != nil {
		return err
	}
	fmt.Println(started) //nolint:forbidigo // to the process that waits for it
	starting = untilUnused(r, parent)
	return nil
}

// untilUnused waits until no process of the run uses the server, and gives the lock that keeps new ones from coming.
func untilUnused(r run, parent int) *flock.Flock {
	used := time.Now()
	for ; ; time.Sleep(50 * time.Millisecond) {
		gone := errors.Is(syscall.Kill(parent, 0), syscall.ESRCH)
		if !gone && time.Since(used) < time.Second/2 {
			continue
		}
		starting := flock.New(r.file("starting"))
		if locked, err := starting.TryLock(); err != nil || !locked {
			used = time.Now()
			continue
		}
		users := flock.New(r.file("users"))
		if unused, err := users.TryLock(); err != nil || !unused {
			used = time.Now()
		} else if gone || time.Since(used) > unusedFor {
			return starting
		}
		_, _ = users.Close(), starting.Close()
	}
}

// startServer starts what there is: a container, else a throwaway server.
func startServer(ctx context.Context) (server, func() error, error) {
	s, stop, err := startContainer(ctx)
	if err == nil {
		return s, stop, nil
	}
	var fatal unusableImage
	if errors.As(err, &fatal) {
		return server{}, nil, err
	}
	local, stop, localErr := startThrowaway(ctx)
	if localErr != nil {
		return server{}, nil, fmt.Errorf("no container (%w) and no server of installed programs (%w): set TEST_DATABASE_URL, or install Docker or PostgreSQL", err, localErr)
	}
	local.Description += fmt.Sprintf(" (no container: %v)", err)
	return local, stop, nil
}
