package http_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/fx"

	"erp.internal/modules/identity"
	"erp.internal/modules/organization"
	"erp.internal/platform/httpx"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/postgres/pgtest"
)

func TestASVS_7_2_1_checkedOnTheServer(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	token := strings.TrimPrefix(string(h.admin), "Bearer ")
	flipped := "A"
	if strings.HasSuffix(token, "A") {
		flipped = "B"
	}
	for name, header := range map[string]string{
		"none": "", "another scheme": "Basic " + token, "the bare token's digest": "Bearer " + strings.Repeat("A", 43), "no token": "Bearer ", "the token alone": token,
		"its last character changed": "Bearer " + token[:42] + flipped, "cut": "Bearer " + token[:42], "added to": "Bearer " + token + "A",
		"padded": "Bearer " + token + "=", "before something": "Bearer " + token + ".", "in other letters": "Bearer " + strings.ToLower(token),
	} {
		a := h.As(t, apitest.Token(header), "GET", "/organizations/", "")
		if a.Status != 401 || a.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: %d %v", name, a.Status, a.Header)
		}
	}
	for i := range 64 { // each way to spell the last character
		last := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[i : i+1]
		if a := h.As(t, apitest.Token("Bearer "+token[:42]+last), "GET", "/auth/me", ""); (a.Status == 200) != (token[42:] == last) {
			t.Errorf("%q for %q: %d", last, token[42:], a.Status)
		}
	}
}

func TestASVS_7_2_3_randomTokensStoredHashed(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	token := strings.TrimPrefix(string(h.admin), "Bearer ")
	if bits, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(bits) != 32 {
		t.Errorf("%d bytes, %v", len(bits), err)
	}
	stored := fmt.Sprintf("SELECT count(*) FROM identity.sessions AS s WHERE token_digest = sha256('%s') AND s::text NOT LIKE '%%%s%%'", token, token)
	if n := h.count(t, stored); n != 1 {
		t.Error("the token is not stored as its SHA-256 alone")
	}
}

func TestASVS_7_2_4_aNewTokenAtEverySignIn(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	seen := map[apitest.Token]bool{h.admin: true}
	for range 5 {
		token := h.SignIn(t, adminEmail, adminPassword)
		if seen[token] {
			t.Error("a token came twice")
		}
		seen[token] = true
	}
}

func TestASVS_7_3_1_idleLimit(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	unused, used := h.SignIn(t, adminEmail, adminPassword), h.SignIn(t, adminEmail, adminPassword)
	h.exec(t, "UPDATE identity.sessions SET last_seen_at = last_seen_at - interval '29 minutes'")
	h.As(t, used, "GET", "/auth/me", "").Want(t, 200) // which is written down, a minute having passed
	h.exec(t, "UPDATE identity.sessions SET last_seen_at = last_seen_at - interval '2 minutes'")
	h.As(t, unused, "GET", "/auth/me", "").Want(t, 401, "code", "identity.session_over")
	h.As(t, used, "GET", "/auth/me", "").Want(t, 200)
}

func TestASVS_7_3_2_absoluteLimit(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	token := h.SignIn(t, adminEmail, adminPassword)
	h.exec(t, "UPDATE identity.sessions SET expires_at = now() - interval '1 second'")
	h.As(t, token, "GET", "/auth/me", "").Want(t, 401, "code", "identity.session_over")
	a := h.login(t, adminEmail, adminPassword).Want(t, 200)
	if until, err := time.Parse(time.RFC3339, a.Object["expires_at"].(string)); err != nil || time.Until(until) > 12*time.Hour || time.Until(until) < 11*time.Hour {
		t.Errorf("it ends at %v", a.Object["expires_at"])
	}
}

func TestASVS_7_4_1_signOutEndsTheSessionOnTheServer(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	stays := h.SignIn(t, adminEmail, adminPassword)
	h.As(t, h.admin, "GET", "/auth/me", "").Want(t, 200)
	h.As(t, h.admin, "POST", "/auth/logout", "").Want(t, 204)
	h.As(t, h.admin, "GET", "/auth/me", "").Want(t, 401)
	h.As(t, h.admin, "POST", "/auth/logout", "").Want(t, 401)
	h.As(t, stays, "GET", "/auth/me", "").Want(t, 200)
}

func TestASVS_7_4_2_deactivatingOrDeletingEndsAll(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, alice := h.user(t, "alice@example.com", "secret123")
	other := h.SignIn(t, "alice@example.com", "secret123")
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 200)
	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/deactivate", id), "").Want(t, 200, "is_active", false)
	for _, token := range []apitest.Token{alice, other} {
		h.As(t, token, "GET", "/auth/me", "").Want(t, 401)
	}
	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/activate", id), "").Want(t, 200, "is_active", true)
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 401) // ended is ended
	alice = h.SignIn(t, "alice@example.com", "secret123")
	h.As(t, h.admin, "DELETE", fmt.Sprintf("/users/%d", id), "").Want(t, 204)
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 401)
	h.login(t, "alice@example.com", "secret123").Want(t, 401)

	next := h.As(t, h.admin, "POST", "/users/", `{"email":"alice@example.com","password":"secret123"}`).Want(t, 201).ID()
	if next == id {
		t.Error("an id was used again")
	}
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 401)
	if a := h.As(t, h.admin, "GET", fmt.Sprintf("/users/%d/sign-ins", next), "").Want(t, 200); len(a.List) != 0 {
		t.Errorf("it inherits %s", a.Body)
	}
}

func TestASVS_7_4_5_administratorsEndOneOrAll(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, first := h.user(t, "alice@example.com", "secret123")
	second, third := h.SignIn(t, "alice@example.com", "secret123"), h.SignIn(t, "alice@example.com", "secret123")
	path := fmt.Sprintf("/users/%d/sessions", id)
	a := h.As(t, h.admin, "GET", path, "").Want(t, 200)
	if len(a.List) != 3 {
		t.Fatalf("got %s", a.Body)
	}
	h.As(t, h.admin, "DELETE", fmt.Sprintf("%s/%v", path, a.List[2]["id"]), "").Want(t, 204)
	h.As(t, h.admin, "DELETE", fmt.Sprintf("%s/%v", path, a.List[2]["id"]), "").Want(t, 404, "code", "identity.session_not_found")
	h.As(t, first, "GET", "/auth/me", "").Want(t, 401)
	h.As(t, second, "GET", "/auth/me", "").Want(t, 200)
	h.As(t, h.admin, "DELETE", path, "").Want(t, 204)
	for _, token := range []apitest.Token{second, third} {
		h.As(t, token, "GET", "/auth/me", "").Want(t, 401)
	}
}

func TestASVS_7_5_2_usersListAndEndTheirOwn(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	_, alice := h.user(t, "alice@example.com", "secret123")
	other := h.SignIn(t, "alice@example.com", "secret123")
	a := h.As(t, alice, "GET", "/auth/sessions", "").Want(t, 200)
	if len(a.List) != 2 || a.List[0]["current"] != false || a.List[1]["current"] != true || a.List[0]["address"] != "127.0.0.1" || a.List[0]["user_agent"] != "Go-http-client/1.1" || len(a.List[0]) != 6 {
		t.Fatalf("got %s", a.Body)
	}
	admins := h.As(t, h.admin, "GET", "/auth/sessions", "").Want(t, 200)
	h.As(t, alice, "DELETE", fmt.Sprintf("/auth/sessions/%v", admins.List[0]["id"]), "").Want(t, 404) // somebody else's
	h.As(t, alice, "DELETE", fmt.Sprintf("/auth/sessions/%v", a.List[0]["id"]), "").Want(t, 204)
	h.As(t, other, "GET", "/auth/me", "").Want(t, 401)
	h.As(t, h.admin, "GET", "/auth/me", "").Want(t, 200)
}

// Every attempt is on record, for the user and for administrators.
func TestASVS_16_3_1_signInsAreRecorded(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, alice := h.user(t, "alice@example.com", "secret123")
	h.login(t, "alice@example.com", "wrong password").Want(t, 401)
	for _, a := range []apitest.Answer{h.As(t, alice, "GET", "/auth/sign-ins", ""), h.As(t, h.admin, "GET", fmt.Sprintf("/users/%d/sign-ins", id), "")} {
		if len(a.Want(t, 200).List) != 2 || a.List[0]["outcome"] != "wrong_password" || a.List[1]["outcome"] != "signed_in" || a.List[0]["address"] != "127.0.0.1" {
			t.Errorf("got %s", a.Body)
		}
	}
	for q, want := range map[string]int{"127.0": 2, "GO-HTTP": 2, "10.0.0.9": 0} {
		if a := h.As(t, alice, "GET", "/auth/sign-ins?q="+q, "").Want(t, 200); len(a.List) != want {
			t.Errorf("q=%s: %s", q, a.Body)
		}
	}
	if n := h.count(t, "SELECT count(*) FROM identity.sign_ins WHERE outcome = 'unknown_email' AND user_id IS NULL"); n != 0 {
		t.Errorf("%d before anybody tried", n)
	}
	h.login(t, "nobody@example.com", "wrong password").Want(t, 401)
	if n := h.count(t, "SELECT count(*) FROM identity.sign_ins WHERE outcome = 'unknown_email' AND user_id IS NULL"); n != 1 {
		t.Errorf("%d after", n)
	}
}

func TestASVS_3_3_theCookie(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, adminEmail, adminPassword)
	a := h.Do(t, "POST", "/auth/session", body).Want(t, 200)
	set := a.Header.Get("Set-Cookie")
	cookie, err := http.ParseSetCookie(set)
	if err != nil || cookie.Name != "erp-session-8000" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Secure || cookie.Path != "/" {
		t.Fatalf("%q, %v", set, err)
	}
	if len(a.Object) != 1 || strings.Contains(string(a.Body), cookie.Value) {
		t.Errorf("the body holds the token, or more than is told: %s", a.Body)
	}
	sent := cookie.Name + "=" + cookie.Value
	h.Do(t, "GET", "/auth/me", "", "Cookie", sent).Want(t, 200, "email", adminEmail)
	h.Do(t, "POST", "/organizations/", `{"name":"A"}`, "Cookie", sent, "Origin", "http://127.0.0.1:8000").Want(t, 201)
	h.Do(t, "POST", "/organizations/", `{"name":"B"}`, "Cookie", sent, "Origin", "https://evil.example").Want(t, 403, "code", "cross_origin")
	h.Do(t, "POST", "/organizations/", `{"name":"B"}`, "Cookie", sent, "Sec-Fetch-Site", "same-site").Want(t, 403, "code", "cross_origin")
	h.Do(t, "GET", "/", "", "Cookie", cookie.Name+"=over").Want(t, 200) // what is open to all does not ask
	again, err := http.ParseSetCookie(h.Do(t, "POST", "/auth/session", body, "Cookie", sent).Want(t, 200).Header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	h.Do(t, "GET", "/auth/me", "", "Cookie", sent).Want(t, 401) // ASVS 7.2.4: the browser signed in again
	sent = again.Name + "=" + again.Value
	if a := h.Do(t, "DELETE", "/auth/session", "", "Cookie", sent).Want(t, 204); !strings.Contains(a.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("Set-Cookie is %q", a.Header.Get("Set-Cookie"))
	}
	h.Do(t, "GET", "/auth/me", "", "Cookie", sent).Want(t, 401)
}

func TestASVS_3_3_theCookieOverHTTPS(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	https := apitest.On(t, h.DB, organization.Module(), identity.Module(), apitest.AllAllowed(), fx.Supply(settings()),
		fx.Decorate(func(s httpx.Settings) httpx.Settings { s.PublicURL = "https://erp.example.org"; return s }))
	a := https.Do(t, "POST", "/auth/session", fmt.Sprintf(`{"email":%q,"password":%q}`, adminEmail, adminPassword)).Want(t, 200)
	cookie, err := http.ParseSetCookie(a.Header.Get("Set-Cookie"))
	if err != nil || cookie.Name != "__Host-erp-session" || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("%v, %v", cookie, err)
	}
}

// Credentials that are for somebody else say nothing about the session: beside a good cookie they do no harm, alone they
// are none. A token of ours that is wrong is refused, whatever comes beside it.
func TestAuthenticator_credentialsOfOthers(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	token := strings.TrimPrefix(string(h.admin), "Bearer ")
	cookie := "erp-session-8000=" + token
	flipped := "A"
	if token[42:] == "A" {
		flipped = "E"
	}
	jwt := "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjEyMzQ1Njc4OTAifQ.eyJzdWIiOiIxIn0." + strings.Repeat("A", 86)
	for _, header := range []string{
		"", "Basic YWxpY2U6c2VjcmV0", "basic YWxpY2U6c2VjcmV0", "Digest username=\"a\", realm=\"b\"", "Negotiate YII=", "AWS4-HMAC-SHA256 Credential=x", "Bearer", "Bearer ",
		"Bearer " + jwt, "Bearer ya29.a0AfB_byC", "Bearer " + strings.Repeat("A", 200), "nonsense",
	} {
		h.Do(t, "GET", "/auth/me", "", "Authorization", header, "Cookie", cookie).Want(t, 200, "email", adminEmail)
		if a := h.Do(t, "GET", "/auth/me", "", "Authorization", header).Want(t, 401, "code", "not_signed_in"); a.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%q alone: WWW-Authenticate is %q", header, a.Header.Get("WWW-Authenticate"))
		}
	}
	for _, wrong := range []string{token[:42] + flipped, token[:42], token[:20], token + "A", token + "=", token + ".", token + token[:5], "undefined", "null"} {
		for _, scheme := range []string{"Bearer ", "bearer ", "BEARER ", "Bearer   "} {
			h.Do(t, "GET", "/auth/me", "", "Authorization", scheme+wrong, "Cookie", cookie).Want(t, 401, "code", "identity.session_over")
		}
	}
	for _, scheme := range []string{"bearer ", "BEARER ", "Bearer  "} {
		h.Do(t, "GET", "/auth/me", "", "Authorization", scheme+token).Want(t, 200)
	}
	// A page of another origin gains nothing by such a header.
	h.Do(t, "POST", "/organizations/", `{"name":"A"}`, "Cookie", cookie, "Authorization", "Basic YTpi", "Origin", "https://evil.example").Want(t, 403, "code", "cross_origin")

	for name, tc := range map[string]struct {
		headers []string
		status  int
	}{
		"somebody else's before ours": {[]string{"Basic YTpi", "Bearer " + token}, 200},
		"somebody else's after ours":  {[]string{"Bearer " + token, "Basic YTpi"}, 200},
		"ours twice":                  {[]string{"Bearer " + token, "Bearer " + token}, 200},
		"two of ours":                 {[]string{"Bearer " + token, "Bearer " + token[:42] + flipped}, 401},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/auth/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header["Authorization"] = tc.headers
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != tc.status {
			t.Errorf("%s: %d, want %d", name, answer.StatusCode, tc.status)
		}
	}
}

// A browser sends whatever cookies fit: those of other programs on the host, and others of our name.
func TestCookie_amongOthers(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	token := strings.TrimPrefix(string(h.admin), "Bearer ")
	ours := "erp-session-8000=" + token
	wrong := "erp-session-8000=" + strings.Repeat("A", 43)
	for name, tc := range map[string]struct {
		cookies string
		status  int
	}{
		"another program's before ours":      {"session=abc; " + ours, 200},
		"another server's of this host":      {"erp-session-9000=" + strings.Repeat("A", 43) + "; " + ours, 200},
		"only another server's":              {"erp-session-9000=" + token, 401},
		"the name that others have":          {"session=" + token, 401},
		"a wrong one of our name before":     {wrong + "; " + ours, 200},
		"a wrong one of our name after":      {ours + "; " + wrong, 200},
		"some that are no tokens, before":    {strings.Repeat("erp-session-8000=x; ", 20) + ours, 200},
		"an empty one before":                {"erp-session-8000=; " + ours, 200},
		"more wrong ones than are looked at": {strings.Repeat(wrong+"; ", 20) + ours, 401},
		"only a wrong one":                   {wrong, 401},
		"only nonsense":                      {"erp-session-8000=x", 401},
	} {
		if a := h.Do(t, "GET", "/auth/me", "", "Cookie", tc.cookies); a.Status != tc.status {
			t.Errorf("%s: %d, want %d", name, a.Status, tc.status)
		}
	}
	// The session that a browser had before is over once somebody signs in there, wherever its cookie stands.
	h.Do(t, "POST", "/auth/session", fmt.Sprintf(`{"email":%q,"password":%q}`, adminEmail, adminPassword), "Cookie", wrong+"; "+ours).Want(t, 200)
	h.Do(t, "GET", "/auth/me", "", "Cookie", ours).Want(t, 401)
}

// What ended is refused at once here, and within a second by another server on the database, also while that one cannot
// be notified.
func TestASVS_7_4_endedEverywhere(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	replica := &hospital{Client: apitest.On(t, pgtest.Again(t, h.DB), organization.Module(), identity.Module(), apitest.AllAllowed(), fx.Supply(settings()))}
	defer pgtest.CutNotifications(t, h.DB)()
	for i := range 4 {
		id, alice := h.user(t, fmt.Sprintf("alice%d@example.com", i), "secret123")
		h.As(t, alice, "POST", "/auth/password", `{"current_password":"secret123","new_password":"secret1234"}`).Want(t, 204) // a given one is asked about each time
		for range 3 {                                                                                                         // held in memory
			replica.As(t, alice, "GET", "/auth/me", "").Want(t, 200)
			h.As(t, alice, "GET", "/auth/me", "").Want(t, 200)
		}
		switch i {
		case 0:
			h.As(t, h.admin, "DELETE", fmt.Sprintf("/users/%d/sessions", id), "").Want(t, 204)
		case 1:
			h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/deactivate", id), "").Want(t, 200)
		case 2:
			h.As(t, h.admin, "DELETE", fmt.Sprintf("/users/%d", id), "").Want(t, 204)
		case 3:
			h.As(t, alice, "POST", "/auth/logout", "").Want(t, 204)
		}
		ended := time.Now()
		h.As(t, alice, "GET", "/auth/me", "").Want(t, 401)
		for replica.As(t, alice, "GET", "/auth/me", "").Status == 200 {
			if asked := time.Since(ended); asked > time.Second {
				t.Fatalf("case %d: still taken after %s", i, asked)
			}
		}
	}
}

// Where nobody can be asked whether a session goes on, it is not taken, and the answer says when to come back.
func TestASVS_7_2_1_withoutADatabase(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	db := pgtest.Again(t, h.DB)
	lonely := apitest.On(t, db, organization.Module(), identity.Module(), apitest.AllAllowed(), fx.Supply(settings()))
	lonely.Do(t, "GET", "/auth/me", "", "Authorization", string(h.admin)).Want(t, 200)
	pgtest.TakeAway(t, h.DB)
	deadline := time.Now().Add(2 * time.Second)
	for {
		a := lonely.Do(t, "GET", "/auth/sessions", "", "Authorization", string(h.admin))
		if a.Status == 503 && a.Header.Get("Retry-After") != "" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("status %d: %s", a.Status, a.Body)
		}
	}
}
