package http_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"erp.internal/modules/identity"
	"erp.internal/modules/identity/adapters/passwords"
	"erp.internal/modules/identity/domain"
)

// The tests of this file and asvs_sessions_test.go are named by the requirements of OWASP ASVS 5.0 (and the Korean rules,
// K) that they show to hold: `go test -run 'ASVS|K2' -v` reads as a report.

// passwordCode returns the code with which a new user's password is refused, "" when it is taken.
func (h *hospital) passwordCode(t *testing.T, email, password string) string {
	t.Helper()
	a := h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":%q,"full_name":"Alice Liddell","password":%q}`, email, password))
	if a.Status == http.StatusCreated {
		return ""
	}
	return strings.TrimPrefix(strings.Join(a.Want(t, 422).Violations(), " "), "body.password ")
}

func TestASVS_6_2_1_atLeast8Characters(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	if got := h.passwordCode(t, "a@example.com", "q7!xKw2"); got != "too_short" {
		t.Errorf("7 characters: %q", got)
	}
	if got := h.passwordCode(t, "a@example.com", "q7!xKw2p"); got != "" {
		t.Errorf("8 characters: %q", got)
	}
}

func TestASVS_6_2_3_aChangeAsksForTheCurrentPassword(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	_, alice := h.user(t, "alice@example.com", "secret123")
	other := h.SignIn(t, "alice@example.com", "secret123")
	h.As(t, alice, "POST", "/auth/password", `{"new_password":"another secret"}`).Want(t, 422)
	a := h.As(t, alice, "POST", "/auth/password", `{"current_password":"wrong","new_password":"another secret"}`).Want(t, 422)
	if got := a.Violations(); !slices.Equal(got, []string{"body.current_password wrong"}) {
		t.Errorf("got %v", got)
	}
	h.As(t, alice, "POST", "/auth/password", `{"current_password":"secret123","new_password":"another secret"}`).Want(t, 204)
	h.login(t, "alice@example.com", "secret123").Want(t, 401)
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 200, "must_change_password", false)
	h.As(t, other, "GET", "/auth/me", "").Want(t, 401) // the other sessions end
}

func TestASVS_6_2_4_commonPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for _, password := range []string{"password1", "Password1", "password123", "PASSWORD123", "12345678", "iloveyou", "dkssudgktpdy"} {
		if got := h.passwordCode(t, "a@example.com", password); got != "too_common" {
			t.Errorf("%s: %q", password, got)
		}
	}
	if got := h.passwordCode(t, "a@example.com", "secret123"); got != "" {
		t.Errorf("the documented example: %q", got)
	}
	korean := newHospital(t, func(s *identity.Settings) { s.App.Policy = domain.KoreanPublicPolicy() })
	for _, password := range []string{"Password123", "Qwer1234!", "Secret123"} {
		if got := korean.passwordCode(t, "a@example.com", password); got != "too_common" {
			t.Errorf("kr-public: %s: %q", password, got)
		}
	}
}

func TestASVS_6_2_5_noClassIsAskedFor(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for i, password := range []string{"onlylettershere", "zzxxyyww qqppoo", "나는 우리 병원을 좋아해"} {
		if got := h.passwordCode(t, fmt.Sprintf("a%d@example.com", i), password); got != "" {
			t.Errorf("%s: %q", password, got)
		}
	}
}

func TestASVS_6_2_8_comparedExactly(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	password := " Ünïcode Secret 비밀 "
	h.user(t, "alice@example.com", password)
	for _, other := range []string{strings.TrimSpace(password), strings.ToLower(password), password + " ", password[:len(password)-1], "Ünïcode Secret 비밀 "} {
		if a := h.login(t, "alice@example.com", other); a.Status != 401 {
			t.Errorf("%q was taken: %d", other, a.Status)
		}
	}
	long := strings.Repeat("q7!xKw2p", 128)
	h.user(t, "long@example.com", long)
	h.login(t, "long@example.com", long[:1000]).Want(t, 401) // no truncation
	h.login(t, "long@example.com", long+"x").Want(t, 401)
}

func TestASVS_6_2_9_longPasswords(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for i, length := range []int{64, 128, 1024} {
		if got := h.passwordCode(t, fmt.Sprintf("a%d@example.com", i), strings.Repeat("q7!xKw2p", length/8)); got != "" {
			t.Errorf("%d bytes: %q", length, got)
		}
	}
	if got := h.passwordCode(t, "a@example.com", strings.Repeat("q", 1025)); got != "too_long" {
		t.Errorf("1,025 bytes: %q", got)
	}
}

func TestASVS_6_2_10_passwordsDoNotExpire(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	_, alice := h.user(t, "alice@example.com", "secret123")
	h.As(t, alice, "POST", "/auth/password", `{"current_password":"secret123","new_password":"another secret"}`).Want(t, 204)
	h.age(t, 400*24*time.Hour)
	h.As(t, h.SignIn(t, "alice@example.com", "another secret"), "GET", "/auth/me", "").Want(t, 200, "must_change_password", false)
}

func TestASVS_6_2_11_ownWordsAreRefused(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for _, password := range []string{"alice@example.com", "ALICE1234", "liddell!1", "erp-backend"} {
		if got := h.passwordCode(t, "alice@example.com", password); got != "too_personal" {
			t.Errorf("%s: %q", password, got)
		}
	}
	if got := h.passwordCode(t, "alice@example.com", "secret123"); got != "" {
		t.Errorf("the documented example: %q", got)
	}
}

func TestASVS_6_3_1_attemptsAreLimited(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, _ := h.user(t, "alice@example.com", "secret123")
	outcomes := h.storm(t, 50, func() int { return h.login(t, "alice@example.com", "wrong password").Status })
	if outcomes[401] < 10 || outcomes[401]+outcomes[429] != 50 {
		t.Errorf("got %v", outcomes)
	}
	if n := h.count(t, "SELECT count(*) FROM identity.sign_ins WHERE outcome = 'wrong_password'"); n != 10 {
		t.Errorf("%d of 50 at once were evaluated, the limit is 10", n)
	}
	h.login(t, "alice@example.com", "secret123").Want(t, 401) // locked
	h.login(t, "ALICE@EXAMPLE.COM", "secret123").Want(t, 401) // however it is written
	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/unlock", id), "").Want(t, 200, "id", id)
	h.SignIn(t, "alice@example.com", "secret123")
}

func TestASVS_6_3_1_theLimitEndsByItself(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.user(t, "alice@example.com", "secret123")
	for range 10 {
		h.login(t, "alice@example.com", "wrong password").Want(t, 401)
	}
	h.login(t, "alice@example.com", "secret123").Want(t, 401)
	h.exec(t, "UPDATE identity.attempts SET until = until - interval '14 minutes', locked_until = locked_until - interval '14 minutes'")
	h.login(t, "alice@example.com", "secret123").Want(t, 401)
	h.exec(t, "UPDATE identity.attempts SET until = until - interval '2 minutes', locked_until = locked_until - interval '2 minutes'")
	h.SignIn(t, "alice@example.com", "secret123")
}

func TestASVS_6_3_1_successForgetsFailures(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.user(t, "alice@example.com", "secret123")
	for range 3 {
		for range 9 {
			h.login(t, "alice@example.com", "wrong password").Want(t, 401)
		}
		h.SignIn(t, "alice@example.com", "secret123")
	}
}

func TestASVS_6_3_1_byAddress(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) { s.App.AddressAttempts = 20 })
	for i := range 20 {
		h.login(t, fmt.Sprintf("nobody%d@example.com", i), "wrong password").Want(t, 401)
	}
	for range 20 { // which does not lock the account that is tried
		h.login(t, adminEmail, "wrong password").Want(t, 429)
	}
	h.As(t, h.admin, "GET", "/auth/me", "").Want(t, 200)
	a := h.login(t, adminEmail, adminPassword).Want(t, 429, "code", "identity.too_many_attempts")
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	h.As(t, h.admin, "GET", "/auth/me", "").Want(t, 200) // those who are signed in go on
}

func TestASVS_6_3_2_noDefaultAccount(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for _, email := range []string{"admin@example.com", "root@example.com", "admin"} {
		for _, password := range []string{"admin", "password", "admin@example.com", ""} {
			if a := h.login(t, email, password); a.Status == 200 {
				t.Errorf("%s with %q", email, password)
			}
		}
	}
	made, _, err := h.administrators.EnsureFirst(t.Context(), identity.Administrator{Email: "admin@example.com"})
	if err != nil || made {
		t.Errorf("another first administrator: %v, %v", made, err)
	}
}

func TestASVS_6_3_8_theSameAnswer(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	inactive, _ := h.user(t, "inactive@example.com", "secret123")
	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/deactivate", inactive), "").Want(t, 200)
	h.user(t, "locked@example.com", "secret123")
	for range 10 {
		h.login(t, "locked@example.com", "wrong password")
	}
	h.user(t, "alice@example.com", "secret123")
	h.As(t, h.admin, "POST", "/users/", `{"email":"without@example.com"}`).Want(t, 201)
	want := ""
	for _, who := range []struct{ email, password string }{
		{"unknown@example.com", "secret123"}, {"alice@example.com", "wrong password"}, {"locked@example.com", "secret123"},
		{"inactive@example.com", "secret123"}, {"without@example.com", "secret123"}, {"not an email", "secret123"},
	} {
		a := h.login(t, who.email, who.password).Want(t, 401)
		delete(a.Object, "request_id")
		if got := fmt.Sprint(a.Object, a.Header.Get("WWW-Authenticate")); want == "" {
			want = got
		} else if got != want {
			t.Errorf("%s is answered %s, not %s", who.email, got, want)
		}
	}
}

func TestASVS_6_4_1_firstSecretsAreRandomAndMustBeChanged(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	password, err := h.administrators.Create(t.Context(), identity.Administrator{Email: "second@example.org"})
	if err != nil || len(password) < 20 {
		t.Fatalf("%q, %v", password, err)
	}
	second := h.SignIn(t, "second@example.org", password)
	h.As(t, second, "GET", "/auth/me", "").Want(t, 200, "must_change_password", true)
	for _, path := range []string{"/users/", "/organizations/", "/auth/sessions", "/auth/sign-ins"} {
		h.As(t, second, "GET", path, "").Want(t, 403, "code", "identity.password_change_required")
	}
	a := h.As(t, second, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, password, password)).Want(t, 422)
	if got := a.Violations(); !slices.Equal(got, []string{"body.new_password used_before"}) {
		t.Errorf("the same once more: %v", got)
	}
	h.As(t, second, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":"a better one"}`, password)).Want(t, 204)
	h.As(t, second, "GET", "/users/", "").Want(t, 200)
	h.As(t, second, "GET", "/auth/me", "").Want(t, 200, "must_change_password", false)
}

// Where a create carries a password, as the old contract's does, the mark only shows; one that is given later must be
// changed first.
func TestASVS_6_4_6_passwordsThatSomebodyElseKnows(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, alice := h.user(t, "alice@example.com", "secret123")
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 200, "must_change_password", true, "email", "alice@example.com")
	h.As(t, alice, "GET", "/organizations/", "").Want(t, 200)

	h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", id), `{"password":"given by somebody"}`).Want(t, 200)
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 401)
	alice = h.SignIn(t, "alice@example.com", "given by somebody")
	h.As(t, alice, "GET", "/organizations/", "").Want(t, 403, "code", "identity.password_change_required")
}

func TestASVS_6_4_6_anAdministratorStartsAReset(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, alice := h.user(t, "alice@example.com", "secret123")
	for range 10 {
		h.login(t, "alice@example.com", "wrong password") // forgotten, and locked
	}
	reset := func() (code string) {
		a := h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/password-reset", id), "").Want(t, 200)
		if until, err := time.Parse(time.RFC3339, a.Object["expires_at"].(string)); err != nil || time.Until(until) > time.Hour {
			t.Errorf("good until %v", a.Object["expires_at"])
		}
		return a.Object["code"].(string)
	}
	redeem := func(email, code, password string) (status int) {
		return h.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":%q,"code":%q,"new_password":%q}`, email, code, password)).Status
	}
	first, code := reset(), reset()
	if n := h.count(t, "SELECT count(*) FROM identity.password_resets WHERE encode(code_digest, 'escape') LIKE '%"+code[:5]+"%'"); n != 0 {
		t.Error("the code is stored as it is")
	}
	for name, status := range map[string]int{
		"an earlier code":       redeem("alice@example.com", first, "a new secret"),
		"somebody else's email": redeem(adminEmail, code, "a new secret"),
		"an unknown email":      redeem("nobody@example.com", code, "a new secret"),
		"a made-up code":        redeem("alice@example.com", "00000-00000-00000-00000", "a new secret"),
	} {
		if status != 401 {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status := redeem("alice@example.com", code, "short"); status != 422 {
		t.Errorf("a password that the policy refuses: %d", status)
	}
	typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
	outcomes := h.storm(t, 5, func() int { return redeem("ALICE@example.com", typed, "a new secret") })
	if outcomes[204] != 1 || outcomes[401] != 4 {
		t.Errorf("single use: %v", outcomes)
	}
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 401)
	h.As(t, h.SignIn(t, "alice@example.com", "a new secret"), "GET", "/auth/me", "").Want(t, 200, "must_change_password", false)

	code = reset()
	h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", id), `{"email":"liddell@example.com"}`).Want(t, 200)
	if status := redeem("liddell@example.com", code, "a newer secret"); status != 401 {
		t.Errorf("a code that went to a former email: %d", status)
	}
	h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", id), `{"email":"alice@example.com"}`).Want(t, 200)
	code = reset()
	h.exec(t, "UPDATE identity.password_resets SET expires_at = now() - interval '1 second'")
	if status := redeem("alice@example.com", code, "a newer secret"); status != 401 {
		t.Errorf("a code that is too old: %d", status)
	}
}

func TestASVS_11_4_2_argon2id(t *testing.T) {
	t.Parallel()
	strong := func(s *identity.Settings) {
		s.Hashing = passwords.Settings{MemoryKiB: 19456, Time: 2, Threads: 1, Queue: 8}
	}
	h := newHospital(t, strong)
	if n := h.count(t, "SELECT count(*) FROM identity.credentials WHERE hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'"); n != 1 {
		t.Errorf("%d hashes are argon2id at the cost that is asked for", n)
	}
}

// A hash that is cheaper than today's, or of the old skeleton, is replaced at the next sign-in.
func TestASVS_11_4_2_hashesAreReplacedAtSignIn(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) { s.Hashing.MemoryKiB = 16 })
	id, _ := h.user(t, "alice@example.com", "secret123")
	sum := sha256.Sum256([]byte("secret123"))
	for _, old := range []string{hex.EncodeToString(sum[:]), "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + "0000000000000000000000000000000000000000000"} {
		h.exec(t, fmt.Sprintf("UPDATE identity.credentials SET hash = '%s' WHERE user_id = %d", old, id))
		h.login(t, "alice@example.com", "secret124").Want(t, 401)
		if strings.HasPrefix(old, "$") {
			continue // nobody knows its password
		}
		h.SignIn(t, "alice@example.com", "secret123")
		if n := h.count(t, fmt.Sprintf("SELECT count(*) FROM identity.credentials WHERE hash LIKE '$argon2id$v=19$m=16,%%' AND user_id = %d", id)); n != 1 {
			t.Error("the old skeleton's hash is still there")
		}
		h.SignIn(t, "alice@example.com", "secret123")
	}
}

func TestK24_passwordsOfPublicInstitutions(t *testing.T) {
	t.Parallel()
	h := newHospital(t, korean)
	for password, want := range map[string]string{"q7!xKw2p": "too_short", "q7xkw2pzz": "too_few_classes", "Abcdefgh1!": ""} {
		if got := h.passwordCode(t, "a@example.com", password); got != want {
			t.Errorf("%s: %q, want %q", password, got, want)
		}
	}
	alice := h.SignIn(t, "a@example.com", "Abcdefgh1!")
	now := "Abcdefgh1!"
	change := func(to string) int {
		a := h.As(t, alice, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, now, to))
		if a.Status == 204 {
			now = to
		}
		return a.Status
	}
	for _, step := range []struct {
		to   string
		want int
	}{
		{"Abcdefgh1!", 422}, {"Bbcdefgh2!", 204}, {"Abcdefgh1!", 422}, {"Cbcdefgh3!", 204}, {"Abcdefgh1!", 422}, {"Dbcdefgh4!", 204}, {"Abcdefgh1!", 204},
	} {
		if got := change(step.to); got != step.want {
			t.Errorf("%s: %d, want %d", step.to, got, step.want)
		}
	}
	h.age(t, 91*24*time.Hour)
	alice = h.SignIn(t, "a@example.com", now)
	h.As(t, alice, "GET", "/organizations/", "").Want(t, 403, "code", "identity.password_change_required")
	if got := change("Ebcdefgh5!"); got != 204 {
		t.Errorf("the change: %d", got)
	}
	h.As(t, alice, "GET", "/organizations/", "").Want(t, 200)
}

func TestK25_lockAfterFiveFailures(t *testing.T) {
	t.Parallel()
	h := newHospital(t, korean)
	for range 5 {
		h.login(t, adminEmail, "wrong password").Want(t, 401)
	}
	h.login(t, adminEmail, adminPassword).Want(t, 401)
}

func TestK26_oneSessionThatEndsAfterTenMinutes(t *testing.T) {
	t.Parallel()
	h := newHospital(t, korean)
	first := h.SignIn(t, adminEmail, adminPassword)
	second := h.SignIn(t, adminEmail, adminPassword)
	h.As(t, first, "GET", "/auth/me", "").Want(t, 401)
	h.exec(t, "UPDATE identity.sessions SET last_seen_at = last_seen_at - interval '11 minutes'")
	h.As(t, second, "GET", "/auth/me", "").Want(t, 401)
}

func korean(s *identity.Settings) { s.App.Policy = domain.KoreanPublicPolicy() }

// storm does the same n times at once and counts the statuses.
func (h *hospital) storm(t *testing.T, n int, do func() int) map[int]int {
	t.Helper()
	statuses := make([]int, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { statuses[i] = do() })
	}
	all.Wait()
	outcomes := map[int]int{}
	for _, status := range statuses {
		outcomes[status]++
	}
	return outcomes
}

// age makes every password older.
func (h *hospital) age(t *testing.T, by time.Duration) {
	t.Helper()
	h.exec(t, fmt.Sprintf("UPDATE identity.credentials SET changed_at = changed_at - interval '%d seconds'", int(by.Seconds())))
}
