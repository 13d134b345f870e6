package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"erp.internal/platform/await"
)

func TestServe_onItsOwnDatabase(t *testing.T) {
	t.Parallel()
	dir := workDir(t)
	data := filepath.Join(dir, "data")
	setting := "DATA_DIR=" + data
	noneLeft := func() {
		t.Helper()
		await.That(t, "PostgreSQL and its keeper ended", func() bool { return len(workingIn(data)) == 0 })
	}

	first := serve(t, dir, setting)
	if id := first.create("Seoul"); id != 1 {
		t.Errorf("the first organization has the id %d", id)
	}
	if len(workingIn(data)) == 0 {
		t.Error("nobody works in DATA_DIR: this test would not see what is left")
	}
	start(t, dir, []string{setting}, "serve").fails("DATA_DIR "+data+" is in use by another server", strconv.Itoa(first.cmd.Process.Pid))
	first.has("/organizations/1", "Seoul") // undisturbed
	first.stop()
	if left := workingIn(data); len(left) > 0 {
		t.Errorf("left after an orderly end: %q", left)
	}

	second := serve(t, dir, setting)
	second.has("/organizations/1", "Seoul")
	if id := second.create("Busan"); id != 2 {
		t.Errorf("the second organization has the id %d", id)
	}
	second.signal(syscall.SIGKILL)
	second.wait()
	noneLeft()

	third := serve(t, dir, setting)
	third.has("/organizations/1", "Seoul")
	third.has("/organizations/2", "Busan")
	postmaster, err := os.ReadFile(filepath.Join(data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(postmaster), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	third.fails("the embedded database ended", "postgres.log")
	noneLeft()

	fourth := serve(t, dir, setting)
	fourth.has("/organizations/2", "Busan")
	fourth.stop()
	noneLeft()
}

func TestServe_says(t *testing.T) {
	t.Parallel()
	p := serve(t, t.TempDir(), onDatabase(t))
	if want := "http://" + p.address + "/docs"; !strings.Contains(p.out.String(), want) {
		t.Errorf("%s is not in %q", want, &p.out)
	}
	if p.logged("--open: everyone who can connect to this address may do everything")["level"] != "warn" {
		t.Error("it does not warn that everybody is let in")
	}
	p.stop()
}

// underWay is a POST whose body the server reads and has not got yet.
type underWay struct {
	t    *testing.T
	conn net.Conn
	rest string
}

func beginPost(t *testing.T, p *process) underWay {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		t.Fatal(err)
	}
	const body = `{"name": "Daegu"}`
	fmt.Fprintf(conn, "POST /organizations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	u := underWay{t: t, conn: conn, rest: body[8:]}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") { // it asks for the body
		t.Fatalf("%q, %v", line, err)
	}
	fmt.Fprint(conn, body[:8])
	return u
}

// end sends the rest and gives the answer's status.
func (u underWay) end() int {
	u.t.Helper()
	fmt.Fprint(u.conn, u.rest)
	reader := bufio.NewReader(u.conn)
	for {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			u.t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusContinue {
			return response.StatusCode
		}
	}
}

func refused(t *testing.T, p *process) {
	t.Helper()
	await.That(t, "new connections are refused", func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
}

func TestServe_drain(t *testing.T) {
	t.Parallel()
	t.Run("when a request under way ends in time", func(t *testing.T) {
		t.Parallel()
		database := onDatabase(t)
		p := serve(t, t.TempDir(), database)
		request := beginPost(t, p)
		p.signal(syscall.SIGTERM)
		refused(t, p)
		if status := request.end(); status != http.StatusCreated {
			t.Errorf("status %d", status)
		}
		if code := p.wait(); code != exitDone || len(p.complaints()) > 0 {
			t.Errorf("exit code %d: %q", code, p.complaints())
		}
		serve(t, t.TempDir(), database).has("/organizations/1", "Daegu")
	})
	t.Run("when it does not", func(t *testing.T) {
		t.Parallel()
		p := serve(t, t.TempDir(), onDatabase(t), "SHUTDOWN_TIMEOUT=100ms")
		beginPost(t, p)
		p.signal(syscall.SIGTERM)
		p.fails("requests that did not end in time were cut off")
	})
	for _, again := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run("when a second "+again.String()+" comes", func(t *testing.T) {
			t.Parallel()
			p := serve(t, t.TempDir(), onDatabase(t), "SHUTDOWN_TIMEOUT=1h")
			beginPost(t, p)
			p.signal(syscall.SIGTERM)
			refused(t, p)
			p.signal(again)
			p.wait()
			if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && (!status.Signaled() || status.Signal() != again) {
				t.Errorf("it ended with %s", p.cmd.ProcessState)
			}
		})
	}
}

func TestServe_addressInUse(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"HTTP_ADDR", "ADMIN_ADDR"} {
		t.Run("when it is "+name+"'s", func(t *testing.T) {
			t.Parallel()
			taken := listen(t).Addr().String()
			start(t, t.TempDir(), []string{onDatabase(t), name + "=" + taken}, "serve").
				fails("erp: "+name+": "+taken+" is in use by another program", "set another address")
		})
	}
	t.Run("when it is not of this machine", func(t *testing.T) {
		t.Parallel()
		start(t, t.TempDir(), []string{onDatabase(t), "ADMIN_ADDR=192.0.2.1:1"}, "serve").fails("erp: ADMIN_ADDR: 192.0.2.1:1 cannot be listened on")
	})
}

// Figures and profiles ask nobody who they are: a page that an operator has open must not reach them by a name of its own.
// And at a port that the system chose, the session's cookie is that port's.
func TestServe_addresses(t *testing.T) {
	t.Parallel()
	p := serve(t, t.TempDir(), onDatabase(t))
	admin, _ := p.logged("ready")["admin_address"].(string)
	_, port, _ := net.SplitHostPort(admin)
	for host, want := range map[string]int{admin: 200, "localhost:" + port: 200, "rebound.example:" + port: 403, "rebound.example": 403} {
		for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/cmdline", "/nowhere"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+admin+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = host
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if (answer.StatusCode == http.StatusForbidden) != (want == http.StatusForbidden) {
				t.Errorf("%s at %s: %d", path, host, answer.StatusCode)
			}
		}
	}
	document := p.get("/openapi.json").body
	_, port, _ = net.SplitHostPort(p.address)
	if scheme := fmt.Sprint(document["components"]); !strings.Contains(scheme, "name:erp-session-"+port) {
		t.Errorf("the document names no cookie of port %s", port)
	}
	p.stop()
}
