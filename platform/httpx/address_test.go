package httpx_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"erp.internal/platform/authn"
	"erp.internal/platform/httpx"
)

// spellings are ways to write an address that mean https://erp.example.org.
var spellings = []string{
	"https://erp.example.org", "HTTPS://ERP.example.org", "https://erp.example.org:443", "https://erp.example.org/", "https://erp.example.org.", "Https://Erp.Example.Org.:443//",
	"https://ｅｒｐ.example。org", " https://erp.example.org ", "https://erp.example.org:", "https://erp.example.org:0443", "https://erp.example.org/./",
}

func TestSettings_addressesHaveOneForm(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"http://127.0.0.1:80":                             "http://127.0.0.1",
		"http://localhost:443":                            "http://localhost:443",
		"https://erp.example.org:80":                      "https://erp.example.org:80",
		"http://[2001:DB8:0:0::1]:80/":                    "http://[2001:db8::1]",
		"https://[::1]:8443/Core/":                        "https://[::1]:8443/Core",
		"https://병원.한국":                                   "https://xn--om3bw6p.xn--3e0b707e",
		"https://XN--OM3BW6P.xn--3e0b707e":                "https://xn--om3bw6p.xn--3e0b707e",
		"https://\u1107\u1167\u11bc\u110b\u116f\u11ab.한국": "https://xn--om3bw6p.xn--3e0b707e", // as macOS types it
		"http://erp_server:8000":                          "http://erp_server:8000",
		"https://erp.example.org/a/../core//":             "https://erp.example.org/core",
		"https://erp.example.org/원무":                      "https://erp.example.org/%EC%9B%90%EB%AC%B4",
	}
	for _, s := range spellings {
		want[s] = "https://erp.example.org"
	}
	for given, canonical := range want {
		s := httpx.Settings{AdminAddr: httpx.DefaultAdminAddr, PublicURL: given}
		if err := s.Complete(); err != nil || s.PublicURL != canonical {
			t.Errorf("PUBLIC_URL=%s is %s, %v; want %s", given, s.PublicURL, err, canonical)
		}
		again := httpx.Settings{AdminAddr: httpx.DefaultAdminAddr, PublicURL: s.PublicURL}
		if err := again.Complete(); err != nil || again.PublicURL != s.PublicURL {
			t.Errorf("%s is read as %s, %v", s.PublicURL, again.PublicURL, err)
		}
	}
	for _, given := range []string{
		"erp.example.org", "//erp.example.org", "ftp://erp.example.org", "https://", "https:erp.example.org", "https://u:p@erp.example.org", "https://erp.example.org?a=1", "https://erp.example.org?",
		"https://erp.example.org#a", "https://erp.example.org#", "https://erp.example.org:x", "https://erp.example.org:65536", "https://erp example.org", "https://.", "https://erp;example.org",
	} {
		s := httpx.Settings{AdminAddr: httpx.DefaultAdminAddr, PublicURL: given}
		if err := s.Complete(); err == nil || !strings.Contains(err.Error(), "PUBLIC_URL: ") {
			t.Errorf("PUBLIC_URL=%s is taken as %s, %v", given, s.PublicURL, err)
		}
	}
	for _, given := range []string{"https://app.example.org/path", "*", "null", "https://*.example.org", "app.example.org", ""} {
		s := httpx.Settings{AdminAddr: httpx.DefaultAdminAddr, CORSOrigins: []string{given}}
		if err := s.Complete(); err == nil || !strings.Contains(err.Error(), "CORS_ORIGINS: ") {
			t.Errorf("CORS_ORIGINS=%s is taken as %v, %v", given, s.CORSOrigins, err)
		}
	}
}

// However the administrator writes the server's address, and however a client writes the origin of its page: it is the
// same one. HSTS, the cookie and who may change something follow from it.
func TestAddress_isTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, public := range spellings {
		s := httpx.Settings{AdminAddr: httpx.DefaultAdminAddr, PublicURL: public, CORSOrigins: []string{"HTTPS://App.example.org:443/"}}
		if err := s.Complete(); err != nil {
			t.Fatal(err)
		}
		api, _ := serve(t, func(c *httpx.Config) { c.Settings, c.Open = s, true }, changing)
		if name := s.SessionCookie(); name != "__Host-erp-session" || !s.Secure() {
			t.Errorf("%s: cookie %s", public, name)
		}
		for _, tc := range []struct {
			host, origin, site string
			status             int
		}{
			{"127.0.0.1:8000", "https://erp.example.org", "", 200},
			{"127.0.0.1:8000", "https://ERP.example.org:443", "", 200},
			{"erp.example.org.", "https://erp.example.org", "", 200},
			{"ERP.example.org:443", "https://erp.example.org", "", 200},
			{"127.0.0.1:8000", "HTTP://127.0.0.1:8000", "", 200},
			{"127.0.0.1", "http://127.0.0.1:80", "", 200},
			{"[::1]:8000", "http://[0:0::1]:8000", "", 200},
			{"127.0.0.1:8000", "https://app.example.org", "cross-site", 200},
			{"127.0.0.1:8000", "https://APP.example.org.:443", "cross-site", 200},
			{"127.0.0.1:8000", "https://evil.example.org", "", 403},
			{"127.0.0.1:8000", "https://erp.example.org.evil.org", "", 403},
			{"127.0.0.1:8000", "http://127.0.0.1:9000", "", 403},
			{"127.0.0.1:8000", "http://127.0.0.1:8000/", "cross-site", 403},
			{"127.0.0.1:8000", "HTTP://127.0.0.1:8000", "same-site", 403}, // what the browser says of it counts first
			{"127.0.0.1:8000", "null", "", 403},
			{"127.0.0.1:8000", "https://app.example.org@evil.org", "", 403},
			{"127.0.0.1:8000", "http://app.example.org", "", 403},
			{"evil.org", "https://evil.org", "", 403},
		} {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/change", nil)
			request.Host = tc.host
			request.Header.Set("Origin", tc.origin)
			request.Header.Set("X-Forwarded-Host", "evil.example.org") // which nothing here reads
			request.Header.Set("X-Forwarded-Proto", "http")
			if tc.site != "" {
				request.Header.Set("Sec-Fetch-Site", tc.site)
			}
			answer := httptest.NewRecorder()
			api.Handler().ServeHTTP(answer, request)
			if answer.Code != tc.status || answer.Header().Get("Strict-Transport-Security") == "" {
				t.Errorf("%s: at %s from %s: %d, want %d; %v", public, tc.host, tc.origin, answer.Code, tc.status, answer.Header())
			}
			if allowed := answer.Header().Get("Access-Control-Allow-Origin"); (allowed != "") != (strings.Contains(strings.ToLower(tc.origin), "https://app.example.org") && tc.status == 200) || allowed != "" && allowed != tc.origin {
				t.Errorf("%s: a page of %s may read it: %q", public, tc.origin, allowed)
			}
		}
	}
}

var changing = routes(func(api *httpx.API) {
	httpx.Register(api, httpx.Operation{ID: "change", Method: http.MethodPost, Path: "/change", Tag: "Test", Access: authn.Public},
		func(context.Context, *struct{}) (*body, error) { return &body{}, nil })
})

// A browser that has several servers on one host keeps a session with each.
func TestSessionCookie_tellsServersApart(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, public := range []string{
		"http://h", "http://h:8000", "http://h:8001", "http://h/core", "http://h:8000/core", "http://h:8000/Core", "https://h", "https://h:8443", "https://h/core", "https://h/other", "https://h:8443/core",
	} {
		name := httpx.Settings{PublicURL: public}.SessionCookie()
		if other, is := seen[name]; is {
			t.Errorf("%s and %s have the cookie %s", public, other, name)
		}
		seen[name] = public
		cookie := http.Cookie{Name: name, Value: "x", Path: "/", Secure: true}
		if err := cookie.Valid(); err != nil || !strings.Contains(name, "erp-session") || strings.HasPrefix(public, "https") != strings.HasPrefix(name, "__Host-") {
			t.Errorf("%s: %s, %v", public, name, err)
		}
	}
	s := httpx.Settings{Addr: "127.0.0.1:0", AdminAddr: httpx.DefaultAdminAddr}
	if err := s.Complete(); err != nil {
		t.Fatal(err)
	}
	if s.ListensAt("127.0.0.1:54321"); s.PublicURL != "http://127.0.0.1:54321" || s.SessionCookie() != "erp-session-54321" {
		t.Errorf("at a port that the system chose: %s, %s", s.PublicURL, s.SessionCookie())
	}
}

// A page that a colleague has open makes its own name mean this machine (DNS rebinding), and reads nothing.
func TestOnlyAt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		addr, host string
		status     int
	}{
		{"127.0.0.1:8001", "127.0.0.1:8001", 200},
		{"127.0.0.1:8001", "localhost:8001", 200},
		{"127.0.0.1:8001", "LOCALHOST.:8001", 200},
		{"127.0.0.1:8001", "[::1]:8001", 200},
		{"127.0.0.1:8001", "10.1.2.3", 200},
		{"127.0.0.1:8001", "evil.example.org:8001", 403},
		{"127.0.0.1:8001", "evil.example.org", 403},
		{"127.0.0.1:8001", "localhost.evil.example.org", 403},
		{"127.0.0.1:8001", "127.0.0.1.evil.example.org:8001", 403},
		{"127.0.0.1:8001", "evil:example:org", 403},
		{"127.0.0.1:8001", "::evil", 403},
		{"metrics.internal:8001", "Metrics.Internal.:8001", 200},
		{"metrics.internal:8001", "other.internal:8001", 403},
		{":8001", "evil.example.org:8001", 403},
		{":8001", ":8001", 403},
		{":8001", "10.1.2.3:8001", 200},
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/debug/pprof/", nil)
		request.Host = tc.host
		answer := httptest.NewRecorder()
		httpx.OnlyAt(tc.addr, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "figures") })).ServeHTTP(answer, request)
		if answer.Code != tc.status || (tc.status == 403) == strings.Contains(answer.Body.String(), "figures") {
			t.Errorf("ADMIN_ADDR=%s, Host: %s: %d %s", tc.addr, tc.host, answer.Code, answer.Body)
		}
	}
}
