package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// errLocked says that another open file holds the lock.
var errLocked = errors.New("locked")

// tryLock takes the lock kept on the file at path, which the kernel drops when the process ends, however it ends. The file is
// closed on exec, so no child holds the lock on.
//
// Errors: errLocked.
func tryLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return file, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, &os.PathError{Op: "flock", Path: path, Err: err}
}

// waitForLock is tryLock, repeated until the lock is free, the timeout is over or ctx is done. waiting is called once when the
// lock is not free at once.
//
// Errors: errLocked, the context's.
func waitForLock(ctx context.Context, path string, timeout time.Duration, waiting func()) (*os.File, error) {
	deadline := time.Now().Add(timeout)
	file, err := tryLock(path)
	if errors.Is(err, errLocked) {
		waiting()
	}
	for errors.Is(err, errLocked) && time.Now().Before(deadline) {
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return nil, err
		}
		file, err = tryLock(path)
	}
	return file, err
}

// lockDataDir takes the server's lock on the data directory and leaves the process id in it for whom it refuses.
//
// Errors: ErrInUse.
func lockDataDir(path, shown string) (*os.File, error) {
	file, err := tryLock(path)
	// Who was killed, or let go, while it forked a process leaves the lock to that until its exec.
	for deadline := time.Now().Add(forkTimeout); errors.Is(err, errLocked) && holderIsGone(path) && time.Now().Before(deadline); {
		_ = pause(context.Background(), 10*time.Millisecond)
		file, err = tryLock(path)
	}
	if errors.Is(err, errLocked) {
		return nil, &refusal{ErrInUse, fmt.Sprintf(
			"DATA_DIR %s is in use by another server%s; stop it or set another DATA_DIR", shown, holder(path))}
	}
	if err != nil {
		return nil, err
	}
	if err := writePID(file); err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// writePID says in the lock's file who has it.
func writePID(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt(strconv.AppendInt(nil, int64(os.Getpid()), 10), 0)
	return err
}

func holder(path string) string {
	if pid := holderPID(path); pid != 0 {
		return fmt.Sprintf(" (process %d)", pid)
	}
	return ""
}

// holderPID is the process that wrote its id into the lock's file, 0 when it has the lock and is about to.
func holderPID(path string) int {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(content)))
	if err != nil {
		return 0
	}
	return pid
}

// holderIsGone reports whether who wrote its id into the lock's file cannot be the one that holds it, or is this process.
func holderIsGone(path string) bool {
	pid := holderPID(path)
	return pid == 0 || pid == os.Getpid() || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// forkTimeout is how long a process may take from its fork to its exec, generously.
const forkTimeout = 2 * time.Second

// pause waits for d, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
