package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"erp.internal/platform/await"
)

const serverVariable = "EMBEDDED_TEST_SERVER"

func TestMain(m *testing.M) {
	RunKeeperIfAsked()
	if dir := os.Getenv(serverVariable); dir != "" {
		serve(dir)
	}
	os.Exit(m.Run())
}

// serve is a server process of its own, for tests to kill.
func serve(dir string) {
	server, err := Start(context.Background(), options(dir))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(served{URL: server.URL(), Keeper: server.keeper.command.Process.Pid})
	select {}
}

type served struct {
	URL    string
	Keeper int
}

// serverProcess starts serve on dir in another process, ended with kill -9 at the latest when the test is over.
func serverProcess(t *testing.T, dir string) (*exec.Cmd, served) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), serverVariable+"="+dir)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(command) })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var s served
	if err := json.Unmarshal([]byte(line), &s); err != nil {
		t.Fatalf("server process says %q", line)
	}
	return command, s
}

func kill(command *exec.Cmd) {
	_ = command.Process.Kill()
	_ = command.Wait()
}

func options(dir string) Options {
	return Options{DataDir: dir, StartParameters: map[string]string{
		"fsync": "off", "full_page_writes": "off", "max_connections": "10",
	}}
}

// tempDir is a data directory that the user PostgreSQL runs as may enter, which it may not with t.TempDir under root. What is
// still running there when the test is over is ended.
func tempDir(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("", "embedded")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "data")
	t.Cleanup(func() {
		await.That(t, "the keeper ends", func() bool { return keeperEnded(dir) })
		if pid := postmasterOf(dir); pid != 0 && isPostmasterOf(pid, filepath.Join(dir, "postgres", "data")) {
			t.Errorf("PostgreSQL (process %d) is left running", pid)
			_ = syscall.Kill(pid, syscall.SIGQUIT)
		}
		if err := os.RemoveAll(parent); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func keeperEnded(dir string) bool {
	home := filepath.Join(dir, "postgres")
	if _, err := os.Stat(home); err != nil {
		return true
	}
	lock, err := tryLock(filepath.Join(home, "postgres.lock"))
	if err != nil {
		return false
	}
	_ = lock.Close()
	return true
}

func postmasterOf(dir string) int {
	return (&cluster{home: filepath.Join(dir, "postgres")}).postmaster()
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	began := time.Now()
	server, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, fresh %t, after %s", server.Description(), server.Fresh(), time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() { stop(t, server) })
	return server
}

func stop(t *testing.T, server *Server) {
	t.Helper()
	if err := server.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// refused starts where no start may succeed, and returns the one line it is refused with.
func refused(t *testing.T, o Options, kind error) string {
	t.Helper()
	server, err := Start(t.Context(), o)
	if err == nil {
		stop(t, server)
		t.Fatal("started")
	}
	if kind != nil && !errors.Is(err, kind) {
		t.Errorf("%v is no %v", err, kind)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	t.Log(err)
	return err.Error()
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
}

func execute(t *testing.T, at, sql string) {
	t.Helper()
	conn := connect(t, at)
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func ask[T any](t *testing.T, at, sql string) T {
	t.Helper()
	conn := connect(t, at)
	defer func() { _ = conn.Close(context.Background()) }()
	var answer T
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func connect(t *testing.T, at string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
