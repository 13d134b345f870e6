package main

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/await"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// The program behind PgBouncer in transaction mode, as an operator sets it up: the schema, the server, and a PgBouncer
// that ends and comes back.
func TestPgBouncer_program(t *testing.T) {
	t.Parallel()
	bouncer := pgtest.NewPgBouncer(t, pgtest.Empty(t), pgtest.TransactionMode, documentedPgBouncer(t)...)
	database := "DATABASE_URL=" + bouncer.URL()
	latest := numberOfMigrations(t)
	for _, run := range []struct{ args, says string }{
		{"migrate status", "version 0 of " + latest}, {"migrate up", "version " + latest + " of "}, {"migrate up", "version " + latest + " of "},
		{"migrate down 2", "version "}, {"migrate up", "version " + latest + " of "},
	} {
		p := command(t, []string{database}, strings.Fields(run.args)...)
		if code := p.wait(); code != exitDone || !strings.HasPrefix(p.out.String(), run.says) {
			t.Fatalf("erp %s: exit code %d, want 0 and %q: %s%s", run.args, code, run.says, &p.out, &p.err)
		}
	}

	p := start(t, t.TempDir(), []string{database, "ADMIN_EMAIL=root@example.org", "ADMIN_PASSWORD=correct horse battery"}, "serve")
	p.ready()
	if p.logged("DATABASE_URL leads through a connection pooler: no statement is prepared on the server, and the role's settings limit how long statements take") == nil {
		t.Errorf("the log does not say that there is a pooler: %s", &p.err)
	}
	jar, _ := cookiejar.New(nil) // never fails
	sendHTTPFile(t, "../../modules/access/requests/access.http", "http://"+p.address, &http.Client{Jar: jar, Timeout: timeout})

	bouncer.Kill()
	await.That(t, "/readyz is 503", func() bool { return p.notReady("database") })
	bouncer.Start()
	await.That(t, "/readyz is 200", func() bool { return p.get("/readyz").status == http.StatusOK })
	p.stop()
}

// documentedPgBouncer returns the lines that docs/operating.md has for the section [pgbouncer].
func documentedPgBouncer(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "\n[pgbouncer]\n")
	section, _, ended := strings.Cut(section, "\n```")
	if !found || !ended {
		t.Fatal("docs/operating.md has no section [pgbouncer]")
	}
	return strings.Split(section, "\n")
}

// Every request of the examples is answered through PgBouncer as it is without.
func TestPgBouncer_httpFiles(t *testing.T) {
	t.Parallel()
	for _, path := range httpFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			server := serverWithAdministrator(t, throughPgBouncer(t))
			sendHTTPFile(t, path, server.URL, server.Client())
		})
	}
}

// What another server revokes is refused within a second here, with PgBouncer before both.
func TestPgBouncer_revocation(t *testing.T) {
	t.Parallel()
	w := newWorldOn(t, throughPgBouncer(t))
	replica := w.replica(t)
	department := fmt.Sprintf("/departments/%d", w.places[room].department)
	for range 3 {
		user, email := w.user(t, hospitalA)
		grant := w.grant(t, user, w.role(t, "member"), hospitalA)
		who := w.settled(t, email)
		replica.eventually(t, 200, who, "GET", department, "")
		w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%d", grant), "").Want(t, 204)
		changed := time.Now()
		w.As(t, who, "GET", department, "").Want(t, 403)
		for replica.As(t, who, "GET", department, "").Status == 200 {
			if took := time.Since(changed); took > time.Second {
				t.Fatalf("still allowed after %s", took)
			}
		}
	}
}

// throughPgBouncer opens a migrated database in transaction mode.
func throughPgBouncer(t *testing.T) *pg.DB {
	t.Helper()
	bouncer := pgtest.NewPgBouncer(t, pgtest.URL(t, migrations.Files), pgtest.TransactionMode)
	db, err := pg.Open(t.Context(), pgtest.Settings(bouncer.URL()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}
