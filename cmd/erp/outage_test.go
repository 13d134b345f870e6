package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"erp.internal/migrations"
	"erp.internal/platform/await"
	"erp.internal/postgres/pgtest"
)

// put changes an organization, whatever its version, and says how that was answered.
func (p *process) put(name string) answer {
	return p.ask(http.MethodPut, "/organizations/1", `{"name": "`+name+`"}`)
}

// notReady reports whether /readyz is 503 and names the check.
func (p *process) notReady(check string) bool {
	a := p.get("/readyz")
	return a.status == http.StatusServiceUnavailable && strings.Contains(fmt.Sprint(a.body["detail"]), check)
}

// manyPuts changes an organization from as many clients as there are in a busy minute.
func (p *process) manyPuts() (changed, refused int64) {
	var ok, no atomic.Int64
	var clients sync.WaitGroup
	for i := range 12 {
		clients.Go(func() {
			switch a := p.put(fmt.Sprintf("Clinic %d", i)); {
			case a.status == http.StatusOK:
				ok.Add(1)
			case a.status == http.StatusServiceUnavailable && a.body["code"] == "database_unavailable":
				no.Add(1)
			default:
				p.t.Errorf("status %d: %v", a.status, a.body)
			}
		})
	}
	clients.Wait()
	return ok.Load(), no.Load()
}

// A database that is made read-only, and able to write again, is used for changes at once, and /readyz says how it stands.
func TestOutage_readOnly(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t, migrations.Files)
	p := serve(t, t.TempDir(), "DATABASE_URL="+address)
	p.create("Seoul")
	p.manyPuts()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	database := "ALTER DATABASE " + strings.TrimPrefix(u.Path, "/")
	execute(t, address, database+" SET default_transaction_read_only = on")
	execute(t, address, "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	if ok, _ := p.manyPuts(); ok > 0 {
		t.Errorf("%d changes were answered as stored", ok)
	}
	if a := p.get("/organizations/1"); a.status != http.StatusOK {
		t.Errorf("a read: status %d, %v", a.status, a.body)
	}
	await.That(t, "/readyz is 503", func() bool { return p.notReady("database") })
	pgtest.Run(t, address, "BEGIN READ WRITE; "+database+" RESET default_transaction_read_only; COMMIT")
	if _, no := p.manyPuts(); no > 0 {
		t.Errorf("%d changes were refused afterwards", no)
	}
	await.That(t, "/readyz is 200", func() bool { return p.get("/readyz").status == http.StatusOK })
	p.stop()
}

// A proxy that leads to a standby for a while, and a standby that takes over: no answer is stale, and changes work as soon
// as there is a primary.
func TestOutage_failover(t *testing.T) {
	t.Parallel()
	primary := pgtest.NewCluster(t)
	wire := pgtest.NewWire(t, primary.URL())
	p := serve(t, t.TempDir(), "DATABASE_URL="+wire.URL(), "AUTO_MIGRATE=true")
	p.create("Seoul")
	standby := primary.Standby()
	change := func(what string) {
		t.Helper()
		began := time.Now()
		await.That(t, what, func() bool { return p.put("Busan").status == http.StatusOK })
		t.Logf("%s after %s", what, time.Since(began).Round(time.Millisecond))
		await.That(t, "/readyz is 200", func() bool { return p.get("/readyz").status == http.StatusOK })
	}

	wire.Lead(standby.Addr())
	if ok, _ := p.manyPuts(); ok > 0 {
		t.Errorf("%d changes were answered as stored, at a standby", ok)
	}
	if a := p.get("/organizations/1"); a.status != http.StatusServiceUnavailable {
		t.Errorf("a standby's answer was believed: status %d, %v", a.status, a.body)
	}
	await.That(t, "/readyz is 503", func() bool { return p.notReady("database") })
	wire.Lead(primary.Addr())
	change("a change is stored at the primary")

	wire.Lead(standby.Addr())
	await.That(t, "/readyz is 503", func() bool { return p.notReady("database") })
	standby.Promote()
	change("a change is stored at the promoted standby")
	p.stop()
}

// Of several servers in DATABASE_URL the primary is used, whichever it is.
func TestOutage_severalServers(t *testing.T) {
	t.Parallel()
	primary := pgtest.NewCluster(t)
	standby := primary.Standby()
	both := strings.Replace(primary.URL(), primary.Addr(), standby.Addr()+","+primary.Addr(), 1)
	p := serve(t, t.TempDir(), "DATABASE_URL="+both, "AUTO_MIGRATE=true")
	p.create("Seoul")
	start(t, t.TempDir(), []string{"DATABASE_URL=" + standby.URL()}, "serve").fails("is a standby, which cannot store anything")
	p.stop()
}

// A server whose host is frozen is waited for only at first.
func TestOutage_hangs(t *testing.T) {
	t.Parallel()
	cluster := pgtest.NewCluster(t)
	p := serve(t, t.TempDir(), "DATABASE_URL="+cluster.URL(), "AUTO_MIGRATE=true", "DATABASE_STATEMENT_TIMEOUT=5m")
	p.create("Seoul")
	goOn := cluster.Hang()
	began := time.Now()
	if a := p.get("/organizations/1"); a.status != http.StatusServiceUnavailable {
		t.Errorf("status %d: %v", a.status, a.body)
	}
	t.Logf("the first request is answered after %s", time.Since(began).Round(time.Millisecond))
	await.That(t, "the log says so", func() bool { return p.logged("the database hangs") != nil })
	for range 20 {
		if a := p.get("/organizations/1"); a.status != http.StatusServiceUnavailable {
			t.Errorf("status %d: %v", a.status, a.body)
		}
	}
	await.That(t, "/readyz is 503", func() bool { return p.notReady("database, migrations") })
	t.Logf("20 more, and /readyz, after %s", time.Since(began).Round(time.Millisecond))
	goOn()
	began = time.Now()
	await.That(t, "it answers again", func() bool { return p.put("Busan").status == http.StatusOK })
	t.Logf("a change is stored %s after it goes on", time.Since(began).Round(time.Millisecond))
	await.That(t, "/readyz is 200", func() bool { return p.get("/readyz").status == http.StatusOK })
	p.stop()
}

// A command whose change was stored, and whose answer got lost, says that it may have been.
func TestOutage_commands(t *testing.T) {
	t.Parallel()
	wire := pgtest.NewWire(t, pgtest.URL(t, migrations.Files))
	settings := []string{"DATABASE_URL=" + wire.URL()}
	wire.Lose(func(string) bool { return true })
	create := []string{"admin", "create", "--email", "root@example.org"}
	command(t, settings, create...).fails("this may have been stored or not")
	wire.Lose(nil)
	command(t, settings, create...).fails("Email already registered")
	if wire.Lost() != 1 {
		t.Errorf("%d answers were lost", wire.Lost())
	}
}
