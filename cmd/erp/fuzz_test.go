package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/fx"

	"erp.internal/migrations"
	"erp.internal/platform/authn"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/postgres/pgtest"
)

// Whatever method, path, header and body come in, from a caller who may do everything: no answer is 5xx, and every error
// is a problem document.
func FuzzRouter(f *testing.F) {
	s, err := load(console{})
	if err != nil {
		f.Fatal(err)
	}
	s.identity.Hashing.MemoryKiB, s.identity.Hashing.Time = 8, 1 // hashes that take no time
	s.identity.App.AddressAttempts = 1 << 30
	c := apitest.On(f, pgtest.New(f, migrations.Files), modules(), fx.Supply(s.identity), fx.Decorate(authn.OpenTo))
	c.Do(f, "POST", "/organizations/", `{"name":"A"}`).Want(f, http.StatusCreated)
	c.Do(f, "POST", "/departments/", `{"organization_id":1,"name":"X"}`).Want(f, http.StatusCreated)
	c.Do(f, "POST", "/users/", `{"email":"a@example.org","organization_id":1,"department_id":1}`).Want(f, http.StatusCreated)
	c.Do(f, "POST", "/roles/", `{"name":"R","permissions":["user.read"]}`).Want(f, http.StatusCreated)
	c.Do(f, "POST", "/grants/", `{"user_id":1,"role_id":5,"department_id":1}`).Want(f, http.StatusCreated)
	const inJSON = "Content-Type: application/json"
	for _, seed := range [][4]string{
		{"GET", "/", "", ""},
		{"GET", "/organizations/?limit=1&sort=-name&q=%EC%84%9C&count=true", "Accept: text/html", ""},
		{"GET", "/organizations/?after=eyJzIjoiaWQiLCJrIjoiIiwiaSI6MX0", "", ""},
		{"POST", "/organizations/", inJSON, `{"name":"B","description":null}`},
		{"PUT", "/organizations/1", "If-Match: \"1\"", `{"name":"\u0000"}`},
		{"PUT", "/departments/1", "Content-Type: application/json;charset=utf-8", `{"parent_id":1,"code":"é","sort_order":-1e300}`},
		{"POST", "/departments/1/move", "Content-Type: application/cbor", "\xa1\x69parent_id\xf6"},
		{"POST", "/departments/1/move", inJSON, `{"parent_id":null,"position":9223372036854775807}`},
		{"DELETE", "/departments/-9223372036854775808", "If-Match: W/*,\"", ""},
		{"GET", "/organizations/%2e%2e/1%00", "X-Request-Id: \x7f", ""},
		{"OPTIONS", "//organizations//1/tree/", "Origin: null", ""},
		{"TRACE", "/readyz", "Range: bytes=0-", ""},
		{"GET", "/departments/?parent_id=null&organization_id=1&limit=1000", "If-None-Match: *", ""},
		{"GET", "/users/?is_active=false&department_id=1&id=1,2&sort=-full_name", "", ""},
		{"POST", "/users/", inJSON, `{"email":"b@xn--om3bw6p.xn--3e0b707e","full_name":"ㄱ","password":"q7!xKw2p"}`},
		{"PUT", "/users/1", inJSON, `{"id":1,"email":"a@example.org","is_active":false,"organization_id":null,"created_at":"x"}`},
		{"POST", "/users/1/password-reset", "", ""},
		{"GET", "/users/1/sign-ins?q=%20&limit=1", "", ""},
		{"PUT", "/roles/5", inJSON, `{"permissions":["user.read","user.update"],"name":"member` + "\u200d" + `"}`},
		{"PUT", "/users/1/roles/5", "", ""},
		{"POST", "/grants/", inJSON, `{"user_id":1,"role_id":5,"valid_from":"0000-01-01T00:00:00Z","valid_until":"9999-12-31T23:59:59+00:00"}`},
		{"GET", "/grants/?covering=true&department_id=1&permission=user.read&at=2031-01-01T00:00:00+09:00", "", ""},
		{"GET", "/grants.csv?state=ended&q=%00", "", ""},
		{"DELETE", "/grants/1?reason=%F0%9F%91%A9", "", ""},
		{"POST", "/access/check", inJSON, `{"user_id":1,"permission":"user.read","department_id":1,"at":"2026-02-30T00:00:00Z"}`},
		{"POST", "/auth/login", inJSON, `{"email":"A@EXAMPLE.org。","password":"\ud800"}`},
		{"POST", "/auth/password-reset", inJSON, `{"email":"a@example.org","code":"7K2QX-","new_password":""}`},
		{"GET", "/users/1", "Authorization: Bearer Gnd1Zlc5odFv7gmv--kwEQ6IW1M7A753tgyYR7JRwO0", ""},
		{"GET", "/auth/me", "Cookie: session=a; session=b", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], []byte(seed[3]))
	}
	handler := c.API.Handler()
	f.Fuzz(func(t *testing.T, method, path, header string, body []byte) {
		request, err := http.NewRequest(method, "http://127.0.0.1"+path, bytes.NewReader(body))
		if err != nil {
			return // net/http's server would not have let it in either
		}
		request.RequestURI, request.RemoteAddr = path, "127.0.0.1:1"
		if name, value, ok := strings.Cut(header, ": "); ok {
			request.Header.Set(name, value)
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		answer := recorder.Result()
		content, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s %q with %q: %d %s", method, path, header, answer.StatusCode, content)
		}
		if answer.StatusCode >= http.StatusBadRequest {
			if wrong := apitest.Problem(answer.StatusCode, answer.Header, content); wrong != "" {
				t.Errorf("%s %q with %q: %s", method, path, header, wrong)
			}
		}
	})
}
