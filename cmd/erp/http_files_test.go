package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/modules/identity"
	"erp.internal/platform/httpx"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// The request examples for editors stay true: each file's requests are sent, from top to bottom, to a server on a fresh
// database with an administrator, and each answers with the status that its title gives in parentheses, and with the code
// that stands before it.
func TestHTTPFiles(t *testing.T) {
	t.Parallel()
	for _, path := range httpFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			server := serverWithAdministrator(t, pgtest.New(t, migrations.Files))
			sendHTTPFile(t, path, server.URL, server.Client())
		})
	}
}

// httpFiles are the files of the modules, and those of the platform in docs/http.
func httpFiles(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../../docs/http/*.http", modulesFiles} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no files: %v", pattern, err)
		}
		all = append(all, paths...)
	}
	return all
}

const modulesFiles = "../../modules/*/requests/*.http"

// sendHTTPFile sends a file's requests to a server with an administrator and nothing else.
func sendHTTPFile(t *testing.T, path, host string, client *http.Client) {
	t.Helper()
	file := readHTTPFile(t, path)
	file.variables["host"] = host
	for _, r := range file.requests {
		status, answer := file.send(t, client, r)
		if status != r.status {
			t.Errorf("%s: status %d, its title says %d\n%s", r.title, status, r.status, answer)
		}
		if code := r.code(); code != "" && !strings.Contains(string(answer), fmt.Sprintf(`"code":%q`, code)) {
			t.Errorf("%s: not with this code: %s", r.title, answer)
		}
	}
}

func readHTTPFile(t *testing.T, path string) httpFile {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parseHTTPFile(string(content))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return file
}

// serverWithAdministrator returns a server whose client keeps cookies, as editors do.
func serverWithAdministrator(t *testing.T, db *pg.DB) *httptest.Server {
	t.Helper()
	s, err := load(console{})
	if err != nil {
		t.Fatal(err)
	}
	var api *httpx.API
	var administrators *identity.Administrators
	if err := assemble(graph(s, db, zap.NewNop()), &api, &administrators); err != nil {
		t.Fatal(err)
	}
	if _, _, err := administrators.EnsureFirst(t.Context(), identity.Administrator{Email: "root@example.org", Password: "correct horse battery"}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	server.Client().Jar, _ = cookiejar.New(nil) // never fails
	return server
}

// httpFile is the part of the format that the files use: what VS Code's REST Client and IntelliJ's HTTP Client share,
// which is requests between lines of ###, @variables of the file, and comments; and the former's values of answers,
// {{name.response.body.$.field}} for a request below a line "# @name name".
type httpFile struct {
	requests  []fileRequest
	variables map[string]string
}

// fileRequest is a request whose head and body still hold the variables, since some are known by its turn only.
type fileRequest struct {
	title, name, head, body string
	status                  int
}

// code returns the code of the error that the title names before the status, "" where it names none.
func (r fileRequest) code() string {
	named := codeInTitle.FindStringSubmatch(r.title)
	if named == nil || r.status < http.StatusBadRequest {
		return ""
	}
	return named[1]
}

var (
	codeInTitle   = regexp.MustCompile(`: ([a-z_]+(?:\.[a-z_]+)?) \(\d{3}\)$`)
	statusInTitle = regexp.MustCompile(`\((\d{3})\)\s*$`)
	requestName   = regexp.MustCompile(`(?m)^# @name (\w+)$`)
	variable      = regexp.MustCompile(`\{\{\s*([\w.$]+)\s*\}\}`)
)

func parseHTTPFile(text string) (httpFile, error) {
	file := httpFile{variables: map[string]string{}}
	for _, section := range strings.Split("###"+text, "\n###") {
		title, rest, _ := strings.Cut(section, "\n")
		head, body, _ := strings.Cut(strings.TrimLeft(file.strip(rest), "\n"), "\n\n")
		if strings.TrimSpace(head) == "" {
			continue
		}
		r := fileRequest{title: strings.TrimSpace(title), head: head, body: strings.TrimSpace(body)}
		if name := requestName.FindStringSubmatch(rest); name != nil {
			r.name = name[1]
		}
		status := statusInTitle.FindStringSubmatch(title)
		if status == nil {
			return httpFile{}, fmt.Errorf("%q needs a status in its title", r.title)
		}
		r.status, _ = strconv.Atoi(status[1])
		file.requests = append(file.requests, r)
	}
	if len(file.requests) == 0 {
		return httpFile{}, fmt.Errorf("there are no requests")
	}
	return file, nil
}

// strip takes comments and variables out of a section, and notes the variables.
func (f httpFile) strip(section string) string {
	var kept []string
	for line := range strings.Lines(section) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") {
			continue
		}
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(line, "@") {
			f.variables[strings.TrimSpace(name[1:])] = strings.TrimSpace(value)
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// send sends a request and, when it has a name, notes what its answer holds.
func (f httpFile) send(t *testing.T, client *http.Client, r fileRequest) (status int, answer []byte) {
	t.Helper()
	lines := strings.Split(f.expand(t, r.head), "\n")
	method, url, _ := strings.Cut(lines[0], " ")
	request, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSpace(url), strings.NewReader(f.expand(t, r.body)))
	if err != nil {
		t.Fatalf("%s: %v", r.title, err)
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		request.Header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("%s: %v", r.title, err)
	}
	answer, _ = io.ReadAll(response.Body)
	_ = response.Body.Close()
	var fields map[string]any
	if r.name != "" && json.Unmarshal(answer, &fields) == nil {
		for name, value := range fields {
			f.variables[r.name+".response.body.$."+name] = fmt.Sprint(value)
		}
	}
	return response.StatusCode, answer
}

// expand puts in what variables stand for, which may be variables.
func (f httpFile) expand(t *testing.T, s string) string {
	t.Helper()
	return variable.ReplaceAllStringFunc(s, func(v string) string {
		value, known := f.variables[variable.FindStringSubmatch(v)[1]]
		if !known {
			t.Fatalf("nothing says what %s is", v)
		}
		return f.expand(t, value)
	})
}
