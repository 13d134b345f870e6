package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/migrations"
	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// TestPromisedProblems sends, for each error that docs/errors.md documents, a request that is answered with it, and holds
// the documented status.
func TestPromisedProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, documented := range documentedProblems(t) {
		provoke := provokedProblems[documented.code]
		if provoke == nil {
			continue // TestPromisedCodes says so
		}
		test := func(t *testing.T) {
			t.Helper()
			a := provoke(t, w)
			if a.status != documented.status || a.body["code"] != documented.code {
				t.Errorf("status %d, code %v, want %d, %s: %v", a.status, a.body["code"], documented.status, documented.code, a.body)
			}
			if a.body["detail"] == "" || a.body["request_id"] == "" || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("it is no whole problem document: %v %v", a.header, a.body)
			}
			needs := map[int]string{http.StatusUnauthorized: "WWW-Authenticate", http.StatusMethodNotAllowed: "Allow", http.StatusTooManyRequests: "Retry-After", http.StatusServiceUnavailable: "Retry-After"}
			if header := needs[a.status]; header != "" && a.header.Get(header) == "" {
				t.Errorf("%d without %s: %v", a.status, header, a.header)
			}
		}
		t.Run(documented.code, test)
	}
}

// provokedProblems are requests that are answered with each code. Those that need nothing special share a world, one
// after the other: what each needs it makes itself, and leaves the others' alone.
var provokedProblems = map[string]func(*testing.T, *world) answer{
	"organization.name_taken":    twice("POST", "/organizations", `{"name":"taken"}`),
	"role.name_taken":            twice("POST", "/roles", `{"name":"taken"}`),
	"user.employee_number_taken": twice("POST", "/users", `{"employee_number":"taken"}`),
	"user.email_taken":           twice("POST", "/users", `{"email":"taken@example.org"}`),
	"department.code_taken": func(t *testing.T, w *world) answer {
		body := fmt.Sprintf(`{"organization_id":%d,"name":"X","code":"TAKEN"}`, w.places[hospitalA].organization)
		return twice("POST", "/departments", body)(t, w)
	},
	"unreadable_body": asRoot("POST", "/organizations", `{"name":"A","name":"B"}`),
	"body_required":   asRoot("POST", "/organizations", ""),
	"body_incomplete": func(t *testing.T, w *world) answer {
		conn := dial(t, strings.TrimPrefix(w.URL, "http://"), "POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"email\"")
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		return read(t, conn)
	},
	"body_timeout": func(t *testing.T, _ *world) answer { // the documented 30 s, by the clock
		t.Parallel()
		p := closed(t, t.TempDir(), onDatabase(t))
		begun := time.Now()
		a := read(t, dial(t, p.address, "POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"email\""))
		if took := time.Since(begun); took < 29*time.Second || took > 45*time.Second {
			t.Errorf("the body's time was over after %v, documented are 30 s", took)
		}
		return a
	},
	"not_signed_in":            as("", "GET", "/users", ""),
	"identity.session_over":    as("Bearer made-up", "GET", "/users", ""),
	"identity.sign_in_refused": as("", "POST", "/auth/login", `{"email":"root@example.org","password":"wrong"}`),
	"identity.code_refused":    as("", "POST", "/auth/password-reset", `{"email":"root@example.org","code":"AAAAA-BBBBB-CCCCC-DDDDD","new_password":"a new secret"}`),
	"identity.password_change_required": func(t *testing.T, w *world) answer {
		id, email := w.user(t, hospitalA)
		w.As(t, w.root, "PUT", fmt.Sprintf("/users/%d", id), `{"password":"given by somebody"}`).Want(t, 200)
		return of(w.As(t, w.SignIn(t, email, "given by somebody"), "GET", "/auth/permissions", ""))
	},
	"forbidden": func(t *testing.T, w *world) answer {
		_, nobody := w.somebody(t, hospitalA, "", everywhere)
		return of(w.As(t, nobody, "GET", "/users", ""))
	},
	"grant.exceeds_own": func(t *testing.T, w *world) answer {
		id, head := w.holding(t, ward, "grant.create", "grant.read", "user.read", "role.read")
		body := fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s}`, id, w.role(t, "organization-administrator"), w.places[ward].body())
		return of(w.As(t, head, "POST", "/grants", body))
	},
	"role.exceeds_own": func(t *testing.T, w *world) answer {
		_, keeper := w.holding(t, everywhere, "role.create", "role.read")
		return of(w.As(t, keeper, "POST", "/roles", fmt.Sprintf(`{"name":%q,"permissions":["user.delete"]}`, w.name())))
	},
	"role.grows_for_others": func(t *testing.T, w *world) answer {
		role := w.As(t, w.root, "POST", "/roles", fmt.Sprintf(`{"name":%q,"permissions":["user.read"]}`, w.name())).Want(t, 201).ID()
		id, _ := w.user(t, hospitalA)
		w.grant(t, id, role, hospitalA)
		_, keeper := w.holding(t, everywhere, "role.read", "role.update", "user.read", "user.update")
		return of(w.As(t, keeper, "PUT", fmt.Sprintf("/roles/%d", role), `{"permissions":["user.read","user.update"]}`))
	},
	"grant.end_exceeds_own": func(t *testing.T, w *world) answer {
		id, _ := w.user(t, ward)
		grant := w.grant(t, id, w.role(t, "organization-administrator"), ward)
		_, head := w.holding(t, ward, "grant.end", "grant.read", "user.read", "role.read")
		return of(w.As(t, head, "DELETE", fmt.Sprintf("/grants/%d", grant), ""))
	},
	"grant.gives_nothing": func(t *testing.T, w *world) answer {
		role := w.As(t, w.root, "POST", "/roles", fmt.Sprintf(`{"name":%q}`, w.name())).Want(t, 201).ID()
		id, _ := w.user(t, hospitalA)
		return of(w.As(t, w.root, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d}`, id, role)))
	},
	"organization.not_found":     asRoot("GET", "/organizations/999999", ""),
	"department.not_found":       asRoot("GET", "/departments/999999", ""),
	"user.not_found":             asRoot("GET", "/users/999999", ""),
	"role.not_found":             asRoot("GET", "/roles/999999", ""),
	"grant.not_found":            asRoot("GET", "/grants/999999", ""),
	"identity.session_not_found": asRoot("DELETE", "/auth/sessions/999999", ""),
	"no_such_path":               asRoot("GET", "/organisations", ""),
	"method_not_allowed":         asRoot("POST", "/healthz", ""),
	"organization.has_departments": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "DELETE", fmt.Sprintf("/organizations/%d", w.places[hospitalA].organization), ""))
	},
	"department.has_departments": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "DELETE", fmt.Sprintf("/departments/%d", w.places[ward].department), ""))
	},
	"user.own_account": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", w.me(t)), ""))
	},
	"user.own_password": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/password-reset", w.me(t)), ""))
	},
	"role.built_in": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "DELETE", fmt.Sprintf("/roles/%d", w.role(t, "member")), ""))
	},
	"grant.exists": func(t *testing.T, w *world) answer {
		id, _ := w.user(t, hospitalA)
		return twice("POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d}`, id, w.role(t, "member")))(t, w)
	},
	"grant.ended": func(t *testing.T, w *world) answer {
		id, _ := w.user(t, hospitalA)
		path := fmt.Sprintf("/grants/%d", w.grant(t, id, w.role(t, "member"), hospitalA))
		w.As(t, w.root, "DELETE", path, "").Want(t, 204)
		return of(w.As(t, w.root, "DELETE", path, ""))
	},
	"access.last_administrator": func(t *testing.T, w *world) answer {
		for _, grant := range w.As(t, w.root, "GET", fmt.Sprintf("/grants/?user_id=%d&state=active", w.me(t)), "").Want(t, 200).List {
			return of(w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%.0f", grant["id"]), ""))
		}
		return answer{}
	},
	"department.move_into_own_subtree": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "POST", fmt.Sprintf("/departments/%d/move", w.places[ward].department), fmt.Sprintf(`{"parent_id":%d}`, w.places[room].department)))
	},
	"department.too_deep": func(t *testing.T, w *world) answer { // the documented 32 levels
		organization, parent := w.organization(t, w.name()), int64(0)
		for range 32 {
			parent = w.department(t, organization, parent)
		}
		return of(w.As(t, w.root, "POST", "/departments", fmt.Sprintf(`{"organization_id":%d,"parent_id":%d,"name":"33"}`, organization, parent)))
	},
	"cross_origin": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "POST", "/organizations", `{"name":"X"}`, "Origin", "https://evil.example"))
	},
	"unknown_host": func(t *testing.T, _ *world) answer {
		t.Parallel()
		p := serve(t, t.TempDir(), onDatabase(t))
		return read(t, dial(t, p.address, "GET /organizations HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
	},
	"in_use": func(t *testing.T, w *world) answer {
		w.user(t, wardOfB)
		return of(w.As(t, w.root, "DELETE", fmt.Sprintf("/departments/%d", w.places[wardOfB].department), ""))
	},
	"idempotency_key_unreadable": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "POST", "/organizations", `{"name":"X"}`, keyHeader, "two words"))
	},
	"idempotency_key_reused": func(t *testing.T, w *world) answer {
		w.As(t, w.root, "POST", "/organizations", `{"name":"reused"}`, keyHeader, "reused").Want(t, 201)
		return of(w.As(t, w.root, "POST", "/organizations", `{"name":"Y"}`, keyHeader, "reused"))
	},
	"already_done": func(t *testing.T, w *world) answer {
		user, _ := w.user(t, ward)
		reset := func() apitest.Answer {
			return w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/password-reset", user), "", keyHeader, "reset")
		}
		reset().Want(t, 200)
		return of(reset())
	},
	"under_way": func(t *testing.T, w *world) answer { // another server has the lock of the key
		var got answer
		err := w.DB.InTx(t.Context(), func(ctx context.Context) error {
			lock := pg.Reads("lock", squirrel.Expr("SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('user 1 k', 0))"))
			if _, err := pg.One(ctx, w.DB, lock.With(), pg.Int, nil); err != nil {
				return err
			}
			got = of(w.As(t, w.root, "POST", "/organizations", `{"name":"X"}`, keyHeader, "k"))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	},
	"stale": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "PUT", fmt.Sprintf("/organizations/%d", w.places[hospitalA].organization), `{"description":"X"}`, "If-Match", `"99"`))
	},
	"body_too_large": func(t *testing.T, w *world) answer { // the documented 1 MiB: a body of just that size is read
		body := func(bytes int) string { return `{"name":"` + strings.Repeat("a", bytes-len(`{"name":""}`)) + `"}` }
		w.As(t, w.root, "POST", "/organizations", body(1<<20)).Want(t, 422)
		return of(w.As(t, w.root, "POST", "/organizations", body(1<<20+1)))
	},
	"unsupported_media_type": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "POST", "/organizations", `{"name":"X"}`, "Content-Type", "text/plain"))
	},
	"partial_body": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "PUT", "/organizations/1", `{"description":"X"}`, "Content-Range", "bytes 0-9/100"))
	},
	"unsupported_content_encoding": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "POST", "/organizations", `{"name":"X"}`, "Content-Encoding", "gzip"))
	},
	"too_many_at_once": func(t *testing.T, _ *world) answer { // beyond one under way and the documented 12 that wait for it
		t.Parallel()
		p, root := withRoot(t, "REQUESTS_PER_USER=1")
		underWay := dial(t, p.address, "POST /organizations HTTP/1.1\r\nHost: localhost\r\nAuthorization: "+root+"\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
		if line, err := bufio.NewReader(underWay).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatalf("%q, %v", line, err)
		}
		return firstOf(13, func() answer { return p.askAs(root, "GET", "/organizations", "") })
	},
	"busy": func(t *testing.T, _ *world) answer { // one core makes one tree at a time, and this one waits for a lock
		t.Parallel()
		database := onDatabase(t)
		p, root := withRoot(t, database, "GOMAXPROCS=1", "DATABASE_STATEMENT_TIMEOUT=60s")
		organization := p.askAs(root, "POST", "/organizations", `{"name":"A"}`).body["id"]
		lock(t, strings.TrimPrefix(database, "DATABASE_URL="), "organization.departments")
		return firstOf(2, func() answer { return p.askAs(root, "GET", fmt.Sprintf("/organizations/%v/tree", organization), "") })
	},
	"validation_failed": asRoot("POST", "/organizations", `{}`),
	"identity.too_many_attempts": func(t *testing.T, _ *world) answer {
		t.Parallel()
		p := closed(t, t.TempDir(), onDatabase(t), "SIGN_IN_ATTEMPTS_PER_ADDRESS=1")
		p.post("/auth/login", `{"email":"a@example.org","password":"wrong"}`)
		return p.post("/auth/login", `{"email":"b@example.org","password":"wrong"}`)
	},
	"identity.too_many_at_once": func(t *testing.T, _ *world) answer {
		t.Parallel()
		p := closed(t, t.TempDir(), onDatabase(t), "SIGN_IN_ATTEMPTS_PER_ADDRESS=100000", "PASSWORD_POLICY=kr-public")
		return anyOf(t, p, "identity.too_many_at_once", func(n int) string { return fmt.Sprintf("somebody%d@example.org", n/30) })
	},
	"identity.too_busy": func(t *testing.T, _ *world) answer {
		t.Parallel()
		p := closed(t, t.TempDir(), onDatabase(t), "SIGN_IN_ATTEMPTS_PER_ADDRESS=100000", "PASSWORD_HASH_QUEUE=0")
		return anyOf(t, p, "identity.too_busy", func(n int) string { return fmt.Sprintf("somebody%d@example.org", n) })
	},
	"identity.mail_unavailable": func(t *testing.T, _ *world) answer {
		t.Parallel()
		p, root := withRoot(t, "SMTP_ADDR="+unused(t), "SMTP_TLS=none", "SMTP_FROM=erp@example.org")
		id := p.askAs(root, "POST", "/users", `{"email":"alice@example.org"}`).body["id"]
		return p.askAs(root, "POST", fmt.Sprintf("/users/%v/password-reset", id), "")
	},
	"internal": func(t *testing.T, _ *world) answer {
		t.Parallel()
		w := newWorld(t)
		pgtest.Run(t, w.DB.URL(), "ALTER TABLE organization.organizations RENAME COLUMN name TO lost")
		return of(w.As(t, w.root, "GET", "/organizations", ""))
	},
	"database_unavailable": func(t *testing.T, _ *world) answer {
		t.Parallel()
		return withoutDatabase(t).get("/organizations")
	},
	"not_ready": func(t *testing.T, _ *world) answer {
		t.Parallel()
		p := withoutDatabase(t)
		await.That(t, "/readyz answers 503", func() bool { return p.get("/readyz").status == http.StatusServiceUnavailable })
		return p.get("/readyz")
	},
	"outcome_unknown": func(t *testing.T, _ *world) answer {
		t.Parallel()
		wire := pgtest.NewWire(t, pgtest.URL(t, migrations.Files))
		p := serve(t, t.TempDir(), "DATABASE_URL="+wire.URL())
		wire.Lose(func(sql string) bool { return sql == "commit" || strings.Contains(sql, "organization.organizations") })
		return p.post("/organizations", `{"name":"stored or not"}`)
	},
}
