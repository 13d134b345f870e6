package http_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"erp.internal/modules/identity/adapters/passwords"
	"erp.internal/modules/identity/domain"
)

// A domain in Unicode and in Punycode, as Chromium's email field sends it, is one (RFC 5891).
func TestEmails_internationalDomains(t *testing.T) {
	t.Parallel()
	const inUnicode, inPunycode = "idn@병원.한국", "idn@xn--om3bw6p.xn--3e0b707e"
	h := newHospital(t)
	a := h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":%q,"password":"secret123"}`, inUnicode)).Want(t, 201, "email", inUnicode)
	for _, spelling := range []string{inUnicode, inPunycode, "IDN@XN--OM3BW6P.xn--3e0b707e", "idn@병원。한국", norm.NFD.String(inUnicode)} {
		h.login(t, spelling, "secret123").Want(t, 200)
		h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":%q}`, spelling)).Want(t, 400, "code", "user.email_taken")
	}
	h.As(t, h.admin, "PUT", a.Header.Get("Location"), fmt.Sprintf(`{"email":%q}`, inPunycode)).Want(t, 200, "email", inUnicode)
	h.As(t, h.admin, "POST", "/users/", `{"email":"b@xn--om3bw6p.xn--3e0b707e"}`).Want(t, 201, "email", "b@병원.한국")
	for _, typed := range []string{"b@xn--om3bw6p.xn--3e0b707e", "B@XN--OM3BW6P.", "b@병원"} {
		if found := h.As(t, h.admin, "GET", "/users/?q="+url.QueryEscape(typed), "").Want(t, 200).List; len(found) != 1 {
			t.Errorf("%q finds %d users", typed, len(found))
		}
	}
	for _, broken := range []string{"a@xn--a.kr", "a@병원.한국.", "a@-병원.한국"} {
		if got := h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":%q}`, broken)).Want(t, 422).Violations(); !slices.Equal(got, []string{"body.email email"}) {
			t.Errorf("%s: %v", broken, got)
		}
	}
}

// Emails that were stored when the two spellings were two addresses sign in after the next start; where both were
// stored, nobody's account becomes another's, and the administrator learns whose email to change.
func TestEmails_storedBefore(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	stored := func(shown, before string) int64 {
		id, _ := h.user(t, before, "secret123")
		digest := sha256.Sum256([]byte(shown)) // as the key of this address was then
		h.exec(t, fmt.Sprintf(`UPDATE identity.users SET email = '%s', email_digest = '\x%s' WHERE id = %d`, shown, hex.EncodeToString(digest[:]), id))
		return id
	}
	alone := stored("alone@병원.한국", "a@example.com")
	first := stored("twice@병원.한국", "b@example.com")
	second := stored("twice@xn--om3bw6p.xn--3e0b707e", "c@example.com")
	h.login(t, "alone@병원.한국", "secret123").Want(t, 401)
	for range 2 { // every start says the same
		unreachable, err := h.administrators.RenewEmailKeys(t.Context())
		if err != nil || !slices.Equal(unreachable, []domain.UserID{domain.UserID(first)}) {
			t.Fatalf("of %d, %d, %d, these cannot sign in: %v, %v", alone, first, second, unreachable, err)
		}
		for _, spelling := range []string{"alone@병원.한국", "alone@xn--om3bw6p.xn--3e0b707e"} {
			h.As(t, h.SignIn(t, spelling, "secret123"), "GET", "/auth/me", "").Want(t, 200, "id", alone)
		}
		h.As(t, h.SignIn(t, "twice@병원.한국", "secret123"), "GET", "/auth/me", "").Want(t, 200, "id", second)
	}
	h.As(t, h.admin, "GET", fmt.Sprintf("/users/%d", second), "").Want(t, 200, "email", "twice@병원.한국")
	h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", first), `{"email":"twice@병원.한국","full_name":"Kim"}`).Want(t, 200, "full_name", "Kim")
	h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", first), `{"email":"once@병원.한국"}`).Want(t, 200)
	if unreachable, err := h.administrators.RenewEmailKeys(t.Context()); err != nil || len(unreachable) > 0 {
		t.Errorf("after the change: %v, %v", unreachable, err)
	}
}

// RFC 8265 and NIST SP 800-63B: a password is the same composed, decomposed, and with any kind of space, wherever it is
// taken, and its length counts composed.
func TestPasswords_unicodeForms(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	const composed = "한빛 병원의 비밀번호 é"
	forms := []string{composed, norm.NFD.String(composed), strings.ReplaceAll(composed, " ", "\u3000"), strings.ReplaceAll(norm.NFD.String(composed), " ", "\u00a0")}
	for i, set := range forms {
		email := fmt.Sprintf("a%d@example.com", i)
		id, _ := h.user(t, email, set)
		for _, typed := range forms {
			h.login(t, email, typed).Want(t, 200)
		}
		h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", id), fmt.Sprintf(`{"password":%q}`, set+"!")).Want(t, 200)
		who := h.SignIn(t, email, forms[len(forms)-1-i]+"!")
		h.As(t, who, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, forms[len(forms)-1-i]+"!", set+"?")).Want(t, 204)
		h.login(t, email, forms[len(forms)-1-i]+"?").Want(t, 200)
		h.login(t, email, " "+composed+"?").Want(t, 401)
	}
	short := norm.NFD.String("비밀번호예요") // 6 characters in 14 code points
	if got := h.passwordCode(t, "b@example.com", short); got != "too_short" {
		t.Errorf("6 characters, decomposed: %q", got)
	}
	long := strings.Repeat("한", 341) // 1,023 bytes, and decomposed three times as many
	h.user(t, "long@example.com", norm.NFD.String(long))
	h.login(t, "long@example.com", long).Want(t, 200)
	h.login(t, "long@example.com", norm.NFD.String(long)).Want(t, 200)
}

// A hash that was made of a password as it was sent goes on working in that form, and in every form after that.
func TestPasswords_hashedBeforeTheyWereNormalised(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	composed := "한빛 병원의 비밀번호"
	sent := norm.NFD.String(composed)
	hash, err := passwords.New(settings().Hashing).Hash(context.Background(), sent)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(sent)) // and one of the old skeleton's
	for email, hash := range map[string]string{"a@example.com": hash, "b@example.com": hex.EncodeToString(sum[:])} {
		id, _ := h.user(t, email, "secret123")
		h.exec(t, fmt.Sprintf("UPDATE identity.credentials SET hash = '%s' WHERE user_id = %d", hash, id))
		h.login(t, email, composed).Want(t, 401) // as before
		h.login(t, email, sent).Want(t, 200)
		h.login(t, email, composed).Want(t, 200)
		h.login(t, email, sent).Want(t, 200)
	}
}
