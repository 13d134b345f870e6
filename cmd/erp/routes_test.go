package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/httpx"
	"erp.internal/postgres/pgtest"
)

// public are the routes that nobody need sign in for. Another one is a decision: it is written down here.
var public = []string{
	"GET /", "GET /healthz", "GET /readyz",
	"GET /docs", "GET /docs/start.js", "GET /docs/ui/*file", "GET /redoc", "GET /redoc/ui/*file", "GET /openapi.json", "GET /openapi.yaml",
	"GET /frontend", "GET /frontend/*page",
	"POST /auth/login", "POST /auth/session", "POST /auth/password-reset",
}

// Every other route is refused to anonymous callers before anything else is checked.
func TestRoutes_needSignIn(t *testing.T) {
	t.Parallel()
	s, err := load(console{})
	if err != nil {
		t.Fatal(err)
	}
	var api *httpx.API
	if err := assemble(graph(s, pgtest.New(t, migrations.Files), zap.NewNop()), &api); err != nil {
		t.Fatal(err)
	}
	handler := api.Handler()
	asked := 0
	for _, route := range api.Paths() {
		if slices.Contains(public, route) {
			continue
		}
		method, path, _ := strings.Cut(route, " ")
		for _, part := range []string{":id", ":session_id"} {
			path = strings.ReplaceAll(path, part, "1")
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(method, path+"?nonsense=1", strings.NewReader("{nonsense")))
		if answer.Code != http.StatusUnauthorized {
			t.Errorf("%s answers %d: %s", route, answer.Code, answer.Body)
		}
		asked++
	}
	if asked < 30 {
		t.Errorf("only %d routes were asked", asked)
	}
}
