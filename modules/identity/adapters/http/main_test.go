package http_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/Masterminds/squirrel"
	"go.uber.org/fx"

	"erp.internal/migrations"
	"erp.internal/modules/identity"
	"erp.internal/modules/identity/adapters/passwords"
	"erp.internal/modules/identity/app"
	"erp.internal/modules/identity/domain"
	"erp.internal/modules/organization"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

const (
	adminEmail    = "root@example.org"
	adminPassword = "Correct horse battery"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// settings are the defaults, with hashes that take no time.
func settings() identity.Settings {
	return identity.Settings{
		App:     app.Settings{Policy: domain.DefaultPolicy(), SessionIdle: 30 * 60e9, SessionTTL: 12 * 3600e9, GivenTTL: 72 * 3600e9, AddressAttempts: 1000},
		Hashing: passwords.Settings{MemoryKiB: 8, Time: 1, Threads: 1, Queue: 1000},
	}
}

// hospital is a server with an administrator, who is signed in.
type hospital struct {
	*apitest.Client
	admin          apitest.Token
	administrators *identity.Administrators
}

func newHospital(tb testing.TB, change ...func(*identity.Settings)) *hospital {
	tb.Helper()
	db := pgtest.New(tb, migrations.Files)
	h := &hospital{}
	set := settings()
	for _, c := range change {
		c(&set)
	}
	h.Client = apitest.On(tb, db, organization.Module(), identity.Module(), apitest.AllAllowed(), fx.Supply(set), fx.Populate(&h.administrators))
	if _, _, err := h.administrators.EnsureFirst(tb.Context(), identity.Administrator{Email: adminEmail, Password: adminPassword}); err != nil {
		tb.Fatal(err)
	}
	h.admin = h.SignIn(tb, adminEmail, adminPassword)
	return h
}

func (h *hospital) login(tb testing.TB, email, password string) apitest.Answer {
	tb.Helper()
	return h.Do(tb, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
}

// user makes a user who has signed in.
func (h *hospital) user(tb testing.TB, email, password string) (id int64, who apitest.Token) {
	tb.Helper()
	a := h.As(tb, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)).Want(tb, 201)
	return a.ID(), h.SignIn(tb, email, password)
}

var nextPage = regexp.MustCompile(`^<([^>]*)>; rel="next"$`)

// next returns the path of the next page, "" for none.
func next(a apitest.Answer) string {
	if found := nextPage.FindStringSubmatch(a.Header.Get("Link")); found != nil {
		return found[1]
	}
	return ""
}

// exec changes what no request can, such as the time that has passed.
func (h *hospital) exec(tb testing.TB, sql string) {
	tb.Helper()
	if _, err := h.DB.Exec(tb.Context(), pg.Changes("test", squirrel.Expr(sql)).With()); err != nil {
		tb.Fatal(err)
	}
}

// count returns the number that a statement counts.
func (h *hospital) count(tb testing.TB, sql string) int64 {
	tb.Helper()
	n, err := pg.One(tb.Context(), h.DB, pg.Changes("test", squirrel.Expr(sql)).With(), pg.Int, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}
