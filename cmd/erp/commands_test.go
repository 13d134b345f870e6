package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"erp.internal/migrations"
	"erp.internal/postgres/pgtest"
)

func TestCommands_usage(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"nonsense", "serve nonsense", "serve --nonsense", "migrate", "migrate sideways", "migrate down", "migrate down x", "openapi --format=xml", "admin", "admin create"} {
		t.Run("when it is asked for "+args, func(t *testing.T) {
			t.Parallel()
			p := command(t, nil, strings.Fields(args)...)
			p.failsWith(exitUsage, 1)
			if !strings.Contains(p.err.String(), "see erp --help") || p.out.String() != "" {
				t.Errorf("it says %s%s", &p.out, &p.err)
			}
		})
	}
}

func TestCommands_help(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"", "--help", "-h", "serve --help", "migrate --help", "migrate up --help", "migrate down --help", "migrate status --help",
		"openapi --help", "healthcheck --help", "version --help", "admin --help", "admin create --help"} {
		t.Run("when it is asked for "+args, func(t *testing.T) {
			t.Parallel()
			p := command(t, []string{"DATABASE_URL=postgres://127.0.0.1:1/none"}, strings.Fields(args)...)
			if code := p.wait(); code != exitDone || !strings.HasPrefix(p.out.String(), "Usage: erp") || p.err.String() != "" {
				t.Errorf("exit code %d: %s%s", code, &p.out, &p.err)
			}
		})
	}
}

func TestCommands_version(t *testing.T) {
	t.Parallel()
	p := command(t, nil, "version")
	if code := p.wait(); code != exitDone || p.out.String() != version()+"\n" || p.err.String() != "" {
		t.Errorf("exit code %d: %s%s", code, &p.out, &p.err)
	}
}

func TestCommands_openapi(t *testing.T) {
	t.Parallel()
	p := command(t, []string{"DATABASE_URL=postgres://nobody@127.0.0.1:1/none"}, "openapi")
	var document struct {
		OpenAPI string                    `json:"openapi"`
		Paths   map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(p.out.String()), &document); err != nil || p.wait() != exitDone || p.err.String() != "" {
		t.Fatalf("%v: %s", err, &p.err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.") {
		t.Errorf("it is of version %q", document.OpenAPI)
	}
	for path, methods := range map[string]string{"/organizations": "get post", "/organizations/{id}": "get put delete", "/readyz": "get"} {
		for method := range strings.FieldsSeq(methods) {
			if document.Paths[path][method] == nil {
				t.Errorf("%s %s is not in it", method, path)
			}
		}
	}
	yaml := command(t, nil, "openapi", "--format=yaml")
	if code := yaml.wait(); code != exitDone || !strings.Contains(yaml.out.String(), "/organizations:") {
		t.Errorf("in YAML: exit code %d: %s", code, &yaml.err)
	}
}

func TestCommands_migrate(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	says := func(want string, args ...string) {
		t.Helper()
		p := command(t, []string{"DATABASE_URL=" + url}, append([]string{"migrate"}, args...)...)
		if code := p.wait(); code != exitDone || len(p.complaints()) > 0 || !strings.HasPrefix(p.out.String(), want) {
			t.Errorf("erp migrate %v: exit code %d, want 0 and %q: %s%s", args, code, want, &p.out, &p.err)
		}
	}
	latest := numberOfMigrations(t)
	says("version 0 of "+latest+"\npending 000001_organization_organizations\npending 000002_", "status")
	says("version "+latest+" of "+latest+"\n", "up")
	says("version "+latest+" of "+latest+"\n", "up")
	says("version "+latest+" of "+latest+"\n", "status")
	says("version ", "down", "1")
	says("version "+latest+" of "+latest+"\n", "up")
	says("version 0 of "+latest+"\npending 000001_", "down", latest)

	command(t, []string{"DATABASE_URL=" + url}, "migrate", "down", "1").fails("cannot undo 1 migrations: 0 are applied")
	command(t, []string{"DATABASE_URL=" + url}, "migrate", "down", "0").failsWith(exitUsage, 1)
	command(t, nil, "migrate", "status").fails("erp: DATABASE_URL is not set", "postgres://user:password@host:5432/database")
	command(t, []string{"DATABASE_URL=postgres://erp:" + secret + "@" + unused(t) + "/erp"}, "migrate", "up").fails("erp: DATABASE_URL: no PostgreSQL server answers at ")
}

func numberOfMigrations(t *testing.T) string {
	t.Helper()
	all := upFiles(t)
	return strings.TrimLeft(all[len(all)-1][:6], "0")
}

func TestCommands_healthcheck(t *testing.T) {
	t.Parallel()
	t.Run("when the server is ready", func(t *testing.T) {
		t.Parallel()
		server := serve(t, t.TempDir(), "DATABASE_URL="+pgtest.URL(t, migrations.Files))
		p := command(t, []string{"HTTP_ADDR=" + server.address}, "healthcheck")
		if code := p.wait(); code != exitDone || p.out.String() != "ready\n" || p.err.String() != "" {
			t.Errorf("exit code %d: %s%s", code, &p.out, &p.err)
		}
	})
	t.Run("when it is not", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
		defer server.Close()
		addr := server.Listener.Addr().String()
		command(t, []string{"HTTP_ADDR=" + addr}, "healthcheck").fails("the server at "+addr+" is not ready (status 503)", "see its log")
	})
	t.Run("when there is none", func(t *testing.T) {
		t.Parallel()
		addr := unused(t)
		command(t, []string{"HTTP_ADDR=" + addr}, "healthcheck").fails("no server answers at "+addr, "HTTP_ADDR")
	})
}
