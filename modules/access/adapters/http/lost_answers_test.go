package http_test

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// attempt is a change whose answer gets lost, and what shows that it was stored.
type attempt struct {
	as                 apitest.Token
	method, path, body string
	stored             func() bool
}

// A change that was stored and whose answer the server did not get is never told as one that was not: whichever it is, the
// client is to look before trying again.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	wire := pgtest.NewWire(t, pgtest.URL(t, migrations.Files))
	db, err := pg.Open(t.Context(), pgtest.Settings(wire.URL()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	h := newHospitalOn(t, db)
	const rounds = 10
	changes, told := 0, 0
	for i := range rounds {
		for name, prepare := range kindsOfChange(t, h) {
			a := prepare(fmt.Sprintf("%s-%d", name, i))
			wire.Lose(func(sql string) bool { // but of what only counts and notes
				return !strings.Contains(sql, "identity.attempts") && !strings.Contains(sql, "last_seen_at") && !strings.Contains(sql, "identity.sign_ins")
			})
			before := wire.Lost()
			answer := h.As(t, a.as, a.method, a.path, a.body)
			wire.Lose(nil)
			changes++
			if wire.Lost() == before {
				t.Errorf("%s: no answer was lost: status %d, %v", name, answer.Status, answer.Object)
				continue
			}
			if answer.Status != 503 || answer.Object["code"] != "outcome_unknown" || answer.Header.Get("Retry-After") == "" {
				t.Errorf("%s: status %d, %v", name, answer.Status, answer.Object)
			} else {
				told++
			}
			if !a.stored() {
				t.Errorf("%s: it is not stored", name)
			}
		}
	}
	t.Logf("%d changes, %d of them told as of unknown outcome", changes, told)
}

// A client that sends it again with the same Idempotency-Key gets what the first answer would have been, and nothing is
// changed twice.
func TestLostAnswers_sentAgain(t *testing.T) {
	t.Parallel()
	wire := pgtest.NewWire(t, pgtest.URL(t, migrations.Files))
	db, err := pg.Open(t.Context(), pgtest.Settings(wire.URL()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	h := newHospitalOn(t, db)
	const rounds = 29
	kinds := kindsOfChange(t, h)
	statuses := map[int]int{}
	for i := range rounds {
		for _, name := range []string{"create-organization", "create-department", "move-department", "create-user", "deactivate-user", "create-role", "grant"} {
			key := fmt.Sprintf("%s-%d", name, i)
			a := kinds[name](key)
			wire.Lose(func(sql string) bool { return sql == "commit" })
			h.As(t, a.as, a.method, a.path, a.body, "Idempotency-Key", key).Want(t, 503, "code", "outcome_unknown")
			wire.Lose(nil)
			again := h.As(t, a.as, a.method, a.path, a.body, "Idempotency-Key", key)
			statuses[again.Status]++
			switch {
			case name == "create-user" && (again.Status != 409 || again.Object["code"] != "already_done"): // it was sent with a password
				t.Errorf("%s: sent again: status %d, %v", key, again.Status, again.Object)
			case name != "create-user" && (again.Status >= 300 || again.Object["id"] == nil):
				t.Errorf("%s: sent again: status %d, %v", key, again.Status, again.Object)
			}
			if !a.stored() {
				t.Errorf("%s: it is not there once", key)
			}
		}
	}
	t.Logf("sent again, by status: %v", statuses)
}

// kindsOfChange are those there are, each with what it needs made first, by a name that is new.
func kindsOfChange(t *testing.T, h *hospital) map[string]func(name string) attempt {
	t.Helper()
	made := func(path, body string) int64 { return h.do(t, "POST", path, body).Want(t, 201).ID() }
	organization := func(name string) int64 { return made("/organizations", fmt.Sprintf(`{"name":%q}`, name)) }
	department := func(name string) int64 {
		return made("/departments", fmt.Sprintf(`{"organization_id":1,"name":%q}`, name))
	}
	user := func(name string) int64 { return h.user(t, name+"@example.org", "") }
	role := func(name string) int64 {
		return made("/roles", fmt.Sprintf(`{"name":%q,"permissions":["user.read"]}`, name))
	}
	has := func(path, member string, value any) func() bool {
		return func() bool {
			a := h.do(t, "GET", path, "")
			return a.Status == 200 && fmt.Sprint(a.Object[member]) == fmt.Sprint(value)
		}
	}
	gone := func(path string) func() bool { return func() bool { return h.do(t, "GET", path, "").Status == 404 } }
	listed := func(path string, n int) func() bool {
		return func() bool { return len(h.do(t, "GET", path, "").List) == n }
	}
	over := func(who apitest.Token) func() bool {
		return func() bool { return h.As(t, who, "GET", "/auth/me", "").Status == 401 }
	}
	root := func(method, path, body string, stored func() bool) attempt {
		return attempt{h.root, method, path, body, stored}
	}
	p := fmt.Sprintf
	return map[string]func(name string) attempt{
		"create-organization": func(n string) attempt {
			return root("POST", "/organizations", p(`{"name":%q}`, n), listed("/organizations?q="+n, 1))
		},
		"update-organization": func(n string) attempt {
			path := p("/organizations/%d", organization(n))
			return root("PUT", path, `{"description":"new"}`, has(path, "description", "new"))
		},
		"delete-organization": func(n string) attempt {
			path := p("/organizations/%d", organization(n))
			return root("DELETE", path, "", gone(path))
		},
		"create-department": func(n string) attempt {
			return root("POST", "/departments", p(`{"organization_id":1,"name":%q}`, n), listed("/departments?q="+n, 1))
		},
		"update-department": func(n string) attempt {
			path := p("/departments/%d", department(n))
			return root("PUT", path, p(`{"code":%q}`, n), has(path, "code", n))
		},
		"move-department": func(n string) attempt {
			path := p("/departments/%d", department(n))
			return root("POST", path+"/move", `{"parent_id":1}`, has(path, "parent_id", 1))
		},
		"delete-department": func(n string) attempt {
			path := p("/departments/%d", department(n))
			return root("DELETE", path, "", gone(path))
		},
		"create-user": func(n string) attempt {
			return root("POST", "/users", p(`{"email":"%s@example.org","password":%q}`, n, password), listed("/users?q="+n, 1))
		},
		"update-user": func(n string) attempt {
			path := p("/users/%d", user(n))
			return root("PUT", path, `{"full_name":"New"}`, has(path, "full_name", "New"))
		},
		"delete-user": func(n string) attempt {
			path := p("/users/%d", user(n))
			return root("DELETE", path, "", gone(path))
		},
		"deactivate-user": func(n string) attempt {
			path := p("/users/%d", user(n))
			return root("POST", path+"/deactivate", "", has(path, "is_active", false))
		},
		"sign-in": func(n string) attempt {
			path := p("/users/%d/sessions", user(n))
			return attempt{"", "POST", "/auth/login", p(`{"email":"%s@example.org","password":%q}`, n, password), listed(path, 1)}
		},
		"sign-out": func(n string) attempt {
			user(n)
			who := h.SignIn(t, n+"@example.org", password)
			return attempt{who, "POST", "/auth/logout", "", over(who)}
		},
		"end-sessions": func(n string) attempt {
			id := user(n)
			who := h.SignIn(t, n+"@example.org", password)
			return root("DELETE", p("/users/%d/sessions", id), "", over(who))
		},
		"change-own-name": func(n string) attempt {
			path := p("/users/%d", user(n))
			return attempt{h.SignIn(t, n+"@example.org", password), "PUT", "/auth/me", `{"full_name":"Own"}`, has(path, "full_name", "Own")}
		},
		"change-password": func(n string) attempt {
			user(n)
			body := p(`{"current_password":%q,"new_password":"another of these days"}`, password)
			return attempt{h.SignIn(t, n+"@example.org", password), "POST", "/auth/password", body, func() bool {
				return h.Do(t, "POST", "/auth/login", p(`{"email":"%s@example.org","password":"another of these days"}`, n)).Status == 200
			}}
		},
		"create-role": func(n string) attempt {
			return root("POST", "/roles", p(`{"name":%q,"permissions":["user.read"]}`, n), listed("/roles?q="+n, 1))
		},
		"update-role": func(n string) attempt {
			path := p("/roles/%d", role(n))
			return root("PUT", path, `{"description":"new"}`, has(path, "description", "new"))
		},
		"delete-role": func(n string) attempt {
			path := p("/roles/%d", role(n))
			return root("DELETE", path, "", gone(path))
		},
		"grant": func(n string) attempt {
			id := user(n)
			return root("POST", "/grants", p(`{"user_id":%d,"role_id":%d,"organization_id":1}`, id, h.role(t, "member")), listed(p("/grants?user_id=%d", id), 1))
		},
		"end-grant": func(n string) attempt {
			path := p("/grants/%d", h.grant(t, user(n), "member", `,"organization_id":1`).Want(t, 201).ID())
			return root("DELETE", path, "", func() bool { return h.do(t, "GET", path, "").Object["ended_at"] != nil })
		},
		"give-role": func(n string) attempt {
			id := user(n)
			return root("PUT", p("/users/%d/roles/%d", id, h.role(t, "auditor")), "", listed(p("/grants?user_id=%d", id), 1))
		},
	}
}
