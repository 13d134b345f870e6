package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"erp.internal/migrations"
	"erp.internal/platform/await"
	"erp.internal/postgres/pgtest"
)

// programVariable makes a process of the test binary the program itself, so that there is nothing to build and -race
// watches it, too.
const programVariable = "RUN_ERP_ITSELF"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	pgtest.Main(m)
}

// timeout is how long a test waits; a passing test needs far less.
const timeout = 30 * time.Second

// process is one run of the program.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err output
	ended    chan struct{}
	address  string // once ready
}

// output is what a process wrote so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// workDir is a directory that the user PostgreSQL runs as may enter, which it may not with t.TempDir under root. When
// the test is over, nobody may work in it any more.
func workDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "erp-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		await.That(t, "nobody works in "+dir, func() bool { return len(workingIn(dir)) == 0 })
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// workingIn lists the processes that name the directory in their command line, as PostgreSQL does, or are in it, as its
// keeper is. Where there is no /proc it finds none.
func workingIn(dir string) []string {
	var found []string
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		cmdline, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		cwd, _ := os.Readlink(filepath.Join(process, "cwd"))
		if bytes.Contains(cmdline, []byte(dir)) || strings.HasPrefix(cwd, dir) {
			found = append(found, process+" "+strings.ReplaceAll(string(cmdline), "\x00", " "))
		}
	}
	return found
}

// start runs the program with the settings, and no others but those that keep it from fixed ports.
func start(t *testing.T, dir string, settings []string, args ...string) *process {
	t.Helper()
	return startReading(t, "", dir, settings, args...)
}

// startReading is start, with a text on standard input.
func startReading(t *testing.T, stdin, dir string, settings []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], args...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdin = dir, strings.NewReader(stdin)
	p.cmd.Env = append([]string{programVariable + "=1", "HTTP_ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0"}, settings...)
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR", "GORACE"} {
		if value, set := os.LookupEnv(name); set {
			p.cmd.Env = append(p.cmd.Env, name+"="+value)
		}
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.signal(syscall.SIGKILL)
		<-p.ended
		if said := p.out.String() + p.err.String(); t.Failed() {
			t.Logf("%s said:\n%s", strings.Join(args, " "), said[max(0, len(said)-8<<10):])
		}
		for _, mark := range []string{"DATA RACE", "panic", "goroutine "} {
			if strings.Contains(p.err.String(), mark) {
				t.Errorf("%s in the log: %s", mark, &p.err)
			}
		}
	})
	return p
}

// command runs the program to its end.
func command(t *testing.T, settings []string, args ...string) *process {
	t.Helper()
	p := start(t, t.TempDir(), settings, args...)
	p.wait()
	return p
}

// serve starts the server, which lets everybody in, and waits until it is ready.
func serve(t *testing.T, dir string, settings ...string) *process {
	t.Helper()
	p := start(t, dir, settings, "serve", "--open")
	p.ready()
	return p
}

// onDatabase is the setting of a database that is current and this test's alone.
func onDatabase(t *testing.T) string {
	t.Helper()
	return "DATABASE_URL=" + pgtest.URL(t, migrations.Files)
}

func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }

// ready waits until the server says that it is, and /readyz agrees.
func (p *process) ready() {
	p.t.Helper()
	await.That(p.t, "the server says where it is", func() bool {
		select {
		case <-p.ended:
			p.t.Fatalf("the server ended: %s", &p.err)
		default:
		}
		p.address, _ = p.logged("ready")["address"].(string)
		return p.address != ""
	})
	await.That(p.t, "/readyz answers 200", func() bool { return p.get("/readyz").status == http.StatusOK })
}

// logged returns the fields of the log line with the message.
func (p *process) logged(message string) map[string]any {
	for line := range strings.Lines(p.err.String()) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil && fields["msg"] == message {
			return fields
		}
	}
	return nil
}

// complaints are the lines on stderr that are no log lines.
func (p *process) complaints() []string {
	var lines []string
	for line := range strings.Lines(p.err.String()) {
		if !json.Valid([]byte(line)) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// wait waits for the end and gives the exit code, -1 for one by signal.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(timeout):
		p.t.Fatalf("it does not end: %s", &p.err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// stop ends the server as an operator does.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != exitDone || len(p.complaints()) > 0 {
		p.t.Errorf("exit code %d, and it says %q", code, p.complaints())
	}
}

// fails expects exit code 1 and one line that holds each of the parts, and nothing of what is secret.
func (p *process) fails(parts ...string) {
	p.t.Helper()
	p.failsWith(exitFailed, 1)
	for _, part := range parts {
		if !strings.Contains(strings.Join(p.complaints(), "\n"), part) {
			p.t.Errorf("%q is not in %q", part, p.complaints())
		}
	}
	if strings.Contains(p.err.String()+p.out.String(), secret) {
		p.t.Errorf("the password was shown: %s%s", &p.out, &p.err)
	}
}

// failsWith expects the exit code and so many lines.
func (p *process) failsWith(code, lines int) {
	p.t.Helper()
	if got := p.wait(); got != code || len(p.complaints()) != lines {
		p.t.Errorf("exit code %d, want %d, and %d lines, want %d: %q", got, code, len(p.complaints()), lines, p.complaints())
	}
	for _, line := range p.complaints() {
		if !strings.HasPrefix(line, "erp: ") {
			p.t.Errorf("a line that does not say who wrote it: %q", line)
		}
	}
}

// secret is the password of tests that look for it in what is printed.
const secret = "open-sesame"

// answer is what the server said, or status 0 when it did not.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

// client keeps no connections: the servers of tests come and go.
var client = &http.Client{Timeout: timeout, Transport: &http.Transport{DisableKeepAlives: true}}

func (p *process) get(path string) answer { return p.ask(http.MethodGet, path, "") }

func (p *process) post(path, body string) answer { return p.ask(http.MethodPost, path, body) }

func (p *process) ask(method, path, body string) answer { return p.askAs("", method, path, body) }

// askAs is ask with an Authorization header.
func (p *process) askAs(who, method, path, body string) answer {
	request, err := http.NewRequestWithContext(context.Background(), method, "http://"+p.address+path, strings.NewReader(body))
	if err != nil {
		return answer{}
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		request.Header.Set("Authorization", who)
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}
	}
	a := answer{status: response.StatusCode, header: response.Header}
	_ = json.Unmarshal(content, &a.body) // a list stays nil
	return a
}

// create makes an organization and gives its id.
func (p *process) create(name string) int {
	p.t.Helper()
	a := p.post("/organizations", `{"name": "`+name+`"}`)
	if a.status != http.StatusCreated {
		p.t.Fatalf("status %d: %v", a.status, a.body)
	}
	id, _ := a.body["id"].(float64)
	return int(id)
}

// has expects the organization to be there under its name.
func (p *process) has(path, name string) {
	p.t.Helper()
	if a := p.get(path); a.status != http.StatusOK || a.body["name"] != name {
		p.t.Errorf("status %d: %v, want %s", a.status, a.body, name)
	}
}

// execute runs SQL on a database and gives how many rows it was about.
func execute(t *testing.T, url, sql string, args ...any) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tag, err := conn.Exec(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return int(tag.RowsAffected())
}

// listen takes a free port of this machine for the length of the test.
func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// unused is an address where nobody listens.
func unused(t *testing.T) string {
	t.Helper()
	listener := listen(t)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// proxy stands between a server and its database, so that a test can take that away.
type proxy struct {
	t        *testing.T
	to, addr string

	mu       sync.Mutex
	listener net.Listener
	open     []net.Conn
}

// newProxy stands before the address.
func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	p := &proxy{t: t, to: to, addr: "127.0.0.1:0"}
	p.connect()
	p.addr = p.listener.Addr().String()
	t.Cleanup(p.cut)
	return p
}

// connect lets connections through.
func (p *proxy) connect() {
	p.t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.listener = listener
	p.mu.Unlock()
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go p.pass(listener, from)
		}
	}()
}

func (p *proxy) pass(of net.Listener, from net.Conn) {
	to, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.to)
	if err != nil {
		_ = from.Close()
		return
	}
	p.mu.Lock()
	cut := p.listener != of
	p.open = append(p.open, from, to)
	p.mu.Unlock()
	if cut {
		p.cut()
		return
	}
	go func() {
		_, _ = io.Copy(to, from)
		_ = errors.Join(to.Close(), from.Close())
	}()
	_, _ = io.Copy(from, to)
	_ = errors.Join(to.Close(), from.Close())
}

// cut ends every connection and lets no more through.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	for _, conn := range p.open {
		_ = conn.Close()
	}
	p.open = nil
}
