package http_test

import (
	"fmt"
	"testing"

	"erp.internal/modules/identity"
	"erp.internal/modules/identity/adapters/passwords"
)

// Somebody who will be refused makes the server compute no hash: with hashes that take long and none that may wait, any
// that was computed would answer others 503.
func TestHashing_notForWhatIsRefused(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) {
		s.Hashing = passwords.Settings{MemoryKiB: 64 << 10, Time: 8, Threads: 1, Queue: 0}
	})
	id := h.As(t, h.admin, "POST", "/users/", `{"email":"alice@example.com","password":"secret123"}`).Want(t, 201).ID()
	h.As(t, h.admin, "POST", "/users/", `{"email":"bob@example.com"}`).Want(t, 201)
	for name, want := range map[string]struct {
		status int
		send   func() int
	}{
		"a new user with a taken email": {400, func() int {
			return h.As(t, h.admin, "POST", "/users/", `{"email":"ALICE@example.com","password":"another secret"}`).Status
		}},
		"a password with a taken email": {400, func() int {
			return h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", id), `{"email":"bob@example.com","password":"another secret"}`).Status
		}},
		"a password for what was changed meanwhile": {412, func() int {
			return h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", id), `{"password":"another secret"}`, "If-Match", `"77"`).Status
		}},
	} {
		if outcomes := h.storm(t, 30, want.send); outcomes[want.status] != 30 {
			t.Errorf("%s: %v", name, outcomes)
		}
	}
	h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", id), `{"email":"Alice@example.com","password":"another secret"}`).Want(t, 200)
}
