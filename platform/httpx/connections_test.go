package httpx

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/await"
)

// boundedServer serves at most so many connections. GET /slow waits for the test to let it go.
type boundedServer struct {
	*Server
	t    *testing.T
	logs *observer.ObservedLogs
	slow chan struct{}
}

func serveBounded(t *testing.T, most int) boundedServer {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	server, err := Listen(t.Context(), "HTTP_ADDR", "127.0.0.1:0", most, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	s := boundedServer{Server: server, t: t, logs: logs, slow: make(chan struct{})}
	server.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-s.slow
		}
		_, _ = io.WriteString(w, "done")
	}))
	t.Cleanup(func() { _ = server.server.Close() })
	return s
}

// client is a connection as a browser or a proxy keeps it.
type client struct {
	net.Conn
	answers *bufio.Reader
}

func (s boundedServer) dial() client {
	s.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(s.t.Context(), "tcp", s.Addr())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return client{conn, bufio.NewReader(conn)}
}

func (c client) send(path string) error {
	_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
	return err
}

func (c client) answered() error {
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "done" {
		return fmt.Errorf("answered %q, %w", body, err)
	}
	return nil
}

func (c client) ask(path string) error {
	if err := c.send(path); err != nil {
		return err
	}
	return c.answered()
}

// closed reports whether the server has ended the connection; it waits for a moment only.
func (c client) closed() bool {
	_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.answers.Peek(1)
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

func (s boundedServer) open() int {
	s.listener.mu.Lock()
	defer s.listener.mu.Unlock()
	return len(s.listener.all)
}

// Whatever many others leave lying about, a new request is answered; the oldest idle connections make room for it.
func TestServer_idleConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	const most, all = 50, 400
	s := serveBounded(t, most)
	var clients []client
	for i := range all {
		c := s.dial()
		if err := c.ask("/"); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		clients = append(clients, c)
		if open := s.open(); open > most {
			t.Fatalf("%d connections after %d requests", open, i+1)
		}
	}
	await.That(t, "the oldest are closed", func() bool { return clients[0].closed() && clients[all-most-1].closed() })
	if clients[all-1].closed() {
		t.Error("the newest is closed")
	}
	if err := clients[all-1].ask("/"); err != nil {
		t.Errorf("it is not kept: %v", err)
	}
	if n := s.logs.FilterMessageSnippet("HTTP_MAX_CONNECTIONS").Len(); n != 0 {
		t.Errorf("the log complains %d times although nobody waited", n)
	}
}

// Connections that never send anything make room too, once they have had a moment to.
func TestServer_silentConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	s := serveBounded(t, 20)
	for range 100 {
		s.dial()
	}
	for range 3 {
		if err := s.dial().ask("/"); err != nil {
			t.Fatal(err)
		}
	}
}

// Requests under way are never cut off for others. Those that come beyond wait until one is answered; the log says so once.
func TestServer_requestsBeyondTheBoundWait(t *testing.T) {
	t.Parallel()
	const most = 20
	s := serveBounded(t, most)
	var busy []client
	for range most {
		c := s.dial()
		if err := c.send("/slow"); err != nil {
			t.Fatal(err)
		}
		busy = append(busy, c)
	}
	await.That(t, "all have a request under way", func() bool {
		s.listener.mu.Lock()
		defer s.listener.mu.Unlock()
		return len(s.listener.all) == most && !slices.ContainsFunc(s.listener.all, func(c *connection) bool { return c.idleSince.Load() < 0 })
	})
	var waiting []client
	for range 5 {
		c := s.dial()
		if err := c.send("/"); err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, c)
	}
	await.That(t, "the log says that some wait", func() bool { return s.logs.FilterMessageSnippet("HTTP_MAX_CONNECTIONS").Len() == 1 })
	s.slow <- struct{}{}
	for i, c := range waiting { // one slot is enough for all of them, one after the other
		if err := c.answered(); err != nil {
			t.Errorf("waiting request %d: %v", i, err)
		}
	}
	close(s.slow)
	answered := 0
	for _, c := range busy {
		if c.answered() == nil {
			answered++
		}
	}
	if answered != most {
		t.Errorf("%d of %d requests were answered", answered, most)
	}
	if n := s.logs.FilterMessageSnippet("HTTP_MAX_CONNECTIONS").Len(); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
}

// Near the bound a connection is closed after a moment, without anybody coming; far from it, it is kept.
func TestServer_idleTimeShrinks(t *testing.T) {
	t.Parallel()
	s := serveBounded(t, 16)
	for range 16 {
		if err := s.dial().ask("/"); err != nil {
			t.Fatal(err)
		}
	}
	await.That(t, "some are closed", func() bool { return s.open() < 16 })
	for open, want := range map[int]time.Duration{0: idleTimeout, 8: idleTimeout, 12: idleTimeout / 2, 14: idleTimeout / 4, 16: minIdleTimeout, 17: minIdleTimeout} {
		if got := idleTimeoutAt(open, 16); got != want {
			t.Errorf("%d of 16 open: idle for %s, want %s", open, got, want)
		}
	}
}

// A server that ends leaves nobody waiting to be taken in.
func TestServer_stopsWhileSomebodyWaits(t *testing.T) {
	t.Parallel()
	s := serveBounded(t, 16)
	for range 16 {
		if err := s.dial().send("/slow"); err != nil {
			t.Fatal(err)
		}
	}
	waits := s.dial()
	if err := waits.send("/"); err != nil {
		t.Fatal(err)
	}
	await.That(t, "somebody waits", func() bool { return s.logs.FilterMessageSnippet("HTTP_MAX_CONNECTIONS").Len() == 1 })
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop(t.Context()) }()
	if err := waits.answered(); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("who waited: %v", err)
	}
	close(s.slow)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
