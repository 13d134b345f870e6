package http_test

import (
	"fmt"
	"testing"

	"go.uber.org/fx"

	"erp.internal/migrations"
	"erp.internal/modules/access"
	"erp.internal/modules/identity"
	"erp.internal/modules/organization"
	"erp.internal/platform/config"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const password = "not known by heart"

// hospital is a server with an administrator, user 1, who is signed in; organization 1 with the departments 1 and, below
// it, 2; and alice@example.com, user 2, who is in department 2.
type hospital struct {
	*apitest.Client
	root, alice apitest.Token
}

func newHospital(t *testing.T) *hospital {
	t.Helper()
	return newHospitalOn(t, pgtest.New(t, migrations.Files))
}

func newHospitalOn(t *testing.T, db *pg.DB, options ...fx.Option) *hospital {
	t.Helper()
	var settings identity.Settings
	source, err := config.Read(nil, "")
	if err == nil {
		err = source.Load(settings.Parts()...)
	}
	if err != nil {
		t.Fatal(err)
	}
	settings.Hashing.MemoryKiB, settings.Hashing.Time = 8, 1 // hashes that take no time
	var administrators *identity.Administrators
	h := &hospital{}
	h.Client = apitest.On(t, db, append(options, organization.Module(), identity.Module(), access.Module(), fx.Supply(settings), fx.Populate(&administrators))...)
	if _, _, err := administrators.EnsureFirst(t.Context(), identity.Administrator{Email: "root@example.org", Password: password}); err != nil {
		t.Fatal(err)
	}
	h.root = h.SignIn(t, "root@example.org", password)
	h.do(t, "POST", "/organizations", `{"name":"한빛병원"}`).Want(t, 201, "id", 1)
	h.do(t, "POST", "/departments", `{"organization_id":1,"name":"내과"}`).Want(t, 201, "id", 1)
	h.do(t, "POST", "/departments", `{"organization_id":1,"parent_id":1,"name":"심장내과"}`).Want(t, 201, "id", 2)
	h.user(t, "alice@example.com", `,"full_name":"앨리스","organization_id":1,"department_id":2`)
	h.alice = h.SignIn(t, "alice@example.com", password)
	return h
}

// do asks as the administrator.
func (h *hospital) do(t *testing.T, method, path, body string, header ...string) apitest.Answer {
	t.Helper()
	return h.As(t, h.root, method, path, body, header...)
}

// user makes a user; more are members of the body, each with a comma before it.
func (h *hospital) user(t *testing.T, email, more string) int64 {
	t.Helper()
	return h.do(t, "POST", "/users", fmt.Sprintf(`{"email":%q,"password":%q%s}`, email, password, more)).Want(t, 201).ID()
}

// role returns the id of a role by its name.
func (h *hospital) role(t *testing.T, name string) int64 {
	t.Helper()
	for _, role := range h.do(t, "GET", "/roles/?q="+name, "").List {
		if role["name"] == name {
			return int64(role["id"].(float64))
		}
	}
	t.Fatalf("there is no role %s", name)
	return 0
}

// grant lets a user have a role; where and until when are members of the body.
func (h *hospital) grant(t *testing.T, user int64, role, more string) apitest.Answer {
	t.Helper()
	return h.do(t, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d%s}`, user, h.role(t, role), more))
}
