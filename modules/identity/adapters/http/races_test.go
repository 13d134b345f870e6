package http_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"erp.internal/platform/httpx/apitest"
)

// together does two things at once and gives their statuses.
func together(first, second func() int) (one, other int) {
	var both sync.WaitGroup
	both.Go(func() { one = first() })
	both.Go(func() { other = second() })
	both.Wait()
	return one, other
}

// A password change that was under way never undoes what an administrator, a reset, or a deletion did meanwhile.
func TestChangePassword_overtaken(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for i := range 12 {
		email := fmt.Sprintf("alice%d@example.com", i)
		id, alice := h.user(t, email, "secret123")
		change := func() int {
			return h.As(t, alice, "POST", "/auth/password", `{"current_password":"secret123","new_password":"my own choice"}`).Status
		}
		path := fmt.Sprintf("/users/%d", id)
		var changed, other int
		switch i % 3 {
		case 0:
			changed, other = together(change, func() int { return h.As(t, h.admin, "PUT", path, `{"password":"given by somebody"}`).Status })
			if other != 200 || h.login(t, email, "given by somebody").Status != 200 {
				t.Errorf("change %d, given %d: the administrator's password is not taken", changed, other)
			}
		case 1:
			changed, other = together(change, func() int { return h.As(t, h.admin, "DELETE", path, "").Status })
			if n := h.count(t, fmt.Sprintf("SELECT count(*) FROM identity.credentials WHERE user_id = %d", id)); other != 204 || n != 0 {
				t.Errorf("change %d, deleted %d: %d passwords of nobody", changed, other, n)
			}
		case 2:
			code := h.As(t, h.admin, "POST", path+"/password-reset", "").Want(t, 200).Object["code"]
			changed, other = together(change, func() int {
				return h.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":%q,"code":%q,"new_password":"redeemed by me"}`, email, code)).Status
			})
			if (other == 204) != (h.login(t, email, "redeemed by me").Status == 200) || changed == 204 && other == 204 {
				t.Errorf("change %d, redeemed %d", changed, other)
			}
		}
	}
}

// Under a policy of one session, sign-ins at the same time leave one.
func TestK26_oneSessionOfManyAtOnce(t *testing.T) {
	t.Parallel()
	h := newHospital(t, korean)
	for range 5 {
		tokens := make([]apitest.Token, 4)
		var all sync.WaitGroup
		for i := range tokens {
			all.Go(func() {
				if a := h.login(t, adminEmail, adminPassword); a.Status == http.StatusOK {
					tokens[i] = apitest.Token("Bearer " + a.Object["access_token"].(string))
				}
			})
		}
		all.Wait()
		live := 0
		for _, token := range tokens {
			if token != "" && h.As(t, token, "GET", "/auth/me", "").Status == http.StatusOK {
				live++
			}
		}
		if live != 1 {
			t.Errorf("%d sessions are live", live)
		}
	}
}

// Many right sign-ins at once are no failures: they succeed, or are asked to come again, and lock nobody.
func TestSignIn_manyRightOnesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	_, alice := h.user(t, "alice@example.com", "secret123")
	outcomes := h.storm(t, 60, func() int { return h.login(t, "alice@example.com", "secret123").Status })
	if outcomes[200] < 10 || outcomes[200]+outcomes[429] != 60 {
		t.Errorf("got %v", outcomes)
	}
	h.As(t, alice, "GET", "/auth/me", "").Want(t, 200)
	h.SignIn(t, "alice@example.com", "secret123")
}

// A hash of the old skeleton is replaced by one of many sign-ins at once, and none of them is refused for that.
func TestSignIn_manyThatRehash(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, _ := h.user(t, "alice@example.com", "secret123")
	h.exec(t, fmt.Sprintf("UPDATE identity.credentials SET hash = encode(sha256('secret123'), 'hex') WHERE user_id = %d", id))
	if outcomes := h.storm(t, 8, func() int { return h.login(t, "alice@example.com", "secret123").Status }); outcomes[200] != 8 {
		t.Errorf("got %v", outcomes)
	}
}

// What a client says of itself is cut without breaking a character.
func TestSignIn_longUserAgent(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, adminEmail, adminPassword)
	for _, end := range []string{"한글", "\xff\xff", strings.Repeat("x", 1000)} {
		h.Do(t, "POST", "/auth/login", body, "User-Agent", strings.Repeat("a", 255)+end).Want(t, 200)
	}
}

// A user who could undo it stays: nobody can deactivate or delete themselves.
func TestUsers_notOneself(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.As(t, h.admin, "POST", "/users/1/deactivate", "").Want(t, 409, "code", "user.own_account")
	h.As(t, h.admin, "DELETE", "/users/1", "").Want(t, 409, "code", "user.own_account")
}

// Those who are refused for their address leave one record in a minute.
func TestSignIn_limitedAreRecordedOnce(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.exec(t, "INSERT INTO identity.attempts (kind, key, count, until) VALUES ('address', '\\x7f000001', 1000, now() + interval '1 minute')")
	for range 20 {
		h.login(t, adminEmail, "wrong password").Want(t, 429)
	}
	if n := h.count(t, "SELECT count(*) FROM identity.sign_ins WHERE outcome = 'limited'"); n != 1 {
		t.Errorf("%d records", n)
	}
}
