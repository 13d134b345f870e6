package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"erp.internal/migrations"
	"erp.internal/platform/await"
	"erp.internal/postgres/pgtest"
)

// changed returns the address of a database with something else about it.
func changed(t *testing.T, address string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}

func TestDatabase_unreachable(t *testing.T) {
	t.Parallel()
	good := pgtest.URL(t, migrations.Files)
	nobody := unused(t)
	tests := map[string]struct {
		change func(*url.URL)
		says   string
	}{
		"when nothing answers":      {func(u *url.URL) { u.Host, u.User = nobody, url.UserPassword("erp", secret) }, "no PostgreSQL server answers at " + nobody},
		"when the user is unknown":  {func(u *url.URL) { u.User = url.UserPassword("nobody_of_this_name", secret) }, `refuses user "nobody_of_this_name" or its password`},
		"when the password is off":  {func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), secret) }, "or its password: correct them"},
		"when the database is none": {func(u *url.URL) { u.Path = "/no_such_database" }, "createdb no_such_database"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := changed(t, good, test.change)
			if conn, err := pgx.Connect(t.Context(), address); err == nil {
				_ = conn.Close(t.Context())
				t.Fatal("the test server lets everybody in without a password: set its pg_hba.conf to scram-sha-256")
			}
			command(t, []string{"DATABASE_URL=" + address}, "serve").fails("erp: DATABASE_URL: ", test.says)
		})
	}
}

// A password with what means something in a URL is shown nowhere, nor looked up as a host.
func TestDatabase_passwordThatIsNotEscaped(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"postgres://u:p@" + secret + "@127.0.0.1:1/db", "postgres://u:p/" + secret + "@127.0.0.1:1/db", "postgres://u:1/" + secret + "@127.0.0.1/db",
		"postgres://u:p%" + secret + "@127.0.0.1:1/db", "postgres://u:p " + secret + "@127.0.0.1:1/db",
	} {
		for _, args := range [][]string{{"migrate", "status"}, {"serve"}, {"admin", "grant", "--email", "a@example.org"}} {
			command(t, []string{"DATABASE_URL=" + in}, args...).fails("erp: DATABASE_URL: it ", "in a password, write % as %25, @ as %40")
		}
	}
	command(t, []string{"DATABASE_URL=postgres://u:" + secret + "#@127.0.0.1:1/db"}, "serve").fails("no PostgreSQL server answers at 127.0.0.1:1")
}

// Where the database is stands in DATABASE_URL, all of it; what the environment says to libpq's programs is not heeded.
func TestDatabase_environment(t *testing.T) {
	t.Parallel()
	good := pgtest.URL(t, migrations.Files)
	u, err := url.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	with := func(settings ...string) []string {
		return append(settings, "PGHOST=192.0.2.1", "PGPORT=1", "PGUSER=nobody", "PGDATABASE=nowhere", "PGSERVICE=none", "PGOPTIONS=-c default_transaction_read_only=on", "PGTARGETSESSIONATTRS=standby", "PGTZ=Asia/Seoul")
	}
	without := changed(t, good, func(u *url.URL) { u.User = url.User(u.User.Username()) })
	if p := command(t, with("DATABASE_URL="+without, "PGPASSWORD="+password), "migrate", "status"); p.wait() != exitDone {
		t.Errorf("it says %s", &p.err)
	}
	command(t, with("DATABASE_URL=postgres:///erp"), "migrate", "status").fails("it names no host")
	command(t, with("DATABASE_URL=postgres://127.0.0.1/erp"), "migrate", "status").fails("it names no user")
	command(t, []string{"DATABASE_URL=" + changed(t, good, func(u *url.URL) { u.RawQuery = "pool_max_conns=5" })}, "migrate", "status").fails("pool_max_conns", "DATABASE_POOL_SIZE")
}

func TestDatabase_version(t *testing.T) {
	t.Parallel()
	t.Run("when it is newer than the program", func(t *testing.T) {
		t.Parallel()
		address := pgtest.URL(t, migrations.Files)
		execute(t, address, "UPDATE schema_migrations SET version = version + 1")
		for _, setting := range []string{"AUTO_MIGRATE=", "AUTO_MIGRATE=true"} {
			command(t, []string{"DATABASE_URL=" + address, setting}, "serve").
				fails("erp: the database's schema is newer than this program: ", "use the newer program", "`erp migrate down 1`")
		}
		p := command(t, []string{"DATABASE_URL=" + address}, "migrate", "status")
		p.fails("erp: the database's schema is newer than this program: ")
		if !strings.HasPrefix(p.out.String(), "version ") {
			t.Errorf("it says %s", &p.out)
		}
	})
	t.Run("when it is behind", func(t *testing.T) {
		t.Parallel()
		address := pgtest.Empty(t)
		for _, setting := range []string{"AUTO_MIGRATE=", "AUTO_MIGRATE=false"} {
			command(t, []string{"DATABASE_URL=" + address, setting}, "serve").
				fails("erp: the database's schema is older than this program needs: it is at version 0", "`erp migrate up`", "AUTO_MIGRATE=true")
		}
		p := serve(t, t.TempDir(), "DATABASE_URL="+address, "AUTO_MIGRATE=true")
		if id := p.create("Incheon"); id != 1 {
			t.Errorf("the first organization has the id %d", id)
		}
		p.stop()
		serve(t, t.TempDir(), "DATABASE_URL="+address).stop() // current by now
	})
	t.Run("when another tool left it dirty", func(t *testing.T) {
		t.Parallel()
		address := pgtest.URL(t, migrations.Files)
		execute(t, address, "UPDATE schema_migrations SET dirty = true")
		command(t, []string{"DATABASE_URL=" + address, "AUTO_MIGRATE=true"}, "serve").fails("half migrated by another tool", "SET dirty = false")
	})
	t.Run("when it changes under a running server", func(t *testing.T) {
		t.Parallel()
		address := pgtest.URL(t, migrations.Files)
		p := serve(t, t.TempDir(), "DATABASE_URL="+address)
		execute(t, address, "UPDATE schema_migrations SET version = version + 1")
		await.That(t, "/readyz answers 503", func() bool { return p.get("/readyz").status == http.StatusServiceUnavailable })
		execute(t, address, "UPDATE schema_migrations SET version = version - 1")
		await.That(t, "/readyz answers 200", func() bool { return p.get("/readyz").status == http.StatusOK })
		p.stop()
	})
}

func TestDatabase_tenServersAtOnce(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	var servers []*process
	for range 10 {
		servers = append(servers, start(t, t.TempDir(), []string{"DATABASE_URL=" + address, "AUTO_MIGRATE=true", "DATABASE_POOL_SIZE=2"}, "serve", "--open"))
	}
	for _, p := range servers {
		p.ready()
	}
	for i, p := range servers {
		if id := p.create(fmt.Sprintf("Clinic %d", i)); id != i+1 {
			t.Errorf("organization %d has the id %d", i+1, id)
		}
	}
	for _, p := range servers {
		p.stop()
	}
}

// A start that waits for its turn to migrate can be ended.
func TestDatabase_interruptedStart(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	holder, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close(t.Context())
	if _, err := holder.Exec(t.Context(), "SELECT pg_advisory_lock(x'6572702e6d696772'::bigint)"); err != nil {
		t.Fatal(err)
	}
	p := start(t, t.TempDir(), []string{"DATABASE_URL=" + address, "AUTO_MIGRATE=true"}, "serve", "--open")
	await.That(t, "it waits", func() bool { return p.logged("waiting for another server that migrates") != nil })
	p.signal(syscall.SIGTERM)
	p.fails("waiting for another server that migrates")
}

func TestDatabase_away(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t, migrations.Files)
	var behind *proxy
	p := serve(t, t.TempDir(), "DATABASE_URL="+changed(t, address, func(u *url.URL) {
		behind = newProxy(t, u.Host)
		u.Host = behind.addr
	}))
	p.create("Gwangju")

	behind.cut()
	for range 3 {
		for _, a := range []answer{p.get("/organizations"), p.get("/organizations/1"), p.post("/organizations", `{"name": "Daejeon"}`)} {
			if a.status != http.StatusServiceUnavailable || a.header.Get("Content-Type") != "application/problem+json" ||
				a.header.Get("Retry-After") == "" || a.body["code"] != "database_unavailable" && a.body["code"] != "outcome_unknown" {
				t.Errorf("status %d, %v: %v", a.status, a.header, a.body)
			}
		}
	}
	await.That(t, "/readyz answers 503", func() bool {
		a := p.get("/readyz")
		return a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "" && strings.Contains(fmt.Sprint(a.body["detail"]), "database")
	})
	if a := p.get("/healthz"); a.status != http.StatusOK {
		t.Errorf("/healthz: status %d", a.status)
	}
	command(t, []string{"HTTP_ADDR=" + p.address}, "healthcheck").fails("is not ready (status 503)")

	behind.connect()
	await.That(t, "/readyz answers 200", func() bool { return p.get("/readyz").status == http.StatusOK })
	p.has("/organizations/1", "Gwangju")
	p.create("Daejeon")

	behind.cut()
	p.stop() // also while it is away
}

func TestDatabase_connectionsEndUnderLoad(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t, migrations.Files)
	p := serve(t, t.TempDir(), "DATABASE_URL="+address)
	var answered, away atomic.Int64
	var load sync.WaitGroup
	over := make(chan struct{})
	for worker := range 4 {
		load.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				for _, a := range []answer{p.post("/organizations", fmt.Sprintf(`{"name": "Clinic %d of %d"}`, i, worker)), p.get("/organizations?limit=5")} {
					switch {
					case a.status == http.StatusServiceUnavailable:
						away.Add(1)
					case a.status == 0 || a.status >= http.StatusInternalServerError:
						t.Errorf("status %d: %v", a.status, a.body)
						return
					default:
						answered.Add(1)
					}
				}
			}
		})
	}
	ended := 0
	for range 20 {
		before := answered.Load()
		await.That(t, "the server answers", func() bool { return answered.Load() > before+20 || t.Failed() })
		ended += execute(t, address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	}
	close(over)
	load.Wait()
	t.Logf("%d answers, %d of them 503, while %d connections were ended", answered.Load()+away.Load(), away.Load(), ended)
	if ended == 0 {
		t.Error("no connection was ended")
	}
	p.stop()
}
