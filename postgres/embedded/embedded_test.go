package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"erp.internal/platform/await"
)

func TestStart(t *testing.T) {
	t.Parallel()

	t.Run("keeps the data over restarts", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		first := start(t, options(dir))
		if !first.Fresh() {
			t.Error("the first start is not fresh")
		}
		execute(t, first.URL(), "CREATE TABLE notes AS SELECT '환자' AS text")
		stop(t, first)
		stop(t, first)
		if _, err := pgx.Connect(t.Context(), first.URL()); err == nil {
			t.Error("answers after Stop")
		}

		second := start(t, options(dir))
		if second.Fresh() {
			t.Error("the second start is fresh")
		}
		if got := ask[string](t, second.URL(), "SELECT text FROM notes"); got != "환자" {
			t.Errorf("found %q", got)
		}
		if err := second.Err(); err != nil {
			t.Error(err)
		}
	})

	t.Run("listens on 127.0.0.1 only, with a password", func(t *testing.T) {
		t.Parallel()
		server := start(t, options(tempDir(t)))
		at, err := url.Parse(server.URL())
		if err != nil {
			t.Fatal(err)
		}
		if at.Hostname() != "127.0.0.1" {
			t.Errorf("is at %s", at.Hostname())
		}
		for _, host := range otherAddresses(t) {
			if conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, at.Port()), 5*time.Second); err == nil {
				_ = conn.Close()
				t.Errorf("answers on %s", host)
			}
		}
		settings := ask[string](t, server.SuperuserURL(),
			"SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN ('listen_addresses', 'unix_socket_directories')")
		if want := "listen_addresses=127.0.0.1 unix_socket_directories="; settings != want {
			t.Errorf("settings are %q", settings)
		}
		at.User = url.UserPassword(roleName, "guess")
		if _, err := pgx.Connect(t.Context(), at.String()); err == nil {
			t.Error("accepts any password")
		}
	})

	t.Run("treats Korean text and letters beyond ASCII sanely", func(t *testing.T) {
		t.Parallel()
		server := start(t, options(tempDir(t)))
		got := ask[string](t, server.URL(), `SELECT concat_ws(' ', pg_encoding_to_char(encoding), lower('내과 ÀB'),
			'간호과' < '내과', '서울병원' ILIKE '%병원', '가' ~ '\w') FROM pg_database WHERE datname = current_database()`)
		if diff := cmp.Diff("UTF8 내과 àb t t t", got); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("passes start parameters", func(t *testing.T) {
		t.Parallel()
		server := start(t, options(tempDir(t)))
		if got := ask[string](t, server.URL(), "SHOW max_connections"); got != "10" {
			t.Errorf("max_connections is %s", got)
		}
	})

	t.Run("leaves all connections to the caller", func(t *testing.T) {
		t.Parallel()
		server := start(t, options(tempDir(t)))
		if got := ask[int](t, server.URL(), "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"); got != 1 {
			t.Errorf("%d connections are open", got)
		}
	})

	t.Run("tells PostgreSQL nothing of the server's environment", func(t *testing.T) {
		t.Parallel()
		got := keeperEnvironment([]string{"PATH=/bin", "SESSION_SECRET=x", "PGDATA=/y", "LC_ALL=ko_KR.UTF-8", "HTTPS_PROXY=z"}, "/home")
		want := []string{"PATH=/bin", "HTTPS_PROXY=z", keeperVariable + "=1", "HOME=/home", "TMPDIR=/home/tmp", "LC_ALL=C", "TZ=UTC",
			"PGCTLTIMEOUT=3600"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("refuses start parameters that open the server or reach the shell", func(t *testing.T) {
		t.Parallel()
		for name, value := range map[string]string{
			"listen_addresses": "*", "unix_socket_directories": "/tmp", "port": "1", "work_mem": "$(id)", "a b": "c",
		} {
			o := options(filepath.Join(t.TempDir(), "untouched"))
			o.StartParameters = map[string]string{name: value}
			mustContain(t, refused(t, o, nil), name)
		}
	})

	t.Run("keeps the password to itself", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		start(t, options(dir))
		for name, want := range map[string]os.FileMode{"postgres-password": 0o600, "postgres": 0o700, "keeper.log": 0o600} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s has mode %o", name, got)
			}
		}
		if log, err := os.ReadFile(filepath.Join(dir, "postgres.log")); err != nil || !strings.Contains(string(log), "ready to accept") {
			t.Errorf("postgres.log is %q, %v", log, err)
		}
	})

	t.Run("a second server on the directory is refused", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		server := start(t, options(dir))
		line := refused(t, options(dir), ErrInUse)
		want := fmt.Sprintf("DATA_DIR %s is in use by another server (process %d); stop it or set another DATA_DIR", dir, os.Getpid())
		if diff := cmp.Diff(want, line); diff != "" {
			t.Error(diff)
		}
		ask[int](t, server.URL(), "SELECT 1")
	})

	t.Run("ends with its context and leaves nothing behind", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		ctx, cancel := context.WithCancel(t.Context())
		began := make(chan struct{})
		go func() {
			defer cancel()
			for pause(ctx, time.Millisecond) == nil { // initdb is at work
				if _, err := os.Stat(filepath.Join(dir, "postgres", initializingName)); err == nil {
					break
				}
			}
			close(began)
		}()
		_, err := Start(ctx, options(dir))
		<-began
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("returns %v", err)
		}
		if !keeperEnded(dir) {
			t.Error("the keeper still runs")
		}
		start(t, options(dir))
	})

	t.Run("says when PostgreSQL ends underneath", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		server, err := Start(t.Context(), options(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(postmasterOf(dir), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-server.Done()
		if err := server.Stop(t.Context()); err == nil || server.Err() == nil {
			t.Error("no error")
		} else {
			mustContain(t, err.Error(), "ended unexpectedly", "postgres.log")
		}
		start(t, options(dir))
	})

	t.Run("a program below a directory only root may enter still starts", func(t *testing.T) {
		t.Parallel()
		private := t.TempDir()
		if err := os.Chmod(private, 0o700); err != nil {
			t.Fatal(err)
		}
		program := filepath.Join(private, "server")
		content, err := os.ReadFile(os.Args[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(program, content, 0o755); err != nil {
			t.Fatal(err)
		}
		dir := tempDir(t)
		command := exec.Command(program)
		command.Env = append(os.Environ(), serverVariable+"="+dir)
		stdout, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		defer kill(command)
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		mustContain(t, line, "postgres://erp:")
	})
}

func TestStart_InAKeeperThatIsNone(t *testing.T) {
	t.Setenv(keeperVariable, "1")
	mustContain(t, refused(t, options(filepath.Join(t.TempDir(), "untouched")), nil), "main must call RunKeeperIfAsked")
}

// otherAddresses are the machine's addresses beyond 127.0.0.1.
func otherAddresses(t *testing.T) []string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	list := []string{"127.0.0.2"}
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if ok && !network.IP.Equal(net.IPv4(127, 0, 0, 1)) && !network.IP.IsLinkLocalUnicast() {
			list = append(list, network.IP.String())
		}
	}
	return list
}

func pidFile(dir string) string { return filepath.Join(dir, "postgres", "data", "postmaster.pid") }

func TestStart_AfterKill(t *testing.T) {
	t.Parallel()

	t.Run("of the server, PostgreSQL stops and the next start works", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		process, s := serverProcess(t, dir)
		execute(t, s.URL, "CREATE TABLE kept AS SELECT 1")
		postmaster := postmasterOf(dir)
		kill(process)

		next := start(t, options(dir)) // at once: it waits for the former keeper
		if isPostmasterOf(postmaster, filepath.Join(dir, "postgres", "data")) {
			t.Error("the former PostgreSQL still runs")
		}
		ask[int](t, next.URL(), "SELECT count(*) FROM kept")
		log, err := os.ReadFile(filepath.Join(dir, "postgres", "postgres.log.1"))
		if err != nil {
			t.Fatal(err)
		}
		mustContain(t, string(log), "database system is shut down") // cleanly
	})

	t.Run("of the server, with nobody starting another", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		process, _ := serverProcess(t, dir)
		postmaster := postmasterOf(dir)
		kill(process)
		await.That(t, "the keeper ends", func() bool { return keeperEnded(dir) })
		if isPostmasterOf(postmaster, filepath.Join(dir, "postgres", "data")) {
			t.Error("PostgreSQL still runs")
		}
	})

	t.Run("of server and keeper, the next start takes over", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		process, s := serverProcess(t, dir)
		execute(t, s.URL, "CREATE TABLE kept AS SELECT 1")
		postmaster := postmasterOf(dir)
		if err := syscall.Kill(s.Keeper, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		kill(process)
		await.That(t, "the keeper ends", func() bool { return keeperEnded(dir) })
		ask[int](t, s.URL, "SELECT 1") // PostgreSQL has survived

		next := start(t, options(dir))
		if isPostmasterOf(postmaster, filepath.Join(dir, "postgres", "data")) {
			t.Error("the former PostgreSQL still runs")
		}
		ask[int](t, next.URL(), "SELECT count(*) FROM kept")
	})

	t.Run("of the keeper, the server is told", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		server, err := Start(t.Context(), options(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := server.keeper.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-server.Done()
		mustContain(t, server.Err().Error(), "killed", "keeper.log")
		start(t, options(dir))
	})

	t.Run("signals of the terminal do not reach the keeper", func(t *testing.T) {
		t.Parallel()
		server := start(t, options(tempDir(t)))
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
			if err := server.keeper.command.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
		}
		ask[int](t, server.URL(), "SELECT 1")
		session, err := unix.Getsid(server.keeper.command.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if own, _ := unix.Getsid(0); session == own {
			t.Error("the keeper is in our session")
		}
	})

	for name, pid := range map[string]func(t *testing.T) int{
		"nobody has":          func(*testing.T) int { return 1 << 22 },
		"another program has": neighbour,
	} {
		t.Run("of the machine, postmaster.pid names a process that "+name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			first := start(t, options(dir))
			execute(t, first.URL(), "CREATE TABLE kept AS SELECT 1")
			content, err := os.ReadFile(pidFile(dir))
			if err != nil {
				t.Fatal(err)
			}
			if err := syscall.Kill(postmasterOf(dir), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			<-first.Done()
			first.keeper.end = nil // as if there had been no first
			_, rest, _ := strings.Cut(string(content), "\n")
			if err := os.WriteFile(pidFile(dir), []byte(strconv.Itoa(pid(t))+"\n"+rest), 0o600); err != nil {
				t.Fatal(err)
			}
			next := start(t, options(dir))
			ask[int](t, next.URL(), "SELECT count(*) FROM kept")
		})
	}
}

// neighbour is a process of the user PostgreSQL runs as that is no PostgreSQL.
func neighbour(t *testing.T) int {
	t.Helper()
	who, err := chooseAccount("", "")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("cat")
	command.SysProcAttr = &syscall.SysProcAttr{Credential: who.credential()}
	if _, err := command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(command) })
	return command.Process.Pid
}
