package pgtest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/gofrs/flock"
)

// run is what the processes of one `go test` run share: a directory named for the go command, their common parent.
//
//	starting   locked while a process attaches, or the keeper decides to end
//	users      locked, shared, by each process that uses the server
//	server     where the server is; written by the keeper, which keeps it locked while it lives
type run string

func thisRun() run {
	return run(filepath.Join(os.TempDir(), fmt.Sprintf("erp-pgtest-%d-%d", os.Getuid(), os.Getppid())))
}

func (r run) file(name string) string { return filepath.Join(string(r), name) }

// attach returns the run's server and starts its keeper when there is none.
func attach() (server, error) {
	r := thisRun()
	starting, err := r.lock()
	if err != nil {
		return server{}, fmt.Errorf("share the server among the run's processes: %w", err)
	}
	defer starting.Unlock() //nolint:errcheck // the lock ends with the process at the latest
	users := flock.New(r.file("users"))
	if _, err := users.TryRLock(); err != nil {
		return server{}, fmt.Errorf("share the server among the run's processes: %w", err)
	}
	keeper := flock.New(r.file("server"))
	alone, err := keeper.TryLock()
	if err != nil {
		return server{}, fmt.Errorf("share the server among the run's processes: %w", err)
	}
	if !alone { // the keeper has it
		return r.read(users)
	}
	if err := keeper.Unlock(); err != nil {
		return server{}, fmt.Errorf("share the server among the run's processes: %w", err)
	}
	if err := startKeeper(r); err != nil {
		return server{}, err
	}
	s, err := r.read(users)
	if err != nil {
		return s, err
	}
	return s.report()
}

// lock takes the run's starting lock. A keeper that ends removes the directory, under a process that waits for the lock
// perhaps: that one has to begin again.
func (r run) lock() (*flock.Flock, error) {
	for {
		if err := os.MkdirAll(string(r), 0o700); err != nil {
			return nil, err
		}
		lock := flock.New(r.file("starting"))
		if err := lock.Lock(); err != nil {
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			return nil, err
		}
		held, heldErr := lock.Stat()
		there, thereErr := os.Stat(r.file("starting"))
		if heldErr == nil && thereErr == nil && os.SameFile(held, there) {
			return lock, nil
		}
		_ = lock.Close()
	}
}

// read returns the run's server, to a process that holds its users' lock.
func (r run) read(users *flock.Flock) (server, error) {
	s := server{users: users}
	content, err := os.ReadFile(r.file("server"))
	if err != nil {
		return s, fmt.Errorf("read where the run's server is: %w", err)
	}
	if err := json.Unmarshal(content, &s); err != nil {
		return s, fmt.Errorf("read where the run's server is: %w", err)
	}
	return s, nil
}

// remove makes the directory go at once: who waits for one of its locks must not find half of it.
func (r run) remove() error {
	removed := fmt.Sprintf("%s-ended-%d", r, os.Getpid())
	if err := os.Rename(string(r), removed); err != nil {
		return err
	}
	return os.RemoveAll(removed)
}

// startKeeper runs this binary again as the keeper of the run, in a session of its own: signals that interrupt the tests must
// not reach it. It returns when the server answers.
func startKeeper(r run) error {
	cmd := exec.Command(os.Args[0]) //nolint:noctx,gosec // this binary; it outlives whoever starts it
	cmd.Env = append(os.Environ(), keeperVariable+"="+strconv.Itoa(os.Getppid()), keeperRun+"="+string(r))
	cmd.Dir = os.TempDir()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the server's keeper: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the server's keeper: %w", err)
	}
	said := bufio.NewScanner(out)
	if !said.Scan() {
		return errors.New("the server's keeper ended without a word")
	}
	if said.Text() != started {
		return errors.New(said.Text())
	}
	return nil
}

// report says which server was taken, where ERP_TEST_REPORT asks for it and in the output of `go test -v`.
func (s server) report() (server, error) {
	fmt.Fprintln(os.Stderr, "tests run on: "+s.Description)
	path := os.Getenv("ERP_TEST_REPORT")
	if path == "" {
		return s, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return s, fmt.Errorf("ERP_TEST_REPORT: %w", err)
	}
	_, err = fmt.Fprintln(file, "tests ran on: "+s.Description)
	return s, errors.Join(err, file.Close())
}
