package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// keeperProcess is the keeper as its parent sees it.
type keeperProcess struct {
	command *exec.Cmd
	stdin   io.Closer // the keeper stops PostgreSQL when this is closed, by us or by our end
	done    chan struct{}
	first   chan report // receives what became of the start

	mu       sync.Mutex
	released bool
	end      error
}

// startKeeper runs the keeper as the account, with its job. The lock is closed when the keeper has ended.
func startKeeper(dir dataDir, who *account, lock *os.File, j job, logger *zap.Logger) (*keeperProcess, error) {
	self, err := ownExecutable()
	if err != nil {
		return nil, fmt.Errorf("find own executable: %w", err)
	}
	// A crash of the keeper must leave a trace, but not on our own stderr: its reader would then wait for the keeper, too.
	crash, err := os.OpenFile(filepath.Join(dir.root, "keeper.log"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, dir.unusable(err)
	}
	defer func() { _ = crash.Close() }()

	command := exec.Command(self) //nolint:noctx // it outlives whoever starts it
	command.Args = []string{"erp-postgres-keeper"}
	command.Dir = dir.home()
	command.Env = keeperEnvironment(os.Environ(), dir.home())
	command.Stderr = crash
	// Its own session: Ctrl-C in the terminal is for the server, which then closes the keeper's stdin when it is ready to.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: who.credential()}
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, cannotStartKeeper(dir, who, err)
	}
	k := &keeperProcess{command: command, stdin: stdin, done: make(chan struct{}), first: make(chan report, 1)}
	go k.listen(stdout, lock, dir, logger)
	if err := json.NewEncoder(stdin).Encode(j); err != nil {
		k.release() // it is gone already, listen says why
	}
	return k, nil
}

func cannotStartKeeper(dir dataDir, who *account, err error) error {
	if errors.Is(err, syscall.EACCES) && who != nil {
		return &refusal{ErrUnreachable, fmt.Sprintf("PostgreSQL does not run as root, and %s, the user it would run as, may not "+
			"enter DATA_DIR %s or not execute this program; %s", who.name, dir.shown, otherDataDir)}
	}
	return fmt.Errorf("start the process that keeps PostgreSQL: %w", err)
}

// keeperEnvironment passes on what finding, downloading and running programs needs. The rest may hold secrets of the server, which
// are none of the business of the user PostgreSQL runs as, or change how PostgreSQL's programs behave.
func keeperEnvironment(ours []string, home string) []string {
	needed := []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
		"GODEBUG", "GORACE", "GOCOVERDIR"}
	var environment []string
	for _, variable := range ours {
		if name, _, _ := strings.Cut(variable, "="); slices.Contains(needed, name) {
			environment = append(environment, variable)
		}
	}
	return append(environment,
		keeperVariable+"=1",
		"HOME="+home,
		"TMPDIR="+filepath.Join(home, "tmp"),
		"LC_ALL=C",          // messages are read for what went wrong
		"TZ=UTC",            // else initdb compares all time zones there are
		"PGCTLTIMEOUT=3600", // recovery after a crash takes its time
	)
}

// listen receives what the keeper reports until it ends.
func (k *keeperProcess) listen(stdout io.Reader, lock *os.File, dir dataDir, logger *zap.Logger) {
	var last report
	answered := false
	for reports := json.NewDecoder(stdout); ; {
		var next report
		err := reports.Decode(&next)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil { // what runs is the program, not its keeper
			_ = k.command.Process.Kill()
			last = report{Error: "the process that keeps PostgreSQL does not report: main must call RunKeeperIfAsked first thing"}
			break
		}
		if next.Note != "" {
			logger.Info(next.Note)
			continue
		}
		last = next
		if !answered {
			answered = true
			k.first <- next
		}
	}
	ended := k.command.Wait()
	if last.Error == "" && ended != nil {
		last = report{Error: fmt.Sprintf("the process that keeps PostgreSQL ended (%s); see %s",
			ended, filepath.Join(dir.shown, "keeper.log"))}
	}
	k.mu.Lock()
	if last.Error != "" {
		k.end = kindNamed(last.Kind, last.Error)
	} else if !k.released {
		k.end = errors.New("the process that keeps PostgreSQL ended")
	}
	k.mu.Unlock()
	k.release()
	_ = lock.Close()
	close(k.done)
}

// release makes the keeper stop PostgreSQL and end.
func (k *keeperProcess) release() {
	k.mu.Lock()
	k.released = true
	k.mu.Unlock()
	_ = k.stdin.Close()
}

func (k *keeperProcess) err() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.end
}

// started waits for the first report. When there is none to build on, the keeper has ended as it returns, unless it takes
// unusually long to.
func (k *keeperProcess) started(ctx context.Context) (report, error) {
	select {
	case first := <-k.first:
		if first.Error == "" {
			return first, nil
		}
		<-k.done
		return report{}, kindNamed(first.Kind, first.Error)
	case <-k.done:
		if err := k.err(); err != nil {
			return report{}, err
		}
		return report{}, errors.New("the process that keeps PostgreSQL ended before it had started it")
	case <-ctx.Done():
		k.release()
		select {
		case <-k.done:
		case <-time.After(15 * time.Second): // the keeper has its own lock until it is through
		}
		return report{}, fmt.Errorf("start PostgreSQL: %w", ctx.Err())
	}
}
