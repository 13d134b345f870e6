package httpx_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"erp.internal/platform/authn"
	"erp.internal/platform/await"
	"erp.internal/platform/httpx"
)

// byHeader takes the number in a header for the user.
type byHeader struct{}

func (byHeader) Authenticate(r *http.Request) (authn.Principal, error) {
	user, err := strconv.ParseInt(r.Header.Get("User"), 10, 64)
	return authn.Principal{UserID: user, SignedIn: err == nil}, nil
}

// perAddress is how many requests of an address are under way at a desk.
const perAddress = 3

// probe is an operation for operators.
func probe(api *httpx.API) {
	httpx.Register(api, httpx.Operation{ID: "probe", Method: http.MethodGet, Path: "/probe", Tag: "Test", Access: authn.Public, Probe: true},
		func(context.Context, *struct{}) (*body, error) { return &body{}, nil })
}

// desk is a server with operations that wait until they are released, one for each kind of access.
type desk struct {
	*httptest.Server
	entered atomic.Int64 // how many have begun to wait
	release chan struct{}
}

func newDesk(t *testing.T, perUser int, more ...routes) *desk {
	t.Helper()
	d := &desk{release: make(chan struct{})}
	wait := func(ctx context.Context) error {
		d.entered.Add(1)
		select {
		case <-d.release:
		case <-ctx.Done():
		}
		return nil
	}
	api, _ := serve(t, func(c *httpx.Config) {
		c.Settings.RequestsPerUser, c.Settings.RequestsPerAddress, c.Authenticator = perUser, perAddress, byHeader{}
		c.Settings.TrustedProxies = []string{"127.0.0.1", "::1"}
	}, append(more,
		operation("/waits", authn.SignedIn, wait), operation("/at-once", authn.SignedIn, nothing),
		operation("/leaving", authn.SignedInOrPending, nothing), operation("/leaving-waits", authn.SignedInOrPending, wait),
		operation("/open", authn.Public, nothing), operation("/open-waits", authn.Public, wait), probe)...)
	d.Server = httptest.NewServer(api.Handler())
	t.Cleanup(d.Close)
	return d
}

// ask returns the answer of a user's request.
func (d *desk) ask(t *testing.T, user int, path string) *http.Response {
	t.Helper()
	return d.askFrom(t, "", user, path)
}

// askFrom is ask from an address, "" for this machine's.
func (d *desk) askFrom(t *testing.T, address string, user int, path string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+path, nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	request.Header.Set("User", strconv.Itoa(user))
	if address != "" {
		request.Header.Set("X-Forwarded-For", address)
	}
	answer, err := d.Client().Do(request)
	if err != nil {
		t.Error(err)
		return nil
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

// begin sends requests of a user and gives their statuses as they come.
func (d *desk) begin(t *testing.T, user, n int, path string) <-chan int {
	t.Helper()
	statuses := make(chan int, n)
	for range n {
		go func() {
			if answer := d.ask(t, user, path); answer != nil {
				statuses <- answer.StatusCode
			}
		}()
	}
	return statuses
}

// A user has so many requests under way, more wait for them, and those beyond are refused; nobody else notices, and
// signing out and what is open to everybody wait for nothing.
func TestTurns(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 2)
	statuses := d.begin(t, 1, 2+24+5, "/waits")
	await.That(t, "two are under way", func() bool { return d.entered.Load() == 2 })
	for range 5 {
		if status := <-statuses; status != http.StatusTooManyRequests {
			t.Errorf("beyond those that wait: %d", status)
		}
	}
	refused := d.ask(t, 1, "/at-once")
	if p := problem(t, refused); refused.StatusCode != http.StatusTooManyRequests || p.Code != "too_many_at_once" || refused.Header.Get("Retry-After") != "1" {
		t.Errorf("%d %s, Retry-After %q", refused.StatusCode, p.Code, refused.Header.Get("Retry-After"))
	}
	for path, user := range map[string]int{"/at-once": 2, "/leaving": 1, "/open": 1} {
		if answer := d.ask(t, user, path); answer.StatusCode != http.StatusOK {
			t.Errorf("%s as user %d: %d", path, user, answer.StatusCode)
		}
	}
	if n := d.entered.Load(); n != 2 {
		t.Errorf("%d are under way", n)
	}
	close(d.release)
	for range 26 {
		if status := <-statuses; status != http.StatusOK {
			t.Errorf("one that waited: %d", status)
		}
	}
	if answer := d.ask(t, 1, "/at-once"); answer.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d", answer.StatusCode)
	}
}

// Requests that are not a user's count for their address: so many are under way, as many wait, and those beyond are refused.
// Other addresses do not notice, nor do users who share the address, nor those who ask whether the server runs.
func TestTurns_ofAddresses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ address, same, other string }{
		"IPv4": {"192.0.2.1", "192.0.2.1", "192.0.2.2"},
		"IPv6": {"2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, 2)
			const slow, refused = 64, 64 - 2*perAddress
			statuses := make(chan int, slow)
			for i := range slow {
				path := []string{"/open-waits", "/leaving-waits"}[i%2]
				go func() {
					if answer := d.askFrom(t, tc.address, 1, path); answer != nil {
						statuses <- answer.StatusCode
					}
				}()
			}
			for range refused {
				if status := <-statuses; status != http.StatusTooManyRequests {
					t.Errorf("beyond those that wait: %d", status)
				}
			}
			await.That(t, "some are under way", func() bool { return d.entered.Load() == perAddress })
			answer := d.askFrom(t, tc.same, 1, "/open")
			if p := problem(t, answer); answer.StatusCode != http.StatusTooManyRequests || p.Code != "too_many_at_once" || answer.Header.Get("Retry-After") != "1" {
				t.Errorf("%d %s, Retry-After %q", answer.StatusCode, p.Code, answer.Header.Get("Retry-After"))
			}
			for _, tc := range []struct{ address, path string }{
				{tc.other, "/open"}, {tc.other, "/leaving"}, {tc.same, "/at-once"}, {tc.same, "/probe"},
			} {
				if answer := d.askFrom(t, tc.address, 1, tc.path); answer.StatusCode != http.StatusOK {
					t.Errorf("%s from %s: %d", tc.path, tc.address, answer.StatusCode)
				}
			}
			if n := d.entered.Load(); n != perAddress {
				t.Errorf("%d are under way", n)
			}
			close(d.release)
			for range slow - refused {
				if status := <-statuses; status != http.StatusOK {
					t.Errorf("one that waited: %d", status)
				}
			}
			if answer := d.askFrom(t, tc.same, 1, "/open"); answer.StatusCode != http.StatusOK {
				t.Errorf("afterwards: %d", answer.StatusCode)
			}
		})
	}
}

// Files count for their address too, while they are being sent.
func TestTurns_ofFiles(t *testing.T) {
	t.Parallel()
	page := bytes.Repeat([]byte("x"), 32<<20) // more than the kernel takes for a connection
	d := newDesk(t, 2, func(api *httpx.API) { api.Frontend(httpx.Frontend{Path: "/page", Page: page}) })
	conns := make([]net.Conn, perAddress)
	for i := range conns {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", d.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, "GET /page HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			t.Fatalf("%q, %v", line, err)
		}
		conns[i] = conn
	}
	statuses := make(chan int, perAddress+1)
	for range perAddress + 1 {
		go func() {
			if answer := d.askFrom(t, "192.0.2.1", 1, "/open"); answer != nil {
				statuses <- answer.StatusCode
			}
		}()
	}
	if status := <-statuses; status != http.StatusTooManyRequests {
		t.Errorf("beyond those that wait: %d", status)
	}
	if answer := d.askFrom(t, "192.0.2.2", 1, "/open"); answer.StatusCode != http.StatusOK {
		t.Errorf("another address: %d", answer.StatusCode)
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
	for range perAddress {
		if status := <-statuses; status != http.StatusOK {
			t.Errorf("one that waited: %d", status)
		}
	}
}

// Who is let in without being a user, with --open, has no bound, and neither has anybody where none is set.
func TestTurns_withoutABound(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ perUser, user int }{"no user": {2, 0}, "no bound": {0, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, tc.perUser)
			statuses := d.begin(t, tc.user, 60, "/waits")
			await.That(t, "all are under way", func() bool { return d.entered.Load() == 60 })
			close(d.release)
			for range 60 {
				if status := <-statuses; status != http.StatusOK {
					t.Errorf("%d", status)
				}
			}
		})
	}
}

// An answer that its client does not take counts as under way until it is cut off or the client goes.
func TestTurns_countAnswersThatAreBeingTaken(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 32<<20) // more than the kernel takes for a connection
	var long routes = func(api *httpx.API) {
		httpx.Register(api, httpx.Operation{ID: "long", Method: http.MethodGet, Path: "/long", Tag: "Test", Access: authn.SignedIn},
			func(context.Context, *struct{}) (*struct{ Body []string }, error) {
				return &struct{ Body []string }{[]string{text}}, nil
			})
	}
	d := newDesk(t, 1, long)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", d.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "GET /long HTTP/1.1\r\nHost: localhost\r\nUser: 1\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Fatalf("%q, %v", line, err)
	}
	statuses := d.begin(t, 1, 1, "/waits")
	if answer := d.ask(t, 2, "/at-once"); answer.StatusCode != http.StatusOK {
		t.Errorf("another user: %d", answer.StatusCode)
	}
	if n := d.entered.Load(); n != 0 {
		t.Errorf("%d of the user are under way besides the one that is being taken", n)
	}
	_ = conn.Close()
	await.That(t, "the next one's turn comes", func() bool { return d.entered.Load() == 1 })
	close(d.release)
	if status := <-statuses; status != http.StatusOK {
		t.Errorf("%d", status)
	}
}

// One that gives up while it waits leaves its place.
func TestTurns_ofOneThatGivesUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1)
	statuses := d.begin(t, 1, 1, "/waits")
	await.That(t, "one is under way", func() bool { return d.entered.Load() == 1 })
	for range 30 { // more than may wait
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL+"/at-once", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("User", "1")
		if answer, err := d.Client().Do(request); err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
			t.Fatalf("it did not wait: %d", answer.StatusCode)
		}
		cancel()
	}
	next := d.begin(t, 1, 1, "/at-once")
	close(d.release)
	if first, second := <-statuses, <-next; first != http.StatusOK || second != http.StatusOK {
		t.Errorf("%d, %d", first, second)
	}
}

// What a sender may send in any number, since nothing counts it, is small.
func TestBodies_areSmallWhereNothingCountsThem(t *testing.T) {
	t.Parallel()
	var all []routes
	for path, access := range map[string]authn.Access{"/open": authn.Public, "/entering": authn.SignedInOrPending, "/signed-in": authn.SignedIn} {
		all = append(all, func(api *httpx.API) {
			httpx.Register(api, httpx.Operation{ID: path[1:], Method: http.MethodPost, Path: path, Tag: "Test", Access: access, Errors: httpx.BodyErrors()},
				func(context.Context, *struct {
					Body struct {
						Text string `json:"text"`
					}
				}) (*body, error) {
					return &body{}, nil
				})
		})
	}
	api, _ := serve(t, nil, all...)
	for path, most := range map[string]int{"/open": 64 << 10, "/entering": 64 << 10, "/signed-in": 1 << 20} {
		for size, status := range map[int]int{most - 100: http.StatusOK, most + 1: http.StatusRequestEntityTooLarge} {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(`{"text":"`+strings.Repeat("x", size)+`"}`))
			request.Host = "127.0.0.1:8000"
			request.Header.Set("Content-Type", "application/json")
			recorder := httptest.NewRecorder()
			api.Handler().ServeHTTP(recorder, request)
			if recorder.Code != status {
				t.Errorf("%d bytes to %s: %d %s", size, path, recorder.Code, recorder.Body)
			}
			if wants := fmt.Sprintf(`"code":"body_too_large","params":{"max":%d}`, most); status != http.StatusOK && !strings.Contains(recorder.Body.String(), wants) {
				t.Errorf("%s to %s", recorder.Body, path)
			}
		}
	}
}
