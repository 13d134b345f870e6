package httpx_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/authn"
	"erp.internal/platform/errs"
	"erp.internal/platform/httpx"
)

// from sends a request as it comes over a connection from peer, and gives the address that the access log names.
func from(t *testing.T, api *httpx.API, logs *observer.ObservedLogs, peer string, header http.Header) string {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/x", nil)
	request.RemoteAddr, request.Header = peer, header
	api.Handler().ServeHTTP(httptest.NewRecorder(), request)
	lines := logs.FilterMessage("request").All()
	address, _ := lines[len(lines)-1].ContextMap()["address"].(string)
	return address
}

// A client is who the nearest trusted proxies say it is, however they write it, and can never choose its own address.
func TestClient_address(t *testing.T) {
	t.Parallel()
	const proxy = "127.0.0.1:40000"
	for name, tc := range map[string]struct {
		trusted   string
		peer      string
		forwarded []string
		want      string
	}{
		"no proxy":                            {"", "192.0.2.1:5", []string{"203.0.113.9"}, "192.0.2.1"},
		"a stranger claims":                   {"127.0.0.1", "192.0.2.1:5", []string{"203.0.113.9"}, "192.0.2.1"},
		"an address":                          {"127.0.0.1", proxy, []string{"203.0.113.9"}, "203.0.113.9"},
		"with a port":                         {"127.0.0.1", proxy, []string{"203.0.113.9:4711"}, "203.0.113.9"},
		"IPv6":                                {"127.0.0.1", proxy, []string{"2001:DB8::1"}, "2001:db8::1"},
		"IPv6 in brackets":                    {"127.0.0.1", proxy, []string{"[2001:db8::1]"}, "2001:db8::1"},
		"IPv6 with a port":                    {"127.0.0.1", proxy, []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		"IPv6 with a zone":                    {"127.0.0.1", proxy, []string{"fe80::1%eth0"}, "fe80::1"},
		"IPv4 as IPv6":                        {"127.0.0.1", proxy, []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		"quoted":                              {"127.0.0.1", proxy, []string{`"203.0.113.9"`}, "203.0.113.9"},
		"quoted, with a port":                 {"127.0.0.1", proxy, []string{`"[2001:db8::1]:47011"`}, "2001:db8::1"},
		"spaces":                              {"127.0.0.1", proxy, []string{" 10.9.9.9 ,\t203.0.113.9  "}, "203.0.113.9"},
		"empty elements":                      {"127.0.0.1", proxy, []string{"203.0.113.9, ,"}, "203.0.113.9"},
		"what the client claimed before":      {"127.0.0.1", proxy, []string{"6.6.6.6, 203.0.113.9"}, "203.0.113.9"},
		"lines that follow each other":        {"127.0.0.1", proxy, []string{"6.6.6.6", "203.0.113.9"}, "203.0.113.9"},
		"a chain of proxies":                  {"127.0.0.1,10.0.0.0/8", proxy, []string{"6.6.6.6, 203.0.113.9, 10.1.2.3, 10.1.2.4:80"}, "203.0.113.9"},
		"a chain over lines":                  {"127.0.0.1,10.0.0.0/8", proxy, []string{"6.6.6.6, 203.0.113.9", "10.1.2.3"}, "203.0.113.9"},
		"all are proxies":                     {"127.0.0.1,10.0.0.0/8", proxy, []string{"10.1.2.3, 10.1.2.4"}, "10.1.2.3"},
		"nothing":                             {"127.0.0.1", proxy, nil, "127.0.0.1"},
		"an empty header":                     {"127.0.0.1", proxy, []string{""}, "127.0.0.1"},
		"unknown":                             {"127.0.0.1", proxy, []string{"203.0.113.9, unknown"}, "127.0.0.1"},
		"garbage the client sent":             {"127.0.0.1", proxy, []string{"<script>, 203.0.113.9"}, "203.0.113.9"},
		"garbage behind a proxy":              {"127.0.0.1,10.0.0.0/8", proxy, []string{"203.0.113.9, _hidden, 10.1.2.3"}, "10.1.2.3"},
		"a port that is none":                 {"127.0.0.1", proxy, []string{"203.0.113.9:http"}, "127.0.0.1"},
		"no address at all":                   {"127.0.0.1", proxy, []string{"0.0.0.0"}, "127.0.0.1"},
		"a proxy that speaks IPv4 over IPv6":  {"127.0.0.1", "[::ffff:127.0.0.1]:40000", []string{"203.0.113.9"}, "203.0.113.9"},
		"a proxy that is set in that form":    {"::ffff:127.0.0.1", proxy, []string{"203.0.113.9"}, "203.0.113.9"},
		"a network that is set in that form":  {"::ffff:127.0.0.0/104", proxy, []string{"203.0.113.9"}, "203.0.113.9"},
		"a network with bits behind its mask": {"127.0.0.9/8", proxy, []string{"203.0.113.9"}, "203.0.113.9"},
		"a setting with spaces":               {"10.0.0.1, 127.0.0.1", proxy, []string{"203.0.113.9"}, "203.0.113.9"},
		"a proxy with a zone":                 {"fe80::/10", "[fe80::1%eth0]:40000", []string{"203.0.113.9"}, "203.0.113.9"},
		"a connection without an address":     {"127.0.0.1", "@", []string{"203.0.113.9"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, logs := serve(t, func(c *httpx.Config) {
				if tc.trusted != "" {
					c.Settings.TrustedProxies = strings.Split(tc.trusted, ",")
				}
			}, operation("/x", authn.Public, nothing))
			header := http.Header{"X-Forwarded-For": tc.forwarded}
			for _, never := range []string{"X-Real-Ip", "Forwarded", "True-Client-Ip", "Cf-Connecting-Ip", "X-Client-Ip", "X-Appengine-Remote-Addr", "X-Forwarded", "Forwarded-For"} {
				header[never] = []string{"6.6.6.6"}
			}
			if got := from(t, api, logs, tc.peer, header); got != tc.want {
				t.Errorf("the client is %q, want %q", got, tc.want)
			}
		})
	}
}

// An operator who forgot the setting hears of it, once, from the first request that shows it.
func TestClient_warnsOnceOfAProxyThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	api, logs := serve(t, func(c *httpx.Config) { c.Settings.TrustedProxies = []string{"10.0.0.1"} }, operation("/x", authn.Public, nothing))
	warnings := func() []observer.LoggedEntry {
		return logs.Filter(func(e observer.LoggedEntry) bool { return strings.Contains(e.Message, "TRUSTED_PROXIES") }).All()
	}
	from(t, api, logs, "10.0.0.1:1", http.Header{"X-Forwarded-For": {"203.0.113.9"}})
	from(t, api, logs, "192.0.2.1:1", http.Header{})
	if got := warnings(); len(got) != 0 {
		t.Errorf("warned without a reason: %v", got)
	}
	for range 3 {
		from(t, api, logs, "192.0.2.1:1", http.Header{"X-Forwarded-For": {"203.0.113.9"}})
	}
	if got := warnings(); len(got) != 1 || got[0].ContextMap()["address"] != "192.0.2.1" {
		t.Errorf("warned: %v", got)
	}
}

// Each line tells which operation was asked for and who asked, by ids; a line about nobody says nothing of anybody.
func TestAccessLog_saysWhoAndWhat(t *testing.T) {
	t.Parallel()
	pending := errs.New(errs.Forbidden, "change_first", "Change the password first")
	api, logs := serve(t, func(c *httpx.Config) {
		c.Authorizer = onlyReads{}
		c.Authenticator = authenticator(func(r *http.Request) (authn.Principal, error) {
			switch r.Header.Get("Authorization") {
			case "Bearer good":
				return authn.Principal{UserID: 7, SessionID: 31, SignedIn: true}, nil
			case "Bearer pending":
				return authn.Principal{UserID: 8, SessionID: 32, SignedIn: true, Pending: pending}, nil
			case "Bearer open":
				return authn.Principal{SignedIn: true, Unrestricted: true}, nil
			default:
				return authn.Principal{}, authn.ErrNotSignedIn
			}
		})
	}, operation("/read/{id}", permissionRead, nothing), operation("/write", permissionWrite, nothing), operation("/public", authn.Public, nothing))
	for i, tc := range []struct {
		path, token string
		status      int
		who         []any // user and session
		operation   any
	}{
		{"/read/5", "Bearer good", 200, []any{int64(7), int64(31)}, "op-read-{id}"},
		{"/read/5/", "Bearer good", 200, []any{int64(7), int64(31)}, "op-read-{id}"},
		{"/read/5?nonsense=1", "Bearer good", 422, []any{int64(7), int64(31)}, "op-read-{id}"},
		{"/write", "Bearer good", 403, []any{int64(7), int64(31)}, "op-write"},
		{"/write", "Bearer pending", 403, []any{int64(8), int64(32)}, "op-write"},
		{"/write", "Bearer bad", 401, []any{nil, nil}, "op-write"},
		{"/public", "", 200, []any{nil, nil}, "op-public"},
		{"/read/5", "Bearer open", 200, []any{nil, nil}, "op-read-{id}"},
		{"/nowhere", "Bearer good", 404, []any{nil, nil}, nil},
	} {
		if r := get(t, api, tc.path, "Authorization", tc.token); r.StatusCode != tc.status {
			t.Errorf("%s: %d", tc.path, r.StatusCode)
		}
		line := logs.FilterMessage("request").All()[i].ContextMap()
		if got := []any{line["user_id"], line["session_id"]}; !slices.Equal(got, tc.who) || line["operation"] != tc.operation {
			t.Errorf("%s of %q is logged as %v", tc.path, tc.token, line)
		}
	}
}
