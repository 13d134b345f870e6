package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// ASVS 16.2.5: with everything logged that can be, no password, token or code is in any line.
func TestSecrets_areInNoLogLine(t *testing.T) {
	t.Parallel()
	p := closed(t, t.TempDir(), onDatabase(t), "LOG_LEVEL=debug", "SQL_ECHO=true", "ADMIN_EMAIL=root@example.org", "ADMIN_PASSWORD=first-Secret-1")
	secrets := []string{"first-Secret-1"}
	keep := func(secret string) string {
		secrets = append(secrets, secret)
		return secret
	}
	send := func(who, method, path, body string, want int) answer {
		t.Helper()
		a := p.askAs(who, method, path, body)
		if a.status != want {
			t.Errorf("%s %s: %d %v, want %d", method, path, a.status, a.body, want)
		}
		return a
	}
	in := func(email, password string) string {
		return fmt.Sprintf(`{"email": %q, "password": %q}`, email, password)
	}

	token := p.token("root@example.org", "first-Secret-1")
	keep(strings.TrimPrefix(token, "Bearer "))
	send("", http.MethodPost, "/auth/login", in("root@example.org", keep("wrong-Secret-2")), 401)
	send("", http.MethodPost, "/auth/login", in("nobody@example.org", keep("wrong-Secret-3")), 401)
	send("", http.MethodPost, "/auth/login", `{"email": "root@example.org", "password": "`+keep("broken-Secret-4"), 400)
	send("", http.MethodPost, "/auth/login", `{"email": "root@example.org", "password": ["`+keep("listed-Secret-5")+`"]}`, 422)
	send("", http.MethodPost, "/auth/login?password="+keep("query-Secret-6"), in("root@example.org", "first-Secret-1"), 422)
	session := send("", http.MethodPost, "/auth/session", in("root@example.org", "first-Secret-1"), 200)
	cookie, err := http.ParseSetCookie(session.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	keep(cookie.Value)

	id := fmt.Sprint(send(token, http.MethodPost, "/users/", in("alice@example.com", keep("given-Secret-7")), 201).body["id"])
	send(token, http.MethodPost, "/users/", in("bob@example.com", keep("short")+"8"), 422)
	send(token, http.MethodPut, "/users/"+id, `{"password": "`+keep("again-Secret-9")+`"}`, 200)
	code, _ := send(token, http.MethodPost, "/users/"+id+"/password-reset", "", 200).body["code"].(string)
	redeem := func(code, password string, want int) {
		send("", http.MethodPost, "/auth/password-reset", fmt.Sprintf(`{"email": "alice@example.com", "code": %q, "new_password": %q}`, code, password), want)
	}
	redeem(keep("AAAAA-BBBBB-CCCCC-DDDDD"), keep("never-Secret-10"), 401)
	redeem(keep(code), keep("redeemed-Secret-11"), 204)
	alice := p.token("alice@example.com", "redeemed-Secret-11")
	keep(strings.TrimPrefix(alice, "Bearer "))
	send(alice, http.MethodPost, "/auth/password", `{"current_password": "`+keep("wrong-Secret-12")+`", "new_password": "`+keep("next-Secret-13")+`"}`, 422)
	send(alice, http.MethodPost, "/auth/password", `{"current_password": "redeemed-Secret-11", "new_password": "next-Secret-13"}`, 204)
	send("Bearer "+keep("made-up-token-that-is-no-session-of-anybodys"), http.MethodGet, "/auth/me", "", 401)
	send("Basic "+keep("cm9vdDpmaXJzdC1TZWNyZXQtMQ=="), http.MethodGet, "/auth/me", "", 401)
	send(alice, http.MethodPost, "/auth/logout", "", 204)
	p.stop()

	logged := p.err.String() + p.out.String()
	for _, seen := range []string{`"msg":"sql"`, "identity.sessions", `"path":"/auth/login"`, `"level":"debug"`} {
		if !strings.Contains(logged, seen) {
			t.Errorf("%s is not logged: this test would find nothing", seen)
		}
	}
	for _, secret := range secrets {
		if secret == "" || strings.Contains(logged, secret) {
			t.Errorf("%q is in the log, or was not used", secret)
		}
	}
}
