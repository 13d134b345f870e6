package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/zap"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/httpx"
	"erp.internal/web"
)

const page = `<!doctype html>
<html><head><base href="{{.Base}}/frontend/"><meta name="application-name" content="{{.Name}}">
<script type="module" crossorigin src="./assets/index-Ab3_.js"></script></head><body><div id="app"></div></body></html>
`

const script = "export const answer = 42;"

func built(t *testing.T) fstest.MapFS {
	t.Helper()
	return fstest.MapFS{
		"index.html":                  {Data: []byte(page)},
		"assets/index-Ab3_.js.gz":     {Data: gzipped(t, script)},
		"assets/index-C4d-.css.gz":    {Data: gzipped(t, "body{}")},
		"assets/icon-x.svg.gz":        {Data: gzipped(t, "<svg/>")},
		"assets/letters-y.woff2.gz":   {Data: gzipped(t, "wOF2")},
		"assets/deeper/chunk-z.js.gz": {Data: gzipped(t, script)},
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func newAPI(t *testing.T, settings httpx.Settings) *httpx.API {
	t.Helper()
	catalogue, err := authz.NewCatalogue(nil)
	if err != nil {
		t.Fatal(err)
	}
	api, err := httpx.New(httpx.Config{
		About: httpx.About{Name: `Hanbit & "Co"`, Version: "1"}, Settings: settings, Log: zap.NewNop(),
		Authenticator: authn.Open{}, Authorizer: authz.Open{}, Catalogue: catalogue,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// server serves a console below the path that PUBLIC_URL has; a proxy would take that away.
func server(t *testing.T, console fstest.MapFS, publicURL string) *httptest.Server {
	t.Helper()
	api := newAPI(t, httpx.Settings{PublicURL: publicURL, Docs: true})
	if err := web.Console(api, console); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(api.Handler())
	t.Cleanup(s.Close)
	return s
}

// ask sends a request as it is: it takes no gzip that it did not ask for, and follows nothing.
func ask(t *testing.T, s *httptest.Server, method, path string, header ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestConsole_page(t *testing.T) {
	t.Parallel()
	for publicURL, base := range map[string]string{
		"http://127.0.0.1:8000":             `<base href="/frontend/">`,
		"https://erp.example.org/core":      `<base href="/core/frontend/">`,
		"https://erp.example.org/%ED%95%9C": `<base href="/%ED%95%9C/frontend/">`,
	} {
		s := server(t, built(t), publicURL)
		for _, path := range []string{"/frontend", "/frontend/", "/frontend/users/5", "/frontend/users/5/", "/frontend/assetsment", "/frontend/users/5?tab=grants", "/frontend/a.b/c.js"} {
			answer, body := ask(t, s, "GET", path)
			if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("%s: %d %s", path, answer.StatusCode, answer.Header.Get("Content-Type"))
			}
			if !strings.Contains(body, base) || !strings.Contains(body, `content="Hanbit &amp; &#34;Co&#34;"`) || !strings.Contains(body, `src="./assets/index-Ab3_.js"`) {
				t.Errorf("%s at %s: %s", path, publicURL, body)
			}
		}
	}
}

// Nothing is let in but files of ours: no inline scripts or styles, nothing from elsewhere, and no frame around it.
func TestConsole_policy(t *testing.T) {
	t.Parallel()
	s := server(t, built(t), "https://erp.example.org")
	for _, path := range []string{"/frontend/", "/frontend/grants", "/frontend/assets/index-Ab3_.js"} {
		answer, _ := ask(t, s, "GET", path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
				"connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Strict-Transport-Security": "max-age=31536000",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	if answer, _ := ask(t, s, "GET", "/frontend"); answer.Header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
		t.Error("a page that opens this one keeps hold of it")
	}
}

// The page is asked for each time and sent only when it is another one; what it loads is kept for good.
func TestConsole_caching(t *testing.T) {
	t.Parallel()
	s := server(t, built(t), "http://127.0.0.1:8000")
	first, _ := ask(t, s, "GET", "/frontend/users/5")
	tag := first.Header.Get("ETag")
	if first.Header.Get("Cache-Control") != "no-cache" || !regexp.MustCompile(`^"[0-9a-z]+"$`).MatchString(tag) {
		t.Errorf("the page: Cache-Control %q, ETag %s", first.Header.Get("Cache-Control"), tag)
	}
	for sent, want := range map[string]int{tag: 304, "W/" + tag: 304, `"other", ` + tag: 304, `"other"`: 200} {
		answer, body := ask(t, s, "GET", "/frontend", "If-None-Match", sent)
		if answer.StatusCode != want || (want == 304) != (body == "") || answer.Header.Get("ETag") != tag || answer.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("If-None-Match %s: %d, %d bytes, %v", sent, answer.StatusCode, len(body), answer.Header)
		}
	}
	renamed := built(t)
	renamed["index.html"].Data = []byte(strings.ReplaceAll(page, "Ab3_", "Ef5_"))
	if after, _ := ask(t, server(t, renamed, "http://127.0.0.1:8000"), "GET", "/frontend"); after.Header.Get("ETag") == tag {
		t.Error("another page has the same ETag")
	}
}

func TestConsole_assets(t *testing.T) {
	t.Parallel()
	s := server(t, built(t), "https://erp.example.org/core")
	for path, kind := range map[string]string{
		"/frontend/assets/index-Ab3_.js":   "application/javascript",
		"/frontend/assets/index-C4d-.css":  "text/css; charset=utf-8",
		"/frontend/assets/icon-x.svg":      "image/svg+xml",
		"/frontend/assets/letters-y.woff2": "font/woff2",
	} {
		packed, body := ask(t, s, "GET", path, "Accept-Encoding", "gzip, br")
		if packed.StatusCode != http.StatusOK || packed.Header.Get("Content-Encoding") != "gzip" || body[:2] != "\x1f\x8b" || packed.ContentLength != int64(len(body)) {
			t.Errorf("%s: %d, %q, %d bytes of %d", path, packed.StatusCode, packed.Header.Get("Content-Encoding"), len(body), packed.ContentLength)
		}
		plain, text := ask(t, s, "GET", path)
		if plain.StatusCode != http.StatusOK || plain.Header.Get("Content-Encoding") != "" || body[:2] == text[:2] {
			t.Errorf("%s for a client that takes no gzip: %d, %q: %q", path, plain.StatusCode, plain.Header.Get("Content-Encoding"), text)
		}
		for _, answer := range []*http.Response{packed, plain} {
			if answer.Header.Get("Content-Type") != kind || answer.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || answer.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: %v", path, answer.Header)
			}
		}
	}
	for _, coding := range []string{"gzip", "identity"} {
		whole, _ := ask(t, s, "GET", "/frontend/assets/index-Ab3_.js", "Accept-Encoding", coding)
		tag := whole.Header.Get("ETag")
		if !regexp.MustCompile(`^"[0-9a-zA-Z]+"$`).MatchString(tag) {
			t.Errorf("%s: ETag %s", coding, tag)
		}
		for _, sent := range []string{tag, "W/" + tag, `"other", ` + tag} {
			same, nothing := ask(t, s, "GET", "/frontend/assets/index-Ab3_.js", "Accept-Encoding", coding, "If-None-Match", sent)
			if same.StatusCode != http.StatusNotModified || nothing != "" || same.Header.Get("ETag") != tag || same.Header.Get("Content-Encoding") != "" {
				t.Errorf("%s, If-None-Match %s: %d, %d bytes, %v", coding, sent, same.StatusCode, len(nothing), same.Header)
			}
		}
	}
	if _, text := ask(t, s, "GET", "/frontend/assets/index-Ab3_.js"); text != script {
		t.Errorf("the script is %q", text)
	}
}

// A browser with the page of an earlier build gets 404 for its script; the page itself would be run as a script.
func TestConsole_unknownAsset(t *testing.T) {
	t.Parallel()
	for name, console := range map[string]fstest.MapFS{"built": built(t), "unbuilt": {}} {
		s := server(t, console, "http://127.0.0.1:8000")
		for _, path := range []string{
			"/frontend/assets/index-0000.js", "/frontend/assets", "/frontend/assets/", "/frontend/assets/deeper", "/frontend/assets/deeper/",
			"/frontend/assets/index.html", "/frontend/assets/../index.html", "/frontend/assets/%2e%2e/index.html", "/frontend/assets/.keep",
		} {
			answer, body := ask(t, s, "GET", path, "Accept-Encoding", "gzip")
			var problem httpx.Problem
			if err := json.Unmarshal([]byte(body), &problem); err != nil || answer.StatusCode != http.StatusNotFound || problem.Code != "no_such_path" {
				t.Errorf("%s, %s: %d %s", name, path, answer.StatusCode, body)
			}
			if answer.Header.Get("Content-Type") != "application/problem+json" || answer.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s, %s: %v", name, path, answer.Header)
			}
		}
	}
}

func TestConsole_methods(t *testing.T) {
	t.Parallel()
	s := server(t, built(t), "http://127.0.0.1:8000")
	for _, path := range []string{"/frontend", "/frontend/users/5", "/frontend/assets/index-Ab3_.js"} {
		whole, body := ask(t, s, "GET", path, "Accept-Encoding", "gzip")
		head, nothing := ask(t, s, "HEAD", path, "Accept-Encoding", "gzip")
		if head.StatusCode != http.StatusOK || nothing != "" || head.ContentLength != int64(len(body)) || head.Header.Get("ETag") != whole.Header.Get("ETag") {
			t.Errorf("HEAD %s: %d, length %d, %v", path, head.StatusCode, head.ContentLength, head.Header)
		}
		if answer, _ := ask(t, s, "POST", path); answer.StatusCode != http.StatusMethodNotAllowed || answer.Header.Get("Allow") != "GET" {
			t.Errorf("POST %s: %d, Allow %q", path, answer.StatusCode, answer.Header.Get("Allow"))
		}
	}
}

// Without Node.js the server works; the page says what to do, in the two languages of those who may read it.
func TestConsole_unbuilt(t *testing.T) {
	t.Parallel()
	s := server(t, fstest.MapFS{}, "https://erp.example.org/core")
	for _, path := range []string{"/frontend", "/frontend/", "/frontend/users/5"} {
		answer, body := ask(t, s, "GET", path)
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", path, answer.StatusCode, answer.Header)
		}
		for _, part := range []string{"make web", "Node.js 20.19 or newer", "Node.js 20.19 이상", `href="/core/docs"`, "Hanbit &amp;"} {
			if !strings.Contains(body, part) {
				t.Errorf("%s does not say %s: %s", path, part, body)
			}
		}
		style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(body)
		if style == nil {
			t.Fatal("the page has no style")
		}
		digest := sha256.Sum256([]byte(style[1]))
		if policy, own := answer.Header.Get("Content-Security-Policy"), "'sha256-"+base64.StdEncoding.EncodeToString(digest[:])+"'"; !strings.Contains(policy, "style-src "+own+";") || strings.Contains(policy, "unsafe") {
			t.Errorf("the policy %s does not let in the page's style, which is %s", policy, own)
		}
	}
	hidden := newAPI(t, httpx.Settings{PublicURL: "http://127.0.0.1:8000"})
	if err := web.Console(hidden, fstest.MapFS{}); err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	hidden.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/frontend", nil))
	if strings.Contains(answer.Body.String(), "/docs") {
		t.Errorf("it refers to what is not served: %s", answer.Body)
	}
}

// A page that is not of this server stops the start, and the error says what to do.
func TestConsole_wrongPage(t *testing.T) {
	t.Parallel()
	for name, html := range map[string]string{"no template": `<base href="{{.Base">`, "of another server": `<base href="{{.Root}}">`, "half an attribute": `<p title="{{.Name}}`} {
		err := web.Console(newAPI(t, httpx.Settings{PublicURL: "http://127.0.0.1:8000"}), fstest.MapFS{"index.html": {Data: []byte(html)}})
		if err == nil || !strings.Contains(err.Error(), "run make web") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is embedded is served, whether it was built or not.
func TestBuilt(t *testing.T) {
	t.Parallel()
	console, redoc, err := web.Built()
	if err != nil {
		t.Fatal(err)
	}
	api := newAPI(t, httpx.Settings{PublicURL: "http://127.0.0.1:8000", Docs: true})
	if err := web.Console(api, console); err != nil {
		t.Fatal(err)
	}
	if err := api.Docs(redoc); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/frontend": 200, "/redoc": 200, "/redoc/ui/console": 404, "/redoc/ui/.keep": 404, "/frontend/assets": 404} {
		answer := httptest.NewRecorder()
		api.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if answer.Code != want {
			t.Errorf("%s: %d", path, answer.Code)
		}
	}
}
