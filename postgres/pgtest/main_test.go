package pgtest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"erp.internal/platform/await"
)

func TestMain(m *testing.M) { Main(m) }

// marks is a schema whose migration would fail on a database that has it already.
var marks = fstest.MapFS{
	"000001_test_marks.up.sql":   {Data: []byte("CREATE TABLE public.marks (text text)")},
	"000001_test_marks.down.sql": {Data: []byte("DROP TABLE public.marks")},
}

// childVariable tells a process of this binary what TestChild is to do.
const childVariable = "ERP_PGTEST_CHILD"

// said is what TestChild prints.
type said struct {
	PID  int
	Run  run
	URL  string
	Held bool // the run's locks, after memory was collected
}

// withoutEngine is an environment that makes a child use a throwaway server.
func withoutEngine(more ...string) []string {
	return append([]string{"DOCKER_HOST=unix:///nonexistent.sock", "ERP_TEST_POSTGRES_IMAGE="}, more...)
}

// shell is a fake parent of test processes: what `go test` is in a real run. Ctrl-C in the terminal would reach it and
// its children.
type shell struct {
	t   *testing.T
	dir string // the temporary directory of all that runs below it
	cmd *exec.Cmd
	out *bufio.Scanner
	err *strings.Builder
}

// tempDir is a directory that the user PostgreSQL runs as may enter. When the test is over, nothing may be in it, and
// nothing may run in it.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		await.That(t, "what ran is gone", func() bool { return left(dir) == "" }, func() string { return left(dir) })
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// inShell runs a script with dir as the temporary directory; in it, "$TEST" runs TestChild of this binary.
func inShell(t *testing.T, dir, script string, env ...string) *shell {
	t.Helper()
	s := &shell{t: t, dir: dir, cmd: exec.Command("sh", "-c", script+"\nexit $?"), err: &strings.Builder{}}
	s.cmd.Env = append(os.Environ(), "TMPDIR="+dir, "TEST="+os.Args[0]+" -test.run=^TestChild$ -test.timeout=1m",
		"TEST_DATABASE_URL=", "ERP_TEST_REPORT=")
	s.cmd.Env = append(s.cmd.Env, env...)
	s.cmd.Stderr = s.err
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewScanner(out)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
			_ = s.cmd.Wait()
		}
	})
	return s
}

// next waits for the next child to say where it is.
func (s *shell) next() said {
	s.t.Helper()
	for s.out.Scan() {
		var child said
		if json.Unmarshal(s.out.Bytes(), &child) == nil {
			return child
		}
		s.t.Log(s.out.Text())
	}
	_ = s.cmd.Wait()
	s.t.Fatalf("no child said anything: %s", s.err)
	return said{}
}

// wait returns what came after and the exit code.
func (s *shell) wait() (out string, code int) {
	s.t.Helper()
	var lines []string
	for s.out.Scan() {
		lines = append(lines, s.out.Text())
	}
	err := s.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return strings.Join(lines, "\n") + s.err.String(), s.cmd.ProcessState.ExitCode()
}

// left names what is in dir and who runs there; it is empty when there is neither.
func left(dir string) string {
	var found []string
	entries, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, entry := range entries {
		if base := filepath.Base(entry); strings.HasPrefix(base, "erp-pgtest") {
			found = append(found, entry)
		}
	}
	processes, _ := filepath.Glob("/proc/[0-9]*") // where there is no /proc, the directories have to do
	for _, process := range processes {
		environ, _ := os.ReadFile(filepath.Join(process, "environ"))
		cmdline, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		if strings.Contains(string(environ), dir) || strings.Contains(string(cmdline), dir) {
			found = append(found, process+" "+strings.ReplaceAll(string(cmdline), "\x00", " "))
		}
	}
	return strings.Join(found, ", ")
}

func ask[T any](t *testing.T, url, sql string, args ...any) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var answer T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func answersAt(t *testing.T, url string) bool {
	t.Helper()
	return answers(t.Context(), url) == nil
}

// TestChild is what the child processes of the other tests run; by itself it does nothing.
func TestChild(t *testing.T) {
	what := os.Getenv(childVariable)
	if what == "" {
		return
	}
	child := said{PID: os.Getpid(), Run: thisRun(), URL: URL(t, marks)}
	if what == "collect" {
		child.Held = heldAfterCollection(child.Run)
	}
	line, err := json.Marshal(child)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(line))
	switch what {
	case "panic":
		panic("as told")
	case "stay":
		<-t.Context().Done()
		<-time.After(time.Minute)
	}
}
