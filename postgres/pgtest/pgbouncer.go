package pgtest

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"erp.internal/platform/await"
)

// Modes of a PgBouncer: when a server connection is given to another client.
const (
	SessionMode     = "session"
	TransactionMode = "transaction"
)

// IgnoreStartupParameters is the line of pgbouncer.ini that lets clients ask for limits which PgBouncer does not set.
const IgnoreStartupParameters = "ignore_startup_parameters = statement_timeout, lock_timeout, idle_in_transaction_session_timeout"

// PgBouncer is a PgBouncer before a test's database. It ends with the test, also when that is killed.
type PgBouncer struct {
	tb    testing.TB
	dir   string
	url   *url.URL
	input io.Closer // of the process; nil while none runs
	cmd   *exec.Cmd
}

// NewPgBouncer starts one before the database at address. In transaction mode, clients share 4 connections to the server.
// More lines of pgbouncer.ini's section [pgbouncer] may follow.
func NewPgBouncer(tb testing.TB, address, mode string, lines ...string) *PgBouncer {
	tb.Helper()
	server, err := pgx.ParseConfig(address)
	if err != nil {
		tb.Fatal(err)
	}
	through, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	port := freePort(tb)
	through.Host = net.JoinHostPort("127.0.0.1", port)
	size := 4
	if mode == SessionMode {
		size = 40 // a client keeps its connection
	}
	p := &PgBouncer{tb: tb, dir: filepath.Dir(enterable(tb)), url: through}
	ini := []string{
		"[databases]",
		fmt.Sprintf("%s = host=%s port=%d", server.Database, server.Host, server.Port),
		"[pgbouncer]",
		"listen_addr = 127.0.0.1", "listen_port = " + port, "unix_socket_dir =",
		"auth_type = trust", "auth_file = " + filepath.Join(p.dir, "userlist.txt"),
		"pool_mode = " + mode, "default_pool_size = " + strconv.Itoa(size), "server_login_retry = 1",
	}
	p.write("pgbouncer.ini", strings.Join(append(ini, lines...), "\n")+"\n")
	p.write("userlist.txt", fmt.Sprintf("%q %q\n", server.User, server.Password))
	tb.Cleanup(p.Kill)
	p.Start()
	return p
}

// URL is the database's address through the PgBouncer.
func (p *PgBouncer) URL() string { return p.url.String() }

// Start starts it again, at the same address.
func (p *PgBouncer) Start() {
	p.tb.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // which is in the path of few users
	}
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		p.tb.Fatal(err)
	}
	defer log.Close()                                                                                       //nolint:errcheck // the process has its own
	cmd := exec.Command("sh", "-c", whileFed, "sh", "KILL", program, filepath.Join(p.dir, "pgbouncer.ini")) //nolint:noctx // it ends with its input
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: p.account()}
	input, err := cmd.StdinPipe()
	if err != nil {
		p.tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.tb.Fatal(err)
	}
	p.cmd, p.input = cmd, input
	await.That(p.tb, "PgBouncer answers (it must be installed: apt-get install pgbouncer)", func() bool {
		conn, err := (&net.Dialer{}).DialContext(p.tb.Context(), "tcp", p.url.Host)
		return err == nil && conn.Close() == nil
	}, func() string { said, _ := os.ReadFile(log.Name()); return string(said) })
}

// Kill ends it at once, with all its connections.
func (p *PgBouncer) Kill() {
	if p.input == nil {
		return
	}
	_ = p.input.Close()
	_ = p.cmd.Wait() // it was stopped at once, which is not a success exit
	p.input = nil
}

// account is whom PgBouncer runs as, since it refuses to run as root; nil where the test is not root.
func (p *PgBouncer) account() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(found.Uid, 10, 32)
		gid, _ := strconv.ParseUint(found.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	p.tb.Fatal("there is neither a user postgres nor nobody to run PgBouncer as")
	return nil
}

// write makes a file that PgBouncer can read.
func (p *PgBouncer) write(name, text string) {
	p.tb.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.tb.Fatal(err)
	}
	if owner := p.account(); owner != nil {
		if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
			p.tb.Fatal(err)
		}
	}
}

func freePort(tb testing.TB) string {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // so that another program can listen
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}
