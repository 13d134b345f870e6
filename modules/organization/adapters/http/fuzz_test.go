package http_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"erp.internal/platform/httpx/apitest"
)

// Whatever method, path, header and body come in, no answer is 5xx and every error is a problem document.
func FuzzRouter(f *testing.F) {
	c := newClient(f)
	c.Do(f, "POST", "/organizations/", `{"name":"A"}`).Want(f, http.StatusCreated)
	c.Do(f, "POST", "/departments/", `{"organization_id":1,"name":"X"}`).Want(f, http.StatusCreated)
	for _, seed := range [][4]string{
		{"GET", "/", "", ""},
		{"GET", "/organizations/?limit=1&sort=-name&q=%EC%84%9C&count=true", "Accept: text/html", ""},
		{"GET", "/organizations/?after=eyJzIjoiaWQiLCJrIjoiIiwiaSI6MX0", "", ""},
		{"POST", "/organizations/", "Content-Type: application/json", `{"name":"B","description":null}`},
		{"PUT", "/organizations/1", "If-Match: \"1\"", `{"name":"\u0000"}`},
		{"PUT", "/departments/1", "Content-Type: application/json;charset=utf-8", `{"parent_id":1,"code":"é","sort_order":-1e300}`},
		{"POST", "/departments/1/move", "Content-Type: application/cbor", "\xa1\x69parent_id\xf6"},
		{"DELETE", "/departments/-9223372036854775808", "If-Match: W/*,\"", ""},
		{"GET", "/organizations/%2e%2e/1%00", "X-Request-Id: \x7f", ""},
		{"OPTIONS", "//organizations//1/tree/", "Origin: null", ""},
		{"TRACE", "/readyz", "Range: bytes=0-", ""},
		{"GET", "/departments/?parent_id=null&organization_id=1&limit=1000", "If-None-Match: *", ""},
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
