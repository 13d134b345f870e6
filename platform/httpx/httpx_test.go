package httpx_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/httpx"
	"erp.internal/platform/place"
)

const (
	permissionRead  authz.Permission = "thing.read"
	permissionWrite authz.Permission = "thing.write"
)

// routes adds operations under a name.
type routes func(api *httpx.API)

func (routes) Name() string              { return "test" }
func (r routes) Register(api *httpx.API) { r(api) }

type body struct{ Body struct{} }

// operation answers with what handle returns.
func operation(path string, access authn.Access, handle func(ctx context.Context) error) routes {
	return func(api *httpx.API) {
		httpx.Register(api, httpx.Operation{ID: "op" + strings.ReplaceAll(path, "/", "-"), Method: http.MethodGet, Path: path, Tag: "Test", Access: access},
			func(ctx context.Context, _ *struct{}) (*body, error) { return &body{}, handle(ctx) })
	}
}

func catalogue(tb testing.TB) *authz.Catalogue {
	tb.Helper()
	c, err := authz.NewCatalogue([]authz.Described{
		{Permission: permissionRead, Description: "See things", Least: place.SystemLevel},
		{Permission: permissionWrite, Description: "Change things", Least: place.SystemLevel},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func serve(t *testing.T, change func(*httpx.Config), all ...routes) (*httpx.API, *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	config := httpx.Config{
		About: httpx.About{Name: "Test", Version: "1"}, Settings: httpx.Settings{PublicURL: "http://127.0.0.1:8000"},
		Log: zap.New(core), Authenticator: authn.Open{}, Authorizer: authz.Open{}, Catalogue: catalogue(t),
	}
	if change != nil {
		change(&config)
	}
	var list []httpx.Routes
	for _, r := range all {
		list = append(list, r)
	}
	api, err := httpx.New(config, list)
	if err != nil {
		t.Fatal(err)
	}
	return api, logs
}

func get(t *testing.T, api *httpx.API, path string, header ...string) *http.Response {
	t.Helper()
	return send(t, api, http.MethodGet, path, header...)
}

func send(t *testing.T, api *httpx.API, method, path string, header ...string) *http.Response {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	request.Host = "127.0.0.1:8000"
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	api.Handler().ServeHTTP(recorder, request)
	return recorder.Result()
}

func problem(t *testing.T, r *http.Response) httpx.Problem {
	t.Helper()
	var p httpx.Problem
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	return p
}

func nothing(context.Context) error { return nil }

func TestProblem_ofEveryKind(t *testing.T) {
	t.Parallel()
	secret := errors.New("SELECT hunter2 FROM /etc/shadow")
	for kind, status := range map[errs.Kind]int{
		errs.Malformed: 400, errs.Taken: 400, errs.Unauthenticated: 401, errs.Forbidden: 403, errs.NotFound: 404, errs.Conflict: 409,
		errs.Stale: 412, errs.TooLarge: 413, errs.Unsupported: 415, errs.Invalid: 422, errs.TooMany: 429, errs.Unavailable: 503, errs.Internal: 500,
	} {
		api, logs := serve(t, nil, operation("/fails", authn.Public, func(context.Context) error {
			return fmt.Errorf("store: %w", errs.New(kind, "thing.code", "A sentence").WithCause(secret))
		}))
		r := get(t, api, "/fails", "X-Request-Id", "my-id")
		text, _ := io.ReadAll(r.Body)
		if r.StatusCode != status || strings.Contains(string(text), "hunter2") || !strings.Contains(string(text), `"request_id":"my-id"`) {
			t.Errorf("kind %d: %d %s", kind, r.StatusCode, text)
		}
		logged := logs.FilterField(zap.String("request_id", "my-id")).FilterField(zap.Error(fmt.Errorf("store: %w", errs.New(kind, "thing.code", "A sentence").WithCause(secret)))).Len()
		if (status >= 500) != (logged == 1) {
			t.Errorf("kind %d: its cause is logged %d times", kind, logged)
		}
	}
}

// Programs get the values that a sentence holds, always in the same order; where it holds none, nothing is said of them.
func TestProblem_params(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		`"detail":"3 users","code":"in_use","params":{"count":3,"what":"users"},"request_id"`: errs.New(errs.Conflict, "in_use", "3 users").WithParams(errs.Params{"what": "users", "count": 3}),
		`"detail":"No","code":"forbidden","request_id"`:                                       errs.New(errs.Forbidden, "forbidden", "No"),
		`"errors":[{"location":"query.a","message":"too long","code":"too_long","params":{"max":64}}]`: errs.Field{
			Location: "a", Code: "too_long", Message: "too long", Params: errs.Params{"max": 64}}.Violation(),
		`"errors":[{"location":"query.a","message":"is blank","code":"blank"}]`: errs.Violation("a", "blank", "is blank"),
	} {
		api, _ := serve(t, nil, operation("/fails", authn.Public, func(context.Context) error { return err }))
		for range 10 {
			if text, _ := io.ReadAll(get(t, api, "/fails").Body); !strings.Contains(string(text), want) {
				t.Fatalf("%s has no %s", text, want)
			}
		}
	}
}

func TestPanic_isAnInternalErrorWithoutItsReason(t *testing.T) {
	t.Parallel()
	api, logs := serve(t, nil, operation("/panics", authn.Public, func(context.Context) error { panic("hunter2") }))
	r := get(t, api, "/panics")
	if p := problem(t, r); r.StatusCode != http.StatusInternalServerError || p.Detail != "Internal error" || p.Code != "internal" {
		t.Errorf("%d %+v", r.StatusCode, p)
	}
	if logs.FilterMessage("panic").Len() != 1 {
		t.Error("the panic is not logged")
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	api, _ := serve(t, func(c *httpx.Config) { c.Settings.PublicURL = "https://erp.example.org/core" }, operation("/x", authn.Public, nothing))
	for _, path := range []string{"/x", "/nowhere"} {
		r := get(t, api, path)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Strict-Transport-Security": "max-age=31536000",
		} {
			if r.Header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, r.Header.Get(name))
			}
		}
	}
	if api.Href("/x") != "/core/x" {
		t.Errorf("Href is %s", api.Href("/x"))
	}
	for sent, kept := range map[string]bool{"abc-123": true, "": false, "with space": false, "a\"b": false, strings.Repeat("x", 129): false} {
		got := get(t, api, "/x", "X-Request-Id", sent).Header.Get("X-Request-Id")
		if got == "" || (got == sent) != kept {
			t.Errorf("X-Request-Id %q is answered with %q", sent, got)
		}
	}
}

func TestAccessLog_leavesTheQueryOut(t *testing.T) {
	t.Parallel()
	api, logs := serve(t, nil, operation("/x", authn.Public, nothing))
	get(t, api, "/x?q=hunter2")
	entries := logs.FilterMessage("request").All()
	if len(entries) != 1 {
		t.Fatalf("%d lines", len(entries))
	}
	line := entries[0].ContextMap()
	if line["path"] != "/x" || line["status"] != int64(http.StatusUnprocessableEntity) || strings.Contains(fmt.Sprint(line), "hunter2") {
		t.Errorf("logged %v", line)
	}
}

// ASVS 3.4.2: exact origins.
func TestCORS(t *testing.T) {
	t.Parallel()
	api, _ := serve(t, func(c *httpx.Config) { c.Settings.CORSOrigins = []string{"https://app.example.org"} }, operation("/x", authn.Public, nothing))
	for origin, allowed := range map[string]string{"https://app.example.org": "https://app.example.org", "https://evil.example.org": "", "https://app.example.org.evil.org": "", "null": ""} {
		r := get(t, api, "/x", "Origin", origin)
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != allowed || r.StatusCode != http.StatusOK {
			t.Errorf("%s: %d, allowed %q", origin, r.StatusCode, got)
		}
		r = send(t, api, http.MethodOptions, "/x", "Origin", origin, "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "if-match")
		if got := r.Header.Get("Access-Control-Allow-Methods"); (got == "PUT") != (allowed != "") {
			t.Errorf("preflight of %s: methods %q", origin, got)
		}
	}
	plain, _ := serve(t, nil, operation("/x", authn.Public, nothing))
	if got := get(t, plain, "/x", "Origin", "https://app.example.org").Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("without CORS_ORIGINS %q is allowed", got)
	}
}

// ASVS 3.5.1: a page of another origin changes nothing, and names that mean this machine by somebody's trick are refused
// while everybody is let in.
func TestForeignPages(t *testing.T) {
	t.Parallel()
	change := routes(func(api *httpx.API) {
		httpx.Register(api, httpx.Operation{ID: "change", Method: http.MethodPost, Path: "/x", Tag: "Test", Access: authn.Public},
			func(context.Context, *struct{}) (*body, error) { return &body{}, nil })
	})
	api, _ := serve(t, func(c *httpx.Config) {
		c.Settings.CORSOrigins = []string{"https://app.example.org"}
		c.Open = true
		c.Settings.PublicURL = "https://erp.example.org"
	}, operation("/y", authn.Public, nothing), change)
	for _, tc := range []struct {
		method, path, host, header, value string
		status                            int
	}{
		{"POST", "/x", "127.0.0.1:8000", "User-Agent", "curl", 200},
		{"POST", "/x", "127.0.0.1:8000", "Origin", "http://127.0.0.1:8000", 200},
		{"POST", "/x", "127.0.0.1:8000", "Origin", "https://erp.example.org", 200},
		{"POST", "/x", "127.0.0.1:8000", "Origin", "https://app.example.org", 200},
		{"POST", "/x", "127.0.0.1:8000", "Origin", "https://evil.example.org", 403},
		{"POST", "/x", "127.0.0.1:8000", "Sec-Fetch-Site", "cross-site", 403},
		{"GET", "/y", "127.0.0.1:8000", "Origin", "https://evil.example.org", 200},
		{"GET", "/y", "evil.example.org:8000", "User-Agent", "browser", 403},
		{"GET", "/nowhere", "evil.example.org", "User-Agent", "browser", 403},
		{"GET", "/y", "erp.example.org", "User-Agent", "browser", 200},
		{"GET", "/y", "localhost:8000", "User-Agent", "browser", 200},
		{"GET", "/y", "[::1]:8000", "User-Agent", "browser", 200},
		{"GET", "/y", "[::1]", "User-Agent", "browser", 200},
	} {
		request := httptest.NewRequestWithContext(t.Context(), tc.method, tc.path, nil)
		request.Host = tc.host
		request.Header.Set(tc.header, tc.value)
		recorder := httptest.NewRecorder()
		api.Handler().ServeHTTP(recorder, request)
		if recorder.Code != tc.status {
			t.Errorf("%s %s at %s with %s: %s: %d, want %d", tc.method, tc.path, tc.host, tc.header, tc.value, recorder.Code, tc.status)
		}
	}
}

func TestConditional(t *testing.T) {
	t.Parallel()
	api, _ := serve(t, nil, operation("/x", authn.Public, nothing))
	first := get(t, api, "/x")
	tag := first.Header.Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) {
		t.Fatalf("ETag is %s", tag)
	}
	second := get(t, api, "/x", "If-None-Match", tag)
	if text, _ := io.ReadAll(second.Body); second.StatusCode != http.StatusNotModified || len(text) != 0 || second.Header.Get("ETag") != tag {
		t.Errorf("%d %q", second.StatusCode, text)
	}
	lines := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/x", nil)
	lines.Header["If-None-Match"] = []string{`W/"other"`, tag}
	fourth := httptest.NewRecorder()
	if api.Handler().ServeHTTP(fourth, lines); fourth.Code != http.StatusNotModified {
		t.Errorf("tags on two lines: %d", fourth.Code)
	}
	if third := get(t, api, "/x", "If-None-Match", `W/"other"`); third.StatusCode != http.StatusOK {
		t.Errorf("another tag: %d", third.StatusCode)
	}
}

// The pages work without the internet: everything they refer to is served here, and their policy lets nothing else in.
func TestDocs(t *testing.T) {
	t.Parallel()
	api, _ := serve(t, func(c *httpx.Config) { c.Settings.PublicURL = "https://erp.example.org/core" }, operation("/x", authn.Public, nothing))
	if err := api.Docs(fstest.MapFS{"redoc.standalone.js.gz": {Data: gzipped(t, "redoc")}}); err != nil {
		t.Fatal(err)
	}
	for page, parts := range map[string][]string{
		"/docs":  {"/docs/ui/swagger-ui.css", "/docs/ui/favicon-32x32.png", "/openapi.json", "/docs/ui/swagger-ui-bundle.js", "/docs/start.js"},
		"/redoc": {"/openapi.json", "/redoc/ui/redoc.standalone.js"},
	} {
		for _, path := range []string{page, page + "/"} {
			r := get(t, api, path)
			html, _ := io.ReadAll(r.Body)
			if r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
				t.Fatalf("%s: %d %s", path, r.StatusCode, r.Header.Get("Content-Type"))
			}
			if strings.Contains(string(html), "http://") || strings.Contains(string(html), "https://") || strings.Contains(string(html), "<script>") {
				t.Errorf("%s refers to elsewhere or has an inline script: %s", path, html)
			}
			if policy := r.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self';") {
				t.Errorf("%s: policy %s", path, policy)
			}
			for _, part := range parts {
				if !strings.Contains(string(html), `"/core`+part+`"`) {
					t.Errorf("%s does not refer to %s", path, part)
				}
				if r := get(t, api, part); r.StatusCode != http.StatusOK {
					t.Errorf("%s: %d", part, r.StatusCode)
				}
			}
		}
	}
	for _, path := range []string{"/docs/ui/nothing.js", "/docs/ui/", "/docs/ui/../../etc/passwd", "/redoc/ui/x"} {
		if r := get(t, api, path); r.StatusCode != http.StatusNotFound || problem(t, r).Code == "" {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	if r := get(t, api, "/openapi.yaml"); r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("openapi.yaml: %d", r.StatusCode)
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDocs_saysHowToBuildReDoc(t *testing.T) {
	t.Parallel()
	api, _ := serve(t, nil)
	if err := api.Docs(fstest.MapFS{}); err != nil {
		t.Fatal(err)
	}
	if html, _ := io.ReadAll(get(t, api, "/redoc").Body); !strings.Contains(string(html), "make web") {
		t.Errorf("got %s", html)
	}
}

func TestSettings_Complete(t *testing.T) {
	t.Parallel()
	s := httpx.Settings{AdminAddr: httpx.DefaultAdminAddr}
	if err := s.Complete(); err != nil || s.Addr != "127.0.0.1:8000" || s.PublicURL != "http://127.0.0.1:8000" || !s.Loopback() {
		t.Errorf("defaults: %+v, %v", s, err)
	}
	s = httpx.Settings{AdminAddr: httpx.DefaultAdminAddr, Port: 9000, PublicURL: "https://erp.example.org/"}
	if err := s.Complete(); err != nil || s.Addr != "127.0.0.1:9000" || s.PublicURL != "https://erp.example.org" {
		t.Errorf("PORT: %+v, %v", s, err)
	}
	for _, addr := range []string{"0.0.0.0:8000", ":8000", "192.0.2.1:8000", "[::]:8000"} {
		if (httpx.Settings{Addr: addr}).Loopback() {
			t.Errorf("%s is taken for loopback", addr)
		}
	}
	s = httpx.Settings{Addr: "8000", AdminAddr: "x", PublicURL: "erp.example.org", CORSOrigins: []string{"*"}, TrustedProxies: []string{"proxy"}}
	err := s.Complete()
	if err == nil {
		t.Fatal("wrong settings were taken")
	}
	for _, name := range []string{"HTTP_ADDR", "ADMIN_ADDR", "PUBLIC_URL", "CORS_ORIGINS", "TRUSTED_PROXIES"} {
		if !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}
