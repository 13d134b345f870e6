package http_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"erp.internal/modules/identity"
	"erp.internal/platform/httpx/apitest"
)

var deviceCookie = apitest.Settings().Cookie("device")

// Failures of strangers refuse sign-ins alone (ASVS 6.1.1): what was begun before goes on, on every server.
func TestLocks_liveSessionsGoOn(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	_, alice := h.user(t, "alice@example.com", "secret123")
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 200)
	h.lock(t, "alice@example.com")
	h.login(t, "alice@example.com", "secret123").Want(t, 401)
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 200)
	h.As(t, alice, "PUT", "/auth/me", `{"full_name":"Alice"}`).Want(t, 200, "full_name", "Alice")
	h.exec(t, `INSERT INTO journal.entries (actor_kind, operation, kind, subject_kind, subject_id, user_id)
		SELECT 'system', 'test', 'sessions.ended', 'user', id, id FROM identity.users`) // every server looks it up anew
	h.As(t, alice, "GET", "/auth/sessions", "").Want(t, 200)
}

func TestLocks_ownersChangeTheirPasswordMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) { s.App.AddressAttempts = 10 })
	_, alice := h.user(t, "alice@example.com", "secret123")
	h.lock(t, "alice@example.com") // and the address they share
	h.login(t, "alice@example.com", "secret123").Want(t, 429)
	h.As(t, alice, "POST", "/auth/password", `{"current_password":"secret123","new_password":"another secret"}`).Want(t, 204)
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 200)
}

// Who stole a session cannot guess the password with it, and locks nobody out by trying (ASVS 6.3.1).
func TestLocks_guessesInASession(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, alice := h.user(t, "alice@example.com", "secret123")
	stolen := h.SignIn(t, "alice@example.com", "secret123")
	change := func(who apitest.Token, current string) apitest.Answer {
		return h.As(t, who, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":"another secret"}`, current))
	}
	outcomes := h.storm(t, 50, func() int { return change(stolen, "wrong password").Status })
	if outcomes[422] < 10 || outcomes[422]+outcomes[429] != 50 {
		t.Errorf("got %v", outcomes)
	}
	if n := h.count(t, "SELECT count(*) FROM identity.sign_ins WHERE outcome = 'wrong_password'"); n != 10 {
		t.Errorf("%d of 50 at once were evaluated, the limit is 10", n)
	}
	if a := change(stolen, "secret123").Want(t, 429, "code", "identity.too_many_attempts"); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	h.SignIn(t, "alice@example.com", "secret123")
	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/unlock", id), "").Want(t, 200)
	change(stolen, "wrong password").Want(t, 422) // the administrator has unlocked that, too
	change(alice, "secret123").Want(t, 204)
	h.As(t, stolen, "GET", "/auth/me", "").Want(t, 401)
}

// A stranger cannot keep somebody from redeeming a code: not by wrong ones, nor by wrong passwords, nor from the same
// address. The code has 100 random bits (ASVS 6.6.3).
func TestLocks_theRightCodeIsAlwaysTaken(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) { s.App.AddressAttempts = 20 })
	id, _ := h.user(t, "alice@example.com", "secret123")
	code := h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/password-reset", id), "").Want(t, 200).Object["code"]
	redeem := func(code any) apitest.Answer {
		return h.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":"alice@example.com","code":%q,"new_password":"another secret"}`, code))
	}
	h.lock(t, "alice@example.com")
	for range 10 {
		redeem("00000-00000-00000-00000").Want(t, 401)
	}
	for range 3 {
		redeem("00000-00000-00000-00000").Want(t, 429, "code", "identity.too_many_attempts")
	}
	if n := h.count(t, "SELECT count(*) FROM identity.sign_ins WHERE outcome IN ('wrong_code', 'limited')"); n != 11 {
		t.Errorf("%d wrong codes are on record, want 10, and one of those that were limited", n)
	}
	known := device(redeem(code).Want(t, 204))
	h.loginOn(t, known, "alice@example.com", "another secret").Want(t, 200) // at once, from the same address
}

func TestLocks_knownDevicesSignIn(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) { s.App.AddressAttempts = 40 })
	h.user(t, "alice@example.com", "secret123")
	h.user(t, "bob@example.com", "secret123")
	for _, path := range []string{"/auth/login", "/auth/session"} { // programs and browsers
		known := device(h.Do(t, "POST", path, `{"email":"alice@example.com","password":"secret123"}`).Want(t, 200))
		h.lock(t, "alice@example.com")
		h.login(t, "alice@example.com", "secret123").Want(t, 401)
		for range 3 {
			a := h.loginOn(t, known, "ALICE@example.com", "secret123").Want(t, 200)
			if device(a) != known {
				t.Error("a device that is known got another token")
			}
		}
		h.login(t, "alice@example.com", "secret123").Want(t, 401) // strangers stay locked out
		h.exec(t, "DELETE FROM identity.attempts WHERE kind IN ('account', 'user')")
	}

	known := device(h.login(t, "alice@example.com", "secret123").Want(t, 200))
	for i := range 40 {
		h.login(t, fmt.Sprintf("nobody%d@example.com", i), "wrong password")
	}
	h.login(t, "alice@example.com", "secret123").Want(t, 429)
	h.loginOn(t, known, "alice@example.com", "secret123").Want(t, 200)
	h.loginOn(t, known, "bob@example.com", "secret123").Want(t, 429) // who never signed in on it
}

// A device's failures count for it alone, as many as the policy allows (K25), and of many at once no more are evaluated.
func TestLocks_aKnownDevicesFailuresLockIt(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, _ := h.user(t, "alice@example.com", "secret123")
	first := device(h.login(t, "alice@example.com", "secret123"))
	second := device(h.login(t, "alice@example.com", "secret123"))
	outcomes := h.storm(t, 50, func() int { return h.loginOn(t, first, "alice@example.com", "wrong password").Status })
	if outcomes[401] < 10 || outcomes[401]+outcomes[429] != 50 {
		t.Errorf("got %v", outcomes)
	}
	if n := h.count(t, "SELECT count(*) FROM identity.sign_ins WHERE outcome = 'wrong_password'"); n != 10 {
		t.Errorf("%d of 50 at once were evaluated, the limit is 10", n)
	}
	h.loginOn(t, first, "alice@example.com", "secret123").Want(t, 401)
	h.loginOn(t, second, "alice@example.com", "secret123").Want(t, 200)
	h.login(t, "alice@example.com", "secret123").Want(t, 200)
	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/unlock", id), "").Want(t, 200)
	h.loginOn(t, first, "alice@example.com", "secret123").Want(t, 200)
}

func TestK25_aKnownDeviceIsLockedAfterFiveFailures(t *testing.T) {
	t.Parallel()
	h := newHospital(t, korean)
	known := device(h.login(t, adminEmail, adminPassword))
	for range 5 {
		h.loginOn(t, known, adminEmail, "wrong password").Want(t, 401)
	}
	h.loginOn(t, known, adminEmail, adminPassword).Want(t, 401)
}

// What the server did not issue, what it issued to others, and what is over, is worth nothing; nor is a device's token a
// credential.
func TestLocks_otherTokensHelpNothing(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.user(t, "alice@example.com", "secret123")
	h.user(t, "bob@example.com", "secret123")
	bobs := device(h.login(t, "bob@example.com", "secret123"))
	known := device(h.login(t, "alice@example.com", "secret123"))
	h.lock(t, "alice@example.com")
	forged := strings.Repeat("A", len(known))
	for name, token := range map[string]string{
		"none": "", "forged": forged, "bob's": bobs, "cut": known[:len(known)-1], "longer": known + "A", "long": strings.Repeat("x", 4000),
		"another spelling": known[:len(known)-1] + string(known[len(known)-1]^1),
	} {
		if a := h.loginOn(t, token, "alice@example.com", "secret123"); a.Status != 401 {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	h.loginOn(t, known, "alice@example.com", "secret123").Want(t, 200)
	h.Do(t, "GET", "/auth/me", "", "Authorization", "Bearer "+known).Want(t, 401)
	h.Do(t, "GET", "/auth/me", "", "Cookie", deviceCookie+"="+known).Want(t, 401, "code", "not_signed_in")
	if n := h.count(t, "SELECT count(*) FROM identity.devices WHERE encode(token_digest, 'escape') LIKE '%"+known[:8]+"%'"); n != 0 {
		t.Error("the token is stored as it is")
	}
	h.exec(t, "UPDATE identity.devices SET last_used_at = last_used_at - interval '181 days'")
	h.loginOn(t, known, "alice@example.com", "secret123").Want(t, 401)

	h.exec(t, "DELETE FROM identity.attempts")
	if fresh := device(h.loginOn(t, forged, "alice@example.com", "secret123").Want(t, 200)); fresh == forged {
		t.Error("a token that a client made was taken over")
	}
}

// Another host of the domain, or a page for another path, may have set a cookie of the same name: a browser sends both, in
// an order that says nothing (RFC 6265, section 4.2.2).
func TestLocks_foreignCookiesHideNoDevice(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.user(t, "alice@example.com", "secret123")
	h.user(t, "bob@example.com", "secret123")
	bobs := device(h.login(t, "bob@example.com", "secret123"))
	known := device(h.login(t, "alice@example.com", "secret123"))
	h.lock(t, "alice@example.com")
	for _, foreign := range []string{bobs, strings.Repeat("A", len(known)), "x", ""} {
		for _, cookies := range []string{foreign + "; " + deviceCookie + "=" + known, known + "; " + deviceCookie + "=" + foreign} {
			if got := device(h.loginOn(t, cookies, "alice@example.com", "secret123").Want(t, 200)); got != known {
				t.Errorf("with %q the device is another one afterwards", cookies)
			}
		}
	}
	for range 10 {
		h.loginOn(t, bobs+"; "+deviceCookie+"="+known, "alice@example.com", "wrong password").Want(t, 401)
	}
	h.loginOn(t, known, "alice@example.com", "secret123").Want(t, 401) // they were counted as the device's
}

// Nurses share the computers of a ward: each account knows it, and each has its own count there.
func TestLocks_usersShareADevice(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.user(t, "alice@example.com", "secret123")
	h.user(t, "bob@example.com", "secret123")
	shared := device(h.login(t, "alice@example.com", "secret123"))
	if got := device(h.loginOn(t, shared, "bob@example.com", "secret123").Want(t, 200)); got != shared {
		t.Error("the second user's sign-in made the first one's device unknown")
	}
	h.lock(t, "alice@example.com")
	h.lock(t, "bob@example.com")
	for range 10 {
		h.loginOn(t, shared, "bob@example.com", "wrong password").Want(t, 401)
	}
	h.loginOn(t, shared, "bob@example.com", "secret123").Want(t, 401)
	h.loginOn(t, shared, "alice@example.com", "secret123").Want(t, 200)
}

// A device proved a password; with another password it has to again.
func TestLocks_knownDevicesEnd(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for name, change := range map[string]func(id int64, who apitest.Token) (password string){
		"given a password": func(id int64, _ apitest.Token) string {
			h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", id), `{"password":"another secret"}`).Want(t, 200)
			return "another secret"
		},
		"reset": func(id int64, _ apitest.Token) string {
			email := h.As(t, h.admin, "GET", fmt.Sprintf("/users/%d", id), "").Want(t, 200).Object["email"]
			code := h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/password-reset", id), "").Want(t, 200).Object["code"]
			h.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":%q,"code":%q,"new_password":"another secret"}`, email, code)).Want(t, 204)
			return "another secret"
		},
		"changed elsewhere": func(_ int64, who apitest.Token) string {
			h.As(t, who, "POST", "/auth/password", `{"current_password":"secret123","new_password":"another secret"}`).Want(t, 204)
			return "another secret"
		},
		"deleted": func(id int64, _ apitest.Token) string {
			h.As(t, h.admin, "DELETE", fmt.Sprintf("/users/%d", id), "").Want(t, 204)
			h.As(t, h.admin, "POST", "/users/", `{"email":"deleted@example.com","password":"secret123"}`).Want(t, 201)
			return "secret123"
		},
	} {
		email := strings.ReplaceAll(name, " ", "-") + "@example.com"
		id, who := h.user(t, email, "secret123")
		known := device(h.login(t, email, "secret123"))
		password := change(id, who)
		h.lock(t, email)
		if a := h.loginOn(t, known, email, password); a.Status != 401 {
			t.Errorf("%s: the device is still known: %d", name, a.Status)
		}
	}
	if n := h.count(t, "SELECT count(*) FROM identity.devices AS d JOIN identity.users AS u ON u.id = d.user_id WHERE u.deleted_at IS NOT NULL"); n != 0 {
		t.Errorf("%d devices of a deleted user", n)
	}
}

// The device on which the password was changed has proved the new one.
func TestLocks_theDeviceThatChangedThePasswordIsKnown(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	_, alice := h.user(t, "alice@example.com", "secret123")
	known := device(h.As(t, alice, "POST", "/auth/password", `{"current_password":"secret123","new_password":"another secret"}`).Want(t, 204))
	h.lock(t, "alice@example.com")
	h.loginOn(t, known, "alice@example.com", "another secret").Want(t, 200)
}

func TestLocks_aUserKnowsTwentyDevices(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.user(t, "alice@example.com", "secret123")
	var tokens []string
	for range 25 {
		tokens = append(tokens, device(h.login(t, "alice@example.com", "secret123").Want(t, 200)))
	}
	h.lock(t, "alice@example.com")
	h.loginOn(t, tokens[4], "alice@example.com", "secret123").Want(t, 401)
	h.loginOn(t, tokens[5], "alice@example.com", "secret123").Want(t, 200)
	h.loginOn(t, tokens[24], "alice@example.com", "secret123").Want(t, 200)
}

// lock has strangers fail to sign in as somebody until they are locked out.
func (h *hospital) lock(t *testing.T, email string) {
	t.Helper()
	for range 10 {
		h.login(t, email, "wrong password").Want(t, 401)
	}
}

// loginOn is login on a device that carries a token.
func (h *hospital) loginOn(t *testing.T, token, email, password string) apitest.Answer {
	t.Helper()
	return h.Do(t, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password), "Cookie", deviceCookie+"="+token)
}

// device returns the token by which an answer makes a device known, "" for none.
func device(a apitest.Answer) string { return valueOf(a, deviceCookie) }

// valueOf returns the value of a cookie that an answer sets, "" for none.
func valueOf(a apitest.Answer, name string) string {
	for _, header := range a.Header.Values("Set-Cookie") {
		if cookie, err := http.ParseSetCookie(header); err == nil && cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}
