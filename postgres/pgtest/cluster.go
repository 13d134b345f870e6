package pgtest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"erp.internal/platform/await"
	"erp.internal/postgres/embedded"
)

// Cluster is a PostgreSQL server of a test's own, to be hung, copied and led away from. It ends with the test, also
// when that is killed.
type Cluster struct {
	tb       testing.TB
	programs string
	data     string
	port     string
	pid      int
}

// NewCluster starts a server on an empty database named erp.
func NewCluster(tb testing.TB) *Cluster {
	tb.Helper()
	dir := enterable(tb)
	made, err := embedded.Start(tb.Context(), embedded.Options{DataDir: dir, StartParameters: speed})
	if err != nil {
		tb.Fatal(err)
	}
	if err := made.Stop(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	_, programs, _ := strings.Cut(made.Description(), " from ")
	c := &Cluster{tb: tb, programs: programs, data: filepath.Join(dir, "postgres", "data")}
	everybody := "host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n"
	if err := os.WriteFile(filepath.Join(c.data, "pg_hba.conf"), []byte(everybody), 0o600); err != nil {
		tb.Fatal(err)
	}
	c.start()
	return c
}

// enterable is a directory that PostgreSQL's user may enter, which goes with the test.
func enterable(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "erp-cluster-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // PostgreSQL runs as another user than root
		tb.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

// Addr is where the server listens.
func (c *Cluster) Addr() string { return net.JoinHostPort("127.0.0.1", c.port) }

// URL is the database's address.
func (c *Cluster) URL() string {
	return (&url.URL{Scheme: "postgres", User: url.User("erp"), Host: c.Addr(), Path: "erp", RawQuery: "sslmode=disable"}).String()
}

// whileFed runs a program until its input ends, which it does with the test's process, and then stops it at once by the
// signal that its first argument names.
const whileFed = `s=$1; shift; "$@" </dev/null & p=$!; trap '' INT TERM HUP; read x; kill -CONT $p; kill -$s $p; wait $p`

func (c *Cluster) start() {
	c.tb.Helper()
	c.port = freePort(c.tb)
	log, err := os.Create(c.data + ".log")
	if err != nil {
		c.tb.Fatal(err)
	}
	args := []string{"-c", whileFed, "sh", "QUIT", filepath.Join(c.programs, "postgres"), "-D", c.data, "-p", c.port}
	for name, value := range map[string]string{
		"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "logging_collector": "off", "fsync": "off",
		"shared_buffers": "16MB", "wal_level": "replica", "max_wal_senders": "4", "hot_standby": "on",
	} {
		args = append(args, "-c", name+"="+value)
	}
	cmd := exec.Command("sh", args...) //nolint:noctx // it ends with its input
	cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Dir(c.data), log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if info, err := os.Stat(c.data); err == nil && os.Geteuid() == 0 {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok {
			cmd.SysProcAttr.Credential = &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}
		}
	}
	input, err := cmd.StdinPipe()
	if err != nil {
		c.tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.tb.Fatal(err)
	}
	c.tb.Cleanup(func() {
		_ = input.Close()
		_ = cmd.Wait() // pg_ctl stops it at once, which is not a success exit
		_ = log.Close()
	})
	await.That(c.tb, "the server answers", func() bool {
		conn, err := pgx.Connect(c.tb.Context(), c.URL())
		if err != nil {
			return false
		}
		return conn.Close(c.tb.Context()) == nil
	}, func() string { said, _ := os.ReadFile(c.data + ".log"); return string(said) })
	pid, err := os.ReadFile(filepath.Join(c.data, "postmaster.pid"))
	if err != nil {
		c.tb.Fatal(err)
	}
	first, _, _ := strings.Cut(string(pid), "\n")
	if c.pid, err = strconv.Atoi(first); err != nil {
		c.tb.Fatal(err)
	}
}

// ask returns the first column of a query's rows.
func (c *Cluster) ask(sql string) []string {
	c.tb.Helper()
	conn, err := pgx.Connect(c.tb.Context(), c.URL())
	if err != nil {
		c.tb.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(c.tb.Context())) //nolint:errcheck // nothing is under way on it
	rows, err := conn.Query(c.tb.Context(), sql)
	if err != nil {
		c.tb.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		c.tb.Fatal(err)
	}
	return texts
}

// Hang stops every process of the server where it stands, as a frozen host does, and gives what lets them go on.
func (c *Cluster) Hang() (goOn func()) {
	c.tb.Helper()
	pids := []int{c.pid}
	for _, text := range c.ask("SELECT pid::text FROM pg_stat_activity WHERE pid <> pg_backend_pid()") {
		if pid, err := strconv.Atoi(text); err == nil {
			pids = append(pids, pid)
		}
	}
	send := func(s syscall.Signal) {
		for _, pid := range pids {
			_ = syscall.Kill(pid, s) // one that has ended is as good as stopped
		}
	}
	send(syscall.SIGSTOP)
	return func() { send(syscall.SIGCONT) }
}

// Standby starts a second server that follows this one, from a copy of its data as they are.
func (c *Cluster) Standby() *Cluster {
	c.tb.Helper()
	superuser := c.ask("SELECT rolname::text FROM pg_roles WHERE rolsuper ORDER BY oid LIMIT 1")[0]
	base := enterable(c.tb)
	if err := os.Mkdir(base, 0o711); err != nil { //nolint:gosec // as above
		c.tb.Fatal(err)
	}
	s := &Cluster{tb: c.tb, programs: c.programs, data: filepath.Join(base, "standby")}
	conn, err := pgx.Connect(c.tb.Context(), strings.Replace(c.URL(), "erp@", superuser+"@", 1))
	if err != nil {
		c.tb.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(c.tb.Context())) //nolint:errcheck // nothing is under way on it
	if _, err := conn.Exec(c.tb.Context(), "SELECT pg_backup_start('standby', true)"); err != nil {
		c.tb.Fatal(err)
	}
	if err := copyTree(c.data, s.data); err != nil {
		c.tb.Fatal(err)
	}
	var label string
	if err := conn.QueryRow(c.tb.Context(), "SELECT labelfile FROM pg_backup_stop(false)").Scan(&label); err != nil {
		c.tb.Fatal(err)
	}
	follow := fmt.Sprintf("\nprimary_conninfo = 'host=127.0.0.1 port=%s user=%s'\n", c.port, superuser)
	for name, text := range map[string]string{"backup_label": label, "standby.signal": "", "postgresql.auto.conf": follow} {
		if err := s.write(name, text); err != nil {
			c.tb.Fatal(err)
		}
	}
	s.start()
	return s
}

// Promote makes a standby a primary.
func (c *Cluster) Promote() {
	c.tb.Helper()
	superuser := c.ask("SELECT rolname::text FROM pg_roles WHERE rolsuper ORDER BY oid LIMIT 1")[0]
	Run(c.tb, strings.Replace(c.URL(), "erp@", superuser+"@", 1), "SELECT pg_promote()")
}

// write makes a file of the data, whose owner is theirs.
func (c *Cluster) write(name, text string) error {
	path := filepath.Join(c.data, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	return sameOwner(c.data, path)
}

// copyTree copies a server's data, but what belongs to the running process.
func copyTree(from, to string) error {
	return filepath.Walk(from, func(path string, info os.FileInfo, err error) error {
		if os.IsNotExist(err) { // it went meanwhile, as such files do
			return nil
		}
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, below)
		switch {
		case below == "postmaster.pid" || below == "postmaster.opts":
			return nil
		case info.IsDir():
			if err := os.Mkdir(target, 0o700); err != nil {
				return err
			}
		default:
			if err := copyFile(path, target); os.IsNotExist(err) {
				return nil
			} else if err != nil {
				return err
			}
		}
		return sameOwner(path, target)
	})
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close() //nolint:errcheck // only read from
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		_ = target.Close()
		return err
	}
	return target.Close()
}

func sameOwner(as, path string) error {
	info, err := os.Stat(as)
	if err != nil || os.Geteuid() != 0 {
		return nil //nolint:nilerr // a file that went, or one that is ours anyway
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		return os.Chown(path, int(owner.Uid), int(owner.Gid))
	}
	return nil
}
