package pgtest

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"erp.internal/platform/await"
)

// However the processes of a run end, the server and its keeper end after them: tempDir sees to that.
func TestRun_leavesNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		child string
		end   func(*shell, said) error
		code  int
		env   []string
	}{
		"when the tests pass":            {child: "collect", env: withoutEngine("GOGC=1")},
		"when a test panics":             {child: "panic", code: 2, env: withoutEngine()},
		"when the process is killed":     {child: "stay", end: killed, code: 137}, // a container's, where there is an engine
		"when it is interrupted":         {child: "stay", end: interrupted, code: -1, env: withoutEngine()},
		"when the whole group is killed": {child: "stay", end: allKilled, code: -1, env: withoutEngine()},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			s := inShell(t, dir, "$TEST", slices.Concat(test.env, []string{childVariable + "=" + test.child})...)
			child := s.next()
			if test.child == "stay" && !answersAt(t, child.URL) {
				t.Error("its server does not answer")
			}
			if test.child == "collect" && !child.Held {
				t.Error("a lock of the run was lost")
			}
			if test.end != nil {
				if err := test.end(s, child); err != nil {
					t.Fatal(err)
				}
			}
			if out, code := s.wait(); code != test.code {
				t.Errorf("exit code %d, want %d: %s", code, test.code, out)
			}
			await.That(t, "its server ended", func() bool { return !answersAt(t, child.URL) })
		})
	}
}

func killed(_ *shell, child said) error { return syscall.Kill(child.PID, syscall.SIGKILL) }

func interrupted(s *shell, _ said) error { return syscall.Kill(-s.cmd.Process.Pid, syscall.SIGINT) }

func allKilled(s *shell, _ said) error { return syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) }

// The processes of one parent, at once and one after the other, share a server; those of another have one of their own.
func TestRun_isNamedForTheParent(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	path := filepath.Join(dir, "report")
	first := inShell(t, dir, "$TEST & $TEST & wait; $TEST", withoutEngine(childVariable+"=pass", "ERP_TEST_REPORT="+path)...)
	nested := inShell(t, dir, "sh -c '$TEST; $TEST; true'; true", withoutEngine(childVariable+"=pass")...)
	server := func(c said) string { return c.URL[:strings.LastIndex(c.URL, "/")] }

	a, b, c := first.next(), first.next(), first.next()
	if a.Run != b.Run || a.Run != c.Run || server(a) != server(b) || server(a) != server(c) {
		t.Errorf("one parent: %v, %v, %v", a, b, c)
	}
	if out, code := first.wait(); code != 0 {
		t.Errorf("exit code %d: %s", code, out)
	}
	d, e := nested.next(), nested.next()
	if d.Run != e.Run || server(d) != server(e) || d.Run == a.Run || server(d) == server(a) {
		t.Errorf("another parent: %v, %v; the first: %v", d, e, a)
	}
	if out, code := nested.wait(); code != 0 {
		t.Errorf("exit code %d: %s", code, out)
	}
	report, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(report); !strings.HasPrefix(got, "tests ran on: a throwaway PostgreSQL ") ||
		!strings.HasSuffix(got, "(no container: no Docker engine answers)\n") || strings.Count(got, "\n") != 1 {
		t.Errorf("the report for three processes on one server: %q", got)
	}
}

func TestRun_report(t *testing.T) {
	t.Parallel()
	t.Run("when TEST_DATABASE_URL is set", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		path := filepath.Join(dir, "report")
		s := inShell(t, dir, "$TEST", childVariable+"=pass", "TEST_DATABASE_URL="+running(t).URL, "ERP_TEST_REPORT="+path)
		s.next()
		if out, code := s.wait(); code != 0 || left(dir) != "" {
			t.Errorf("exit code %d, left %s: %s", code, left(dir), out)
		}
		if report, err := os.ReadFile(path); err != nil || string(report) != "tests ran on: the server of TEST_DATABASE_URL\n" {
			t.Errorf("%q, %v", report, err)
		}
	})
	t.Run("when it cannot be written", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		s := inShell(t, dir, "$TEST", childVariable+"=pass", "TEST_DATABASE_URL="+running(t).URL, "ERP_TEST_REPORT="+filepath.Join(dir, "no", "report"))
		if out, code := s.wait(); code != 1 || !strings.Contains(out, "ERP_TEST_REPORT: ") {
			t.Errorf("exit code %d: %s", code, out)
		}
	})
}

// An image that was asked for by name is used, or the run fails: falling back would hide that it was not.
func TestRun_image(t *testing.T) {
	t.Parallel()
	const image = "127.0.0.1:1/no/postgres:18" // where no registry answers
	tests := map[string]struct {
		engine func(t *testing.T, dir string) string
		image  string
		code   int
		says   string
	}{
		"when an engine answers and cannot run the image named": {engine: emptyEngine, image: image, code: 1, says: "ERP_TEST_POSTGRES_IMAGE " + image + " cannot be run: "},
		"when an engine answers and cannot run the default":     {engine: emptyEngine, says: "tests run on: a throwaway PostgreSQL "},
		"when no engine answers":                                {engine: nowhere, image: image, says: "(no container: no Docker engine answers)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			s := inShell(t, dir, "$TEST", childVariable+"=pass", "DOCKER_HOST="+test.engine(t, dir), "ERP_TEST_POSTGRES_IMAGE="+test.image)
			if out, code := s.wait(); code != test.code || !strings.Contains(out, test.says) {
				t.Errorf("exit code %d, want %d and %q: %s", code, test.code, test.says, out)
			}
		})
	}
}

func nowhere(_ *testing.T, dir string) string { return "unix://" + filepath.Join(dir, "none.sock") }

// emptyEngine answers as a Docker engine that has no image and reaches no registry.
func emptyEngine(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "docker.sock")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_ping") {
			return
		}
		http.Error(w, `{"message": "no such image"}`, http.StatusNotFound)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "unix://" + path
}

// heldAfterCollection reports whether the run's locks, this process's and the keeper's, stay when memory is collected: here
// by force, and by GOGC=1 in the keeper, which looks around twenty times a second. A lock whose file is collected is
// lost, and then the keeper ends a server that is in use, or a second keeper is started.
func heldAfterCollection(r run) bool {
	rounds := time.NewTicker(20 * time.Millisecond) // 50 of them: the keeper has looked around twenty times meanwhile
	defer rounds.Stop()
	for range 50 {
		<-rounds.C
		runtime.GC()
		for _, name := range []string{"users", "server"} {
			lock := flock.New(r.file(name))
			if taken, err := lock.TryLock(); err != nil || taken {
				return false
			}
			_ = lock.Close()
		}
	}
	return true
}
