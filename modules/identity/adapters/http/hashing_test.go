package http_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"erp.internal/modules/identity"
	"erp.internal/modules/identity/adapters/passwords"
	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
)

// Somebody who will be refused makes the server compute no hash: with hashes that take long and none that may wait, any
// that was computed would answer others 503.
func TestHashing_notForWhatIsRefused(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) {
		s.Hashing = passwords.Settings{MemoryKiB: 32 << 10, Time: 6, Threads: 1, Queue: 0}
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

// Strangers from many networks, who try the very accounts that honest people sign in to, and one administrator's program
// in a loop, shut out nobody whose device is known, nor a new device at an address that is.
func TestHashing_floodsLeaveKnownDevicesTheirShare(t *testing.T) {
	t.Parallel()
	const honest, crowd = 10, 60
	h := newHospital(t, func(s *identity.Settings) {
		s.Hashing = passwords.Settings{MemoryKiB: 4096, Time: 2, Threads: 1, Queue: 4 * honest} // half of it holds all who are known here
	})
	devices := make([]string, honest)
	for i := range honest {
		h.user(t, email(i), "secret123")
		devices[i] = device(h.login(t, email(i), "secret123").Want(t, 200))
	}
	h.As(t, h.admin, "POST", "/users/", `{"email":"newcomer@example.com","password":"secret123"}`).Want(t, 201)
	var over atomic.Bool
	var flood, people sync.WaitGroup
	refused := make([]atomic.Int64, 600)
	for i := range crowd {
		flood.Go(func() {
			client := from(fmt.Sprintf("127.9.%d.1", i))
			defer client.CloseIdleConnections()
			for !over.Load() {
				if status := post(t, client, h.URL+"/auth/login", fmt.Sprintf(`{"email":%q,"password":"wrong password"}`, email(i%honest))); status < len(refused) {
					refused[status].Add(1)
				}
			}
		})
	}
	for i := range 6 {
		flood.Go(func() {
			for n := 0; !over.Load(); n++ {
				h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":"new-%d-%d@example.com","password":"another secret"}`, i, n))
				h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":%q,"password":"another secret"}`, email(0))).Want(t, 400)
			}
		})
	}
	await.That(t, "the queue is full", func() bool { return refused[http.StatusServiceUnavailable].Load() >= crowd/4 })
	outcomes := make([]apitest.Answer, honest)
	for i := range honest {
		people.Go(func() { outcomes[i] = h.loginOn(t, devices[i], email(i), "secret123") })
	}
	var newDevice apitest.Answer // at an account that nobody tries, from where others have signed in
	people.Go(func() { newDevice = h.login(t, "newcomer@example.com", "secret123") })
	people.Wait()
	over.Store(true)
	flood.Wait()
	newDevice.Want(t, 200)
	for i, a := range outcomes {
		if a.Status != 200 {
			t.Errorf("%s was answered %d: %s", email(i), a.Status, a.Body)
		}
	}
}

func email(n int) string { return fmt.Sprintf("nurse%d@example.com", n) }

// from returns a client of an address of its own.
func from(address string) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
}

func post(t *testing.T, client *http.Client, url, body string) (status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
