package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"erp.internal/migrations"
	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/postgres/pgtest"
)

// What the tables of promised_problems_test.go and promised_violations_test.go send.

func of(a apitest.Answer) answer { return answer{a.Status, a.Header, a.Object} }

// as sends a request with an Authorization header; "" sends none.
func as(who apitest.Token, method, path, body string) func(*testing.T, *world) answer {
	return func(t *testing.T, w *world) answer {
		t.Helper()
		return of(w.As(t, who, method, path, body))
	}
}

// asRoot sends a request as the system administrator.
func asRoot(method, path, body string) func(*testing.T, *world) answer {
	return func(t *testing.T, w *world) answer {
		t.Helper()
		return of(w.As(t, w.root, method, path, body))
	}
}

// twice creates something and gives the answer to creating it again.
func twice(method, path, body string) func(*testing.T, *world) answer {
	return func(t *testing.T, w *world) answer {
		t.Helper()
		w.As(t, w.root, method, path, body).Want(t, http.StatusCreated)
		return of(w.As(t, w.root, method, path, body))
	}
}

// me is the id of the system administrator.
func (w *world) me(t *testing.T) int64 {
	t.Helper()
	return w.As(t, w.root, "GET", "/auth/me", "").Want(t, http.StatusOK).ID()
}

// holding makes somebody who holds just these permissions somewhere.
func (w *world) holding(t *testing.T, at place, permissions ...string) (id int64, who apitest.Token) {
	t.Helper()
	name := w.name()
	listed, err := json.Marshal(permissions)
	if err != nil {
		t.Fatal(err)
	}
	w.As(t, w.root, "POST", "/roles", fmt.Sprintf(`{"name":%q,"permissions":%s}`, name, listed)).Want(t, http.StatusCreated)
	return w.somebody(t, at, name, at)
}

// anyOf signs in as different people at the same time, again and again, until an answer has the code. Which email the
// n-th uses, email says.
func anyOf(t *testing.T, p *process, code string, email func(n int) string) answer {
	t.Helper()
	var found answer
	await.That(t, "an answer has the code "+code, func() bool {
		var wait sync.WaitGroup
		answers := make([]answer, 60)
		for n := range answers {
			wait.Go(func() { answers[n] = p.post("/auth/login", fmt.Sprintf(`{"email":%q,"password":"wrong"}`, email(n))) })
		}
		wait.Wait()
		for _, a := range answers {
			if a.body["code"] == code {
				found = a
			}
		}
		return found.status != 0
	})
	return found
}

// withRoot starts a server, on a database of its own unless a setting names one, and signs its first administrator in.
func withRoot(t *testing.T, settings ...string) (p *process, root string) {
	t.Helper()
	if !slices.ContainsFunc(settings, func(s string) bool { return strings.HasPrefix(s, "DATABASE_URL=") }) {
		settings = append(settings, onDatabase(t))
	}
	p = closed(t, t.TempDir(), append(settings, "ADMIN_EMAIL=root@example.org", "ADMIN_PASSWORD="+rootPassword)...)
	return p, p.token("root@example.org", rootPassword)
}

// firstOf sends so many requests at the same time and gives the answer that comes first.
func firstOf(requests int, send func() answer) answer {
	answers := make(chan answer, requests)
	for range requests {
		go func() { answers <- send() }()
	}
	return <-answers
}

// lock keeps everybody else from a table for the length of the test.
func lock(t *testing.T, address, table string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	for _, sql := range []string{"BEGIN", "LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// withoutDatabase starts a server whose database is then away.
func withoutDatabase(t *testing.T) *process {
	t.Helper()
	wire := pgtest.NewWire(t, pgtest.URL(t, migrations.Files))
	p := serve(t, t.TempDir(), "DATABASE_URL="+wire.URL())
	wire.Lead(unused(t))
	return p
}

// dial sends bytes to a server and leaves the connection open.
func dial(t *testing.T, address, bytes string) *net.TCPConn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * timeout)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(bytes)); err != nil {
		t.Fatal(err)
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		t.Fatalf("%T is no TCP connection", conn)
	}
	return tcp
}

// read returns the answer that comes over a connection.
func read(t *testing.T, conn net.Conn) answer {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	if err := json.NewDecoder(response.Body).Decode(&a.body); err != nil {
		t.Fatal(err)
	}
	return a
}
