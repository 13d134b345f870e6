package http_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"erp.internal/modules/identity"
	"erp.internal/modules/identity/domain"
	"erp.internal/platform/change"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
)

// entry is what the journal says of a change, as text: "user 1", "user 2", "organization 1", and the names of the fields.
type entry struct {
	Actor, Operation, Kind, Subject, User, Place, Fields string
}

// entries returns what was added to the journal since the last call.
func (h *hospital) entries(tb testing.TB, after *int64) []entry {
	tb.Helper()
	type row struct {
		id int64
		entry
	}
	rows, err := pg.All(tb.Context(), h.DB, pg.Reads("test", squirrel.Expr(`SELECT id, actor_kind || coalesce(' ' || actor_id, ''), operation, kind,
			subject_kind || ' ' || subject_id, coalesce(user_id::text, ''),
			concat_ws(' ', organization_id, department_id),
			coalesce((SELECT string_agg(name, ' ' ORDER BY name COLLATE "C") FROM (
				SELECT jsonb_object_keys(public) AS name UNION ALL SELECT '(' || jsonb_object_keys(personal) || ')') AS names), '')
		FROM journal.entries WHERE id > $1 ORDER BY id`)).With(*after), func(r *row) []any {
		return []any{&r.id, &r.Actor, &r.Operation, &r.Kind, &r.Subject, &r.User, &r.Place, &r.Fields}
	})
	if err != nil {
		tb.Fatal(err)
	}
	found := make([]entry, len(rows))
	for i, r := range rows {
		found[i], *after = r.entry, r.id
	}
	return found
}

// Every operation is in the journal with who did it, to whom, where, and what changed. What is secret is nowhere in it.
func TestJournal_everyOperation(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.As(t, h.admin, "POST", "/organizations", `{"name":"Seoul"}`).Want(t, 201, "id", 1)
	h.As(t, h.admin, "POST", "/departments", `{"organization_id":1,"name":"Surgery"}`).Want(t, 201, "id", 1)
	secrets := []string{adminPassword, strings.TrimPrefix(string(h.admin), "Bearer ")}
	var alice apitest.Token
	var cookie, code string
	var seen int64
	h.entries(t, &seen)
	login := func(email, password string) {
		a := h.login(t, email, password).Want(t, 200)
		token, _ := a.Object["access_token"].(string)
		alice = apitest.Token("Bearer " + token)
		secrets = append(secrets, token, password, device(a))
	}
	as := func(who *apitest.Token, status int, method, path, body string) func() {
		return func() { h.As(t, *who, method, path, body).Want(t, status) }
	}
	for _, step := range []struct {
		name string
		do   func()
		want []entry
	}{
		{"make an administrator", func() {
			asOperator := change.With(t.Context(), change.Origin{Actor: change.Actor{Kind: change.Operator}, Operation: "erp admin create"})
			random, err := h.administrators.Create(asOperator, identity.Administrator{Email: "second@example.org"})
			if err != nil {
				t.Fatal(err)
			}
			secrets = append(secrets, random)
		}, []entry{
			{"operator", "erp admin create", "user.created", "user 2", "2", "", "(email) (employment) is_active"},
			{"operator", "erp admin create", "password.given", "user 2", "2", "", "password"},
			{"operator", "erp admin create", "user.administrator_made", "user 2", "2", "", ""},
		}},
		{"create", as(&h.admin, 201, "POST", "/users", `{"email":"alice@example.com","full_name":"Alice","organization_id":1}`), []entry{
			{"user 1", "create-user", "user.created", "user 3", "3", "1", "(email) (employment) (full_name) is_active organization_id"},
		}},
		{"create with a password", as(&h.admin, 201, "POST", "/users", `{"email":"bob@example.com","password":"Bob, a secret"}`), []entry{
			{"user 1", "create-user", "user.created", "user 4", "4", "", "(email) (employment) is_active"},
			{"user 1", "create-user", "password.given", "user 4", "4", "", "password"},
		}},
		{"start a reset", func() {
			code, _ = h.As(t, h.admin, "POST", "/users/3/password-reset", "").Want(t, 200).Object["code"].(string)
			secrets = append(secrets, code, strings.ReplaceAll(code, "-", ""))
		}, []entry{
			{"user 1", "reset-password", "reset.started", "user 3", "3", "1", "code"},
		}},
		{"redeem it", func() {
			secrets = append(secrets, "Alice's own secret")
			h.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":"alice@example.com","code":%q,"new_password":"Alice's own secret"}`, code)).Want(t, 204)
		}, []entry{
			{"user 3", "redeem-password-reset", "reset.redeemed", "user 3", "3", "1", "code"},
			{"user 3", "redeem-password-reset", "password.changed", "user 3", "3", "1", "password"},
		}},
		{"sign in", func() { login("alice@example.com", "Alice's own secret") }, []entry{
			{"user 3", "login", "session.opened", "session 2", "3", "1", ""},
		}},
		{"sign in twice with a browser", func() {
			for range 2 {
				a := h.Do(t, "POST", "/auth/session", `{"email":"alice@example.com","password":"Alice's own secret"}`, "Cookie", cookie).Want(t, 200)
				value := valueOf(a, apitest.Settings().SessionCookie())
				cookie = apitest.Settings().SessionCookie() + "=" + value
				secrets = append(secrets, value, device(a))
			}
		}, []entry{
			{"user 3", "begin-browser-session", "session.opened", "session 3", "3", "1", ""},
			{"user 3", "begin-browser-session", "session.ended", "session 3", "3", "1", ""},
			{"user 3", "begin-browser-session", "session.opened", "session 4", "3", "1", ""},
		}},
		{"end one's own session", as(&alice, 204, "DELETE", "/auth/sessions/4", ""), []entry{
			{"user 3", "end-own-session", "session.ended", "session 4", "3", "1", ""},
		}},
		{"change one's name", as(&alice, 200, "PUT", "/auth/me", `{"full_name":"Alice Kim"}`), []entry{
			{"user 3", "update-me", "user.changed", "user 3", "3", "1", "(full_name)"},
		}},
		{"change one's name to what it is", as(&alice, 200, "PUT", "/auth/me", `{"full_name":"Alice Kim"}`), nil},
		{"change one's password, with another session", func() {
			secrets = append(secrets, "Alice's next secret", strings.TrimPrefix(string(h.SignIn(t, "alice@example.com", "Alice's own secret")), "Bearer "))
			h.entries(t, &seen)
			a := h.As(t, alice, "POST", "/auth/password", `{"current_password":"Alice's own secret","new_password":"Alice's next secret"}`).Want(t, 204)
			secrets = append(secrets, device(a))
		}, []entry{
			{"user 3", "change-password", "password.changed", "user 3", "3", "1", "password"},
			{"user 3", "change-password", "sessions.ended", "user 3", "3", "1", ""},
		}},
		{"sign out", as(&alice, 204, "POST", "/auth/logout", ""), []entry{
			{"user 3", "logout", "session.ended", "session 2", "3", "1", ""},
		}},
		{"fail to sign in, and be unlocked", func() {
			h.login(t, "alice@example.com", "a wrong password").Want(t, 401)
			secrets = append(secrets, "a wrong password")
			for range 2 { // the second time there is nothing to forget
				h.As(t, h.admin, "POST", "/users/3/unlock", "").Want(t, 200)
			}
		}, []entry{
			{"user 1", "unlock-user", "user.unlocked", "user 3", "3", "1", ""},
		}},
		{"change everything at once", func() {
			login("alice@example.com", "Alice's next secret")
			secrets = append(secrets, "a given secret")
			h.As(t, h.admin, "POST", "/users/3/password-reset", "").Want(t, 200)
			h.entries(t, &seen)
			h.As(t, h.admin, "PUT", "/users/3", `{"email":"alice.kim@example.com","department_id":1,"is_active":false,"password":"a given secret"}`).Want(t, 200)
		}, []entry{
			{"user 1", "update-user", "user.changed", "user 3", "3", "1", "(email)"},
			{"user 1", "update-user", "user.left", "user 3", "3", "1", "department_id"},
			{"user 1", "update-user", "user.moved", "user 3", "3", "1 1", "department_id"},
			{"user 1", "update-user", "user.deactivated", "user 3", "3", "1 1", "is_active"},
			{"user 1", "update-user", "reset.cancelled", "user 3", "3", "1 1", "code"},
			{"user 1", "update-user", "sessions.ended", "user 3", "3", "1 1", ""},
			{"user 1", "update-user", "password.given", "user 3", "3", "1 1", "password"},
		}},
		{"change nothing", as(&h.admin, 200, "PUT", "/users/3", `{"email":"alice.kim@example.com","is_active":false}`), nil},
		{"activate", as(&h.admin, 200, "POST", "/users/3/activate", ""), []entry{
			{"user 1", "activate-user", "user.activated", "user 3", "3", "1 1", "is_active"},
		}},
		{"activate again", as(&h.admin, 200, "POST", "/users/3/activate", ""), nil},
		{"give a password alone", func() {
			secrets = append(secrets, "another given secret")
			h.As(t, h.admin, "PUT", "/users/3", `{"password":"another given secret"}`).Want(t, 200)
		}, []entry{
			{"user 1", "update-user", "password.given", "user 3", "3", "1 1", "password"},
		}},
		{"end one session of a user, and all", func() {
			for range 2 {
				login("alice.kim@example.com", "another given secret")
			}
			h.entries(t, &seen)
			h.As(t, h.admin, "DELETE", "/users/3/sessions/7", "").Want(t, 204)
			h.As(t, h.admin, "DELETE", "/users/3/sessions/7", "").Want(t, 404)
			h.As(t, h.admin, "DELETE", "/users/3/sessions", "").Want(t, 204)
			h.As(t, h.admin, "DELETE", "/users/3/sessions", "").Want(t, 204) // there are none
		}, []entry{
			{"user 1", "end-user-session", "session.ended", "session 7", "3", "1 1", ""},
			{"user 1", "end-user-sessions", "sessions.ended", "user 3", "3", "1 1", ""},
		}},
		{"deactivate", as(&h.admin, 200, "POST", "/users/4/deactivate", ""), []entry{
			{"user 1", "deactivate-user", "user.deactivated", "user 4", "4", "", "is_active"},
		}},
		{"delete", as(&h.admin, 204, "DELETE", "/users/3", ""), []entry{
			{"user 1", "delete-user", "user.deleted", "user 3", "3", "1 1", "(email) (employment) (full_name) department_id is_active organization_id"},
		}},
	} {
		step.do()
		if diff := cmp.Diff(step.want, h.entries(t, &seen), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", step.name, diff)
		}
	}
	secrets = append(secrets, "Bob, a secret")
	h.nowhereInTheJournal(t, secrets)
}

// A reset whose code cannot be sent is over.
func TestJournal_aCodeThatIsNotSent(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) { // where nobody listens
		s.Mail.Addr, s.Mail.From, s.Mail.TLS = "127.0.0.1:1", "erp@example.org", "none"
	})
	h.user(t, "alice@example.com", "secret123")
	var seen int64
	h.entries(t, &seen)
	h.As(t, h.admin, "POST", "/users/2/password-reset", "").Want(t, 503)
	want := []entry{
		{"user 1", "reset-password", "reset.started", "user 2", "2", "", "code"},
		{"user 1", "reset-password", "reset.cancelled", "user 2", "2", "", "code"},
	}
	if diff := cmp.Diff(want, h.entries(t, &seen)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// nowhereInTheJournal looks for secrets, what is stored of them, and every hash of a password.
func (h *hospital) nowhereInTheJournal(tb testing.TB, secrets []string) {
	tb.Helper()
	one := func(sql string) []string {
		texts, err := pg.All(tb.Context(), h.DB, pg.Changes("test", squirrel.Expr(sql)).With(), func(s *string) []any { return []any{s} })
		if err != nil {
			tb.Fatal(err)
		}
		return texts
	}
	journal := strings.Join(one("SELECT row_to_json(e)::text FROM journal.entries AS e"), "\n")
	if !strings.Contains(journal, "alice.kim@example.com") {
		tb.Fatal("the journal was not read")
	}
	for _, secret := range secrets {
		if secret == "" {
			tb.Error("a secret is missing")
			continue
		}
		digest := domain.Digest(secret)
		for _, form := range []string{secret, hex.EncodeToString(digest[:]), base64.RawStdEncoding.EncodeToString(digest[:]), base64.RawURLEncoding.EncodeToString(digest[:])} {
			if strings.Contains(journal, form) {
				tb.Errorf("the journal holds %q of the secret %q", form, secret)
			}
		}
	}
	for _, hash := range one("SELECT hash FROM identity.credentials UNION SELECT hash FROM identity.former_passwords") {
		if strings.Contains(journal, hash) {
			tb.Errorf("the journal holds the hash %q", hash)
		}
	}
}
