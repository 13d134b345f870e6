package pgtest

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"erp.internal/platform/pg"
)

// Wire stands between a program and a PostgreSQL server and passes their messages on, so that a test can lose an
// answer, hang, cut, or lead to another server. It offers no TLS.
type Wire struct {
	url      string
	listener net.Listener
	relays   sync.WaitGroup

	mu    sync.Mutex
	to    string
	lose  func(sql string) bool
	lost  int
	trips int
	hung  chan struct{} // closed when it goes on; nil while it passes everything on
	conns map[net.Conn]struct{}
}

// NewWire makes a proxy of the server of a database's address.
func NewWire(tb testing.TB, address string) *Wire {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	w := &Wire{listener: listener, to: u.Host, conns: map[net.Conn]struct{}{}}
	u.Host = listener.Addr().String()
	w.url = u.String()
	w.relays.Go(w.accept)
	tb.Cleanup(func() {
		_ = listener.Close()
		w.Hang(false)
		w.Cut()
		w.relays.Wait()
	})
	return w
}

// URL is the database's address through the wire.
func (w *Wire) URL() string { return w.url }

// Lose ends the connection of each statement that was carried out and stored, outside a transaction or as its COMMIT,
// and for whose text which says so: the server has answered, and the answer does not arrive. COMMIT's text is "commit".
// Nil loses nothing.
func (w *Wire) Lose(which func(sql string) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = which
}

// Lost says how many answers were lost so far.
func (w *Wire) Lost() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost
}

// RoundTrips says how often a client has asked for an answer and waited for it, so far; a pool that tries a connection does
// not count.
func (w *Wire) RoundTrips() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trips
}

func (w *Wire) count(m []byte) {
	if m[0] == 'S' || m[0] == 'Q' && !strings.HasPrefix(string(m[5:]), "-- ping") {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.trips++
	}
}

// Hang holds everything back, connections that begin included, until it is called with false.
func (w *Wire) Hang(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !on && w.hung != nil {
		close(w.hung)
		w.hung = nil
	}
	if on && w.hung == nil {
		w.hung = make(chan struct{})
	}
}

// Lead makes new connections go to another server, host:port, and cuts those there are.
func (w *Wire) Lead(to string) {
	w.mu.Lock()
	w.to = to
	w.mu.Unlock()
	w.Cut()
}

// Cut ends every connection there is.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.conns {
		_ = conn.Close()
	}
}

func (w *Wire) pass() {
	w.mu.Lock()
	hung := w.hung
	w.mu.Unlock()
	if hung != nil {
		<-hung
	}
}

func (w *Wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.relays.Go(func() { w.relay(client) })
	}
}

func (w *Wire) relay(client net.Conn) {
	defer client.Close() //nolint:errcheck // the other end may have closed it
	w.pass()
	w.mu.Lock()
	to := w.to
	w.mu.Unlock()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", to)
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // the other end may have closed it
	w.mu.Lock()
	w.conns[client], w.conns[server] = struct{}{}, struct{}{}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.conns, client)
		delete(w.conns, server)
	}()
	statements := &statements{texts: map[string]string{}}
	w.relays.Go(func() {
		defer client.Close() //nolint:errcheck // the other end may have closed it
		defer server.Close() //nolint:errcheck // the other end may have closed it
		w.questions(client, server, statements)
	})
	w.answers(client, server, statements)
}

// questions passes on what the client says, and notes which statement runs.
func (w *Wire) questions(client, server net.Conn, s *statements) {
	for begun := false; !begun; { // what comes first has no type
		m, err := read(client, 0)
		if err != nil {
			return
		}
		w.pass()
		if len(m) == 8 { // it asks for encryption
			if _, err := client.Write([]byte("N")); err != nil {
				return
			}
			continue
		}
		if _, err := server.Write(m); err != nil {
			return
		}
		begun = true
	}
	for {
		m, err := read(client, 1)
		if err != nil {
			return
		}
		w.pass()
		s.asked(m)
		w.count(m)
		if _, err := server.Write(m); err != nil {
			return
		}
	}
}

// answers passes on what the server says, statement by statement.
func (w *Wire) answers(client, server net.Conn, s *statements) {
	var held []byte
	done := false
	for {
		m, err := read(server, 1)
		if err != nil {
			_, _ = client.Write(held) // such as why the server ends the connection
			return
		}
		w.pass()
		held = append(held, m...)
		done = done || m[0] == 'C'
		if m[0] == 'C' || m[0] == 'D' || m[0] == '2' || m[0] == '1' || m[0] == 'T' || m[0] == 't' {
			continue // until it is known how the statement ended
		}
		if m[0] == 'Z' && done && m[5] == 'I' && w.loses(s.running()) {
			return
		}
		done = done && m[0] != 'Z'
		if _, err := client.Write(held); err != nil {
			return
		}
		held = held[:0]
	}
}

func (w *Wire) loses(sql string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	stored := sql == "commit"
	for _, verb := range []string{"INSERT ", "UPDATE ", "DELETE "} {
		stored = stored || strings.Contains(sql, verb)
	}
	if w.lose == nil || !stored || !w.lose(sql) {
		return false
	}
	w.lost++
	return true
}

// read reads one message, with so many bytes before its length.
func read(from io.Reader, before int) ([]byte, error) {
	head := make([]byte, before+4)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[before:])
	if size < 4 || size > 1<<30 {
		return nil, errors.New("no message of PostgreSQL's protocol")
	}
	m := make([]byte, before+int(size))
	copy(m, head)
	_, err := io.ReadFull(from, m[len(head):])
	return m, err
}

// statements are the texts of a connection's prepared statements, and of the one that was asked for last.
type statements struct {
	mu    sync.Mutex
	texts map[string]string
	last  string
}

func (s *statements) asked(m []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, rest, _ := strings.Cut(string(m[5:]), "\x00")
	second, _, _ := strings.Cut(rest, "\x00")
	switch m[0] {
	case 'P':
		s.texts[first] = second
	case 'B':
		s.last = s.texts[second]
	case 'Q':
		s.last = first
	}
}

func (s *statements) running() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// EndConnections ends every other connection to a database, as an administrator or a restart does, and returns once they
// have ended.
func EndConnections(tb testing.TB, db *pg.DB) {
	tb.Helper()
	Run(tb, db.URL(), "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
}

// Run runs SQL on a connection of its own.
func Run(tb testing.TB, address, sql string) {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), address)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(tb.Context())) //nolint:errcheck // nothing is under way on it
	if _, err := conn.Exec(tb.Context(), sql); err != nil {
		tb.Fatal(err)
	}
}
