package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/httpx"
	"erp.internal/platform/pg/pgtest"
)

// The request examples for editors stay true: each file's requests are sent, from top to bottom, to a server on a fresh
// database, and each answers with the status that its title gives in parentheses.
func TestHTTPFiles(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../docs/http/*.http")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			db := pgtest.New(t, migrations.Files)
			s, err := load(console{})
			if err != nil {
				t.Fatal(err)
			}
			var api *httpx.API
			if err := assemble(graph(s, db, zap.NewNop()), &api); err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(api.Handler())
			t.Cleanup(server.Close)
			requests, err := parseHTTPFile(string(content), server.URL)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range requests {
				request, err := http.NewRequestWithContext(t.Context(), r.method, r.url, strings.NewReader(r.body))
				if err != nil {
					t.Fatal(err)
				}
				request.Header = r.header
				response, err := server.Client().Do(request)
				if err != nil {
					t.Fatal(err)
				}
				answer, _ := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if response.StatusCode != r.status {
					t.Errorf("%s: status %d, its title says %d\n%s", r.title, response.StatusCode, r.status, answer)
				}
			}
		})
	}
}

type fileRequest struct {
	title, method, url, body string
	header                   http.Header
	status                   int
}

var (
	statusInTitle = regexp.MustCompile(`\((\d{3})\)\s*$`)
	variable      = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)
)

// parseHTTPFile reads the part of the format that VS Code's REST Client and IntelliJ's HTTP Client share: requests
// between lines of ###, @variables of the file, comments. The variable host is the server's address here.
func parseHTTPFile(text, host string) ([]fileRequest, error) {
	variables := map[string]string{}
	var requests []fileRequest
	sections := strings.Split("\n"+text, "\n###")
	for i, section := range sections {
		title, rest, _ := strings.Cut(section, "\n")
		if i == 0 {
			title, rest = "", section
		}
		head, body, _ := strings.Cut(strings.TrimLeft(strip(rest, variables), "\n"), "\n\n")
		if strings.TrimSpace(head) == "" {
			continue
		}
		variables["host"] = host
		lines := strings.Split(expand(head, variables), "\n")
		method, url, ok := strings.Cut(lines[0], " ")
		status := statusInTitle.FindStringSubmatch(title)
		if !ok || status == nil {
			return nil, fmt.Errorf("%q needs a request line and a status in its title", strings.TrimSpace(title))
		}
		r := fileRequest{title: strings.TrimSpace(title), method: method, url: strings.TrimSpace(url), header: http.Header{}, body: expand(strings.TrimSpace(body), variables)}
		r.status, _ = strconv.Atoi(status[1])
		for _, line := range lines[1:] {
			name, value, _ := strings.Cut(line, ":")
			r.header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
		}
		requests = append(requests, r)
	}
	if len(requests) == 0 {
		return nil, fmt.Errorf("there are no requests")
	}
	return requests, nil
}

// strip takes comments and variables out of a section, and notes the variables.
func strip(section string, variables map[string]string) string {
	var kept []string
	for line := range strings.Lines(section) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") {
			continue
		}
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(line, "@") {
			variables[strings.TrimSpace(name[1:])] = strings.TrimSpace(value)
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

func expand(s string, variables map[string]string) string {
	return variable.ReplaceAllStringFunc(s, func(v string) string { return variables[variable.FindStringSubmatch(v)[1]] })
}
