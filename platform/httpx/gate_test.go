package httpx_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/httpx"
)

// ASVS 8.2.1: what nobody declared open is closed.
func TestNew_refusesAnOperationWithoutAccess(t *testing.T) {
	t.Parallel()
	for name, access := range map[string]authn.Access{"none": nil, "a blank permission": authz.Permission(""), "one that nobody declares": authz.Permission("thing.burn")} {
		_, err := httpx.New(httpx.Config{Settings: httpx.Settings{PublicURL: "http://h"}, Log: zap.NewNop(), Catalogue: catalogue(t)},
			[]httpx.Routes{operation("/open", access, nothing)})
		if err == nil || !strings.Contains(err.Error(), "operation op-open") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type authenticator func(*http.Request) (authn.Principal, error)

func (a authenticator) Authenticate(r *http.Request) (authn.Principal, error) { return a(r) }

type onlyReads struct{ authz.Open }

func (onlyReads) Anywhere(_ context.Context, p authz.Permission) error {
	if p == permissionRead {
		return nil
	}
	return authz.ErrForbidden
}

// Every refusal is recorded with who, what and from where, also one that is answered as if nothing were there.
func TestRefusals_areRecorded(t *testing.T) {
	t.Parallel()
	missing := errs.New(errs.NotFound, "thing.not_found", "Thing not found")
	api, logs := serve(t, func(c *httpx.Config) {
		c.Authorizer = onlyReads{}
		c.Authenticator = authenticator(func(*http.Request) (authn.Principal, error) { return authn.Principal{UserID: 7, SignedIn: true}, nil })
	},
		operation("/gate", permissionWrite, nothing),
		operation("/seen", permissionRead, func(context.Context) error { return authz.ErrForbidden }),
		operation("/unseen", permissionRead, func(context.Context) error { return authz.HideForbidden(authz.ErrForbidden, missing) }),
		operation("/missing", permissionRead, func(context.Context) error { return missing }),
		operation("/done", permissionRead, nothing))
	for path, want := range map[string]int{"/gate": 403, "/seen": 403, "/unseen": 404, "/missing": 404, "/done": 200} {
		request := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8000"+path, nil)
		request.RemoteAddr = "192.0.2.7:1234"
		request.Header.Set("X-Request-Id", "asked"+path[1:])
		answer := httptest.NewRecorder()
		api.Handler().ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("%s: status %d", path, answer.Code)
		}
	}
	var got []string
	for _, entry := range logs.FilterMessage("refused").All() {
		f := entry.ContextMap()
		got = append(got, fmt.Sprint(f["user_id"], f["method"], f["path"], f["status"], f["code"], f["address"], f["request_id"]))
	}
	slices.Sort(got)
	want := []string{"7GET/gate403forbidden192.0.2.7askedgate", "7GET/seen403forbidden192.0.2.7askedseen", "7GET/unseen404thing.not_found192.0.2.7askedunseen"}
	if len(got) != 3 {
		t.Fatalf("recorded: %v", got)
	}
	for i, line := range got {
		if strings.ReplaceAll(line, " ", "") != want[i] {
			t.Errorf("recorded: %s, want %s", line, want[i])
		}
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	reached := func(ctx context.Context) error {
		return errs.New(errs.Conflict, "reached", fmt.Sprint(authn.From(ctx).UserID))
	}
	api, _ := serve(t, func(c *httpx.Config) {
		c.Authorizer = onlyReads{}
		c.Authenticator = authenticator(func(r *http.Request) (authn.Principal, error) {
			switch r.Header.Get("Authorization") {
			case "":
				return authn.Principal{}, nil
			case "Bearer good":
				return authn.Principal{UserID: 7, SignedIn: true}, nil
			case "Bearer away":
				return authn.Principal{}, &errs.Error{Kind: errs.Unavailable, Code: "away", Message: "Away", RetryAfter: 1500 * time.Millisecond}
			default:
				return authn.Principal{}, authn.ErrNotSignedIn
			}
		})
	}, operation("/public", authn.Public, reached), operation("/own", authn.SignedIn, reached),
		operation("/read", permissionRead, reached), operation("/write", permissionWrite, reached))

	for _, tc := range []struct {
		path, token string
		status      int
		detail      string
	}{
		{"/public", "", http.StatusConflict, "0"},
		{"/public", "Bearer bad", http.StatusConflict, "0"},
		{"/own", "", http.StatusUnauthorized, ""},
		{"/own", "Bearer bad", http.StatusUnauthorized, ""},
		{"/own", "Bearer good", http.StatusConflict, "7"},
		{"/own", "Bearer away", http.StatusServiceUnavailable, ""},
		{"/read", "", http.StatusUnauthorized, ""},
		{"/read", "Bearer good", http.StatusConflict, "7"},
		{"/write", "Bearer good", http.StatusForbidden, ""},
		{"/write?unknown=1", "Bearer bad", http.StatusUnauthorized, ""}, // a caller without access learns nothing of the input
		{"/write?unknown=1", "Bearer good", http.StatusForbidden, ""},
	} {
		r := get(t, api, tc.path, "Authorization", tc.token)
		p := problem(t, r)
		if r.StatusCode != tc.status || tc.detail != "" && p.Detail != tc.detail {
			t.Errorf("%s with %q: %d %+v, want %d %s", tc.path, tc.token, r.StatusCode, p, tc.status, tc.detail)
		}
		if (r.StatusCode == http.StatusUnauthorized) != (r.Header.Get("WWW-Authenticate") == "Bearer") {
			t.Errorf("%s with %q: WWW-Authenticate is %q", tc.path, tc.token, r.Header.Get("WWW-Authenticate"))
		}
		if tc.status == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != "2" {
			t.Errorf("Retry-After is %q", r.Header.Get("Retry-After"))
		}
	}
}
