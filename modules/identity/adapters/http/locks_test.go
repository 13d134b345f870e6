package http_test

import (
	"testing"
)

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
	h.exec(t, "INSERT INTO identity.changes (key) SELECT id FROM identity.users") // every server looks it up anew
	h.As(t, alice, "GET", "/auth/sessions", "").Want(t, 200)
}

// lock has strangers fail to sign in as somebody until they are locked out.
func (h *hospital) lock(t *testing.T, email string) {
	t.Helper()
	for range 10 {
		h.login(t, email, "wrong password").Want(t, 401)
	}
}
