package main

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"erp.internal/migrations"
	"erp.internal/platform/await"
	"erp.internal/postgres/pgtest"
)

// token signs in and gives an Authorization header, "" when that is refused.
func (p *process) token(email, password string) string {
	a := p.post("/auth/login", `{"email": "`+email+`", "password": "`+password+`"}`)
	if token, ok := a.body["access_token"].(string); ok {
		return "Bearer " + token
	}
	return ""
}

// closed starts the server as it is run where not everybody is let in.
func closed(t *testing.T, dir string, settings ...string) *process {
	t.Helper()
	p := start(t, dir, settings, "serve")
	p.ready()
	return p
}

var shown = regexp.MustCompile(`Sign in as (\S+) with the password (\S+)`)

// On the embedded database the first administrator's password is made at random and shown once; a restart makes none.
func TestFirstAdministrator_embedded(t *testing.T) {
	t.Parallel()
	dir := workDir(t)
	setting := "DATA_DIR=" + dir + "/data"
	first := closed(t, dir, setting)
	said := shown.FindStringSubmatch(first.out.String())
	if said == nil || said[1] != firstEmail || strings.Contains(first.err.String(), said[2]) {
		t.Fatalf("it says %s%s", &first.out, &first.err)
	}
	if a := first.get("/organizations/"); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("without a token: %d %v", a.status, a.header)
	}
	token := first.token(firstEmail, said[2])
	if a := first.askAs(token, http.MethodGet, "/organizations/", ""); a.status != http.StatusForbidden || a.body["code"] != "identity.password_change_required" {
		t.Errorf("ASVS 6.4.1: before the change: %d %v", a.status, a.body)
	}
	if a := first.askAs(token, http.MethodPost, "/auth/password", `{"current_password": "`+said[2]+`", "new_password": "a better one of mine"}`); a.status != http.StatusNoContent {
		t.Fatalf("the change: %d %v", a.status, a.body)
	}
	if a := first.askAs(token, http.MethodGet, "/organizations/", ""); a.status != http.StatusOK {
		t.Errorf("after the change: %d %v", a.status, a.body)
	}
	first.stop()

	second := closed(t, dir, setting, "ADMIN_EMAIL=other@example.org", "ADMIN_PASSWORD=another one of mine")
	if shown.MatchString(second.out.String()) || second.token(firstEmail, "a better one of mine") == "" || second.token("other@example.org", "another one of mine") != "" {
		t.Errorf("ASVS 6.3.2: a restart made or reset an administrator: %s", &second.out)
	}
	second.stop()
}

// Ten servers that start at once on an empty database make one first administrator.
func TestFirstAdministrator_once(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	settings := []string{"DATABASE_URL=" + url, "AUTO_MIGRATE=true", "ADMIN_EMAIL=root@example.org", "ADMIN_PASSWORD=correct horse battery", "DATABASE_POOL_SIZE=4"}
	servers := make([]*process, 10)
	for i := range servers {
		servers[i] = start(t, t.TempDir(), settings, "serve")
	}
	var all sync.WaitGroup
	for _, p := range servers {
		all.Go(p.ready)
	}
	all.Wait()
	made := 0
	for _, p := range servers {
		if strings.Contains(p.out.String(), "Sign in as root@example.org with ADMIN_PASSWORD") {
			made++
		}
	}
	token := servers[0].token("root@example.org", "correct horse battery")
	if a := servers[9].askAs(token, http.MethodGet, "/users/?count=true", ""); made != 1 || a.header.Get("X-Total-Count") != "1" {
		t.Errorf("%d made one, and there are %s: %v", made, a.header.Get("X-Total-Count"), a.body)
	}
	if a := servers[9].askAs(token, http.MethodGet, "/changes/?kind=user.created&subject_id=1&actor_kind=operator&operation=erp+serve&count=true", ""); a.header.Get("X-Total-Count") != "1" {
		t.Errorf("the journal holds %s: %v", a.header.Get("X-Total-Count"), a.body)
	}
	for _, p := range servers {
		p.stop()
	}
}

func TestFirstAdministrator_refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ settings, says string }{
		"a short password":   {"ADMIN_EMAIL=root@example.org ADMIN_PASSWORD=short", "ADMIN_PASSWORD: it must have at least 8 characters"},
		"no email":           {"ADMIN_EMAIL=root ADMIN_PASSWORD=correct-horse-battery", "ADMIN_EMAIL: it must be an email address"},
		"a password alone":   {"ADMIN_PASSWORD=correct-horse-battery", "ADMIN_EMAIL: it is not set"},
		"an email alone":     {"ADMIN_EMAIL=root@example.org", "ADMIN_PASSWORD: it is not set"},
		"an unknown policy":  {"PASSWORD_POLICY=none", "PASSWORD_POLICY: \"none\" is not understood: set it to default or kr-public"},
		"too short sessions": {"SESSION_IDLE=1s", "SESSION_IDLE: it is below a minute"},
		"cheap hashes":       {"PASSWORD_HASH_MEMORY_KIB=8", "PASSWORD_HASH_MEMORY_KIB: it is outside"},
		"mail from nobody":   {"SMTP_ADDR=127.0.0.1:25", "SMTP_FROM"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start(t, t.TempDir(), append(strings.Fields(c.settings), onDatabase(t)), "serve").fails(c.says)
		})
	}
}

func TestAdminCreate(t *testing.T) {
	t.Parallel()
	database := "DATABASE_URL=" + pgtest.URL(t, migrations.Files)
	made := command(t, []string{database}, "admin", "create", "--email", "root@example.org")
	password := strings.TrimSpace(made.out.String())
	if made.wait() != exitDone || len(password) < 20 || strings.Contains(made.err.String(), password) {
		t.Fatalf("it says %q and %s", password, &made.err)
	}
	command(t, []string{database}, "admin", "create", "--email", "ROOT@example.org").fails("Email already registered")
	command(t, []string{database}, "admin", "create", "--email", "root").fails("--email: it must be an email address")
	command(t, nil, "admin", "create", "--email", "root@example.org").fails("DATABASE_URL is not set")
	command(t, []string{database}, "admin", "create", "--email", "other@example.org", "--password-stdin").fails("standard input holds no password")

	p := closed(t, t.TempDir(), database)
	if p.token("root@example.org", password) == "" {
		t.Error("the password that was printed is not taken")
	}
	p.stop()
}

// A password that a Windows program writes is the password that was typed.
func TestAdminCreate_passwordFromWindows(t *testing.T) {
	t.Parallel()
	database := "DATABASE_URL=" + pgtest.URL(t, migrations.Files)
	create := func(stdin string) *process {
		made := startReading(t, stdin, t.TempDir(), []string{database}, "admin", "create", "--email", "root@example.org", "--password-stdin")
		made.wait()
		return made
	}
	create("\ufeff\r\n").fails("standard input holds no password")
	create("\xff\xfes\x00e\x00\r\x00\n\x00").fails("--password-stdin: the password is UTF-16", "save it as UTF-8")
	create("\xba\xb4\xbf\xf8 \xba\xb4\xbf\xf8\r\n").fails("--password-stdin: the password is not UTF-8")
	if made := create("\ufeffcorrect horse battery\r\n"); made.wait() != exitDone {
		t.Fatalf("it says %s", &made.err)
	}
	p := closed(t, t.TempDir(), database)
	if p.token("root@example.org", "correct horse battery") == "" {
		t.Error("the password is not taken")
	}
	p.stop()
}

// The operator makes a user a system administrator, also where nobody is left who could grant it; it is in the ledger once.
func TestAdminGrant(t *testing.T) {
	t.Parallel()
	database := "DATABASE_URL=" + pgtest.URL(t, migrations.Files)
	made := command(t, []string{database}, "admin", "create", "--email", "root@example.org")
	if made.wait() != exitDone {
		t.Fatalf("it says %s", &made.err)
	}
	root := strings.TrimSpace(made.out.String())
	p := closed(t, t.TempDir(), database)
	token := p.token("root@example.org", root)
	if a := p.askAs(token, http.MethodPost, "/auth/password", `{"current_password": "`+root+`", "new_password": "a better one of mine"}`); a.status != http.StatusNoContent {
		t.Fatalf("the change: %d %v", a.status, a.body)
	}
	if a := p.askAs(token, http.MethodPost, "/users/", `{"email": "alice@example.org", "password": "secret123"}`); a.status != http.StatusCreated {
		t.Fatalf("%d %v", a.status, a.body)
	}
	if a := p.askAs(token, http.MethodGet, "/changes/?kind=user.created&subject_id=1&actor_kind=operator&operation=erp+admin+create&count=true", ""); a.header.Get("X-Total-Count") != "1" {
		t.Errorf("the journal holds %s: %v", a.header.Get("X-Total-Count"), a.body)
	}
	alice := p.token("alice@example.org", "secret123")
	if a := p.askAs(alice, http.MethodGet, "/roles/", ""); a.status != http.StatusForbidden {
		t.Errorf("before: %d %v", a.status, a.body)
	}
	for range 2 {
		if granted := command(t, []string{database}, "admin", "grant", "--email", "ALICE@example.org"); granted.wait() != exitDone {
			t.Errorf("it says %s", &granted.err)
		}
	}
	await.That(t, "she may", func() bool { return p.askAs(alice, http.MethodGet, "/roles/", "").status == http.StatusOK })
	if a := p.askAs(alice, http.MethodGet, "/grants/?user_id=2&count=true", ""); a.header.Get("X-Total-Count") != "1" {
		t.Errorf("the ledger holds %s: %v", a.header.Get("X-Total-Count"), a.body)
	}
	if a := p.askAs(alice, http.MethodGet, "/changes/?kind=grant.created&user_id=2&actor_kind=operator&operation=erp+admin+grant&count=true", ""); a.header.Get("X-Total-Count") != "1" {
		t.Errorf("the journal holds %s: %v", a.header.Get("X-Total-Count"), a.body)
	}
	command(t, []string{database}, "admin", "grant", "--email", "bob@example.org").fails("--email: it is no user's")
	command(t, nil, "admin", "grant", "--email", "alice@example.org").fails("DATABASE_URL is not set")
	p.stop()
}
