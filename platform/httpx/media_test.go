package httpx_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"erp.internal/platform/authn"
	"erp.internal/platform/httpx"
)

type named struct {
	Body struct {
		Name httpx.Name `json:"name"`
	}
}

// storing has an operation that takes a body and one that takes none.
var storing = routes(func(api *httpx.API) {
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		httpx.Register(api, httpx.Operation{ID: strings.ToLower(method) + "-thing", Method: method, Path: "/things", Tag: "Test", Access: authn.Public, Errors: httpx.BodyErrors()},
			func(context.Context, *named) (*body, error) { return &body{}, nil })
	}
	httpx.Register(api, httpx.Operation{ID: "do", Method: http.MethodPost, Path: "/things/do", Tag: "Test", Access: authn.Public},
		func(context.Context, *struct{}) (*body, error) { return &body{}, nil })
})

// The headers that describe a body are understood, ignoring case, or refused with a hint; they are never ignored.
func TestBody_asItIsDeclared(t *testing.T) {
	t.Parallel()
	api, _ := serve(t, nil, storing)
	const json = `{"name":"한빛병원"}`
	type headers = map[string][]string
	for _, tc := range []struct {
		header headers
		status int
		code   string
	}{
		{headers{"Content-Type": {"application/json"}}, 200, ""},
		{headers{"Content-Type": {"Application/JSON"}}, 200, ""},
		{headers{"Content-Type": {"APPLICATION/JSON; Charset=UTF-8"}}, 200, ""},
		{headers{"Content-Type": {`application/json;charset="utf-8"`}}, 200, ""},
		{headers{"Content-Type": {"application/json ; charset=utf8"}}, 200, ""},
		{headers{"Content-Type": {"application/json;"}}, 200, ""},
		{headers{"Content-Type": {"application/json; version=1"}}, 200, ""},
		{headers{"Content-Type": {"Application/Merge-Patch+JSON"}}, 200, ""},
		{headers{"Content-Type": {"application/json", "application/json"}}, 200, ""},
		{headers{"Content-Type": {"application/json; charset=euc-kr"}}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {"application/json; charset=UTF-16"}}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {"application/json", "text/plain"}}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {"application/json, text/plain"}}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {"text/json"}}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {"text/plain;application/json"}}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {"application/jsonp"}}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {"image/svg+json"}}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {"application/x-www-form-urlencoded"}}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {""}}, 415, "unsupported_media_type"},
		{headers{}, 415, "unsupported_media_type"},
		{headers{"Content-Type": {"application/json"}, "Content-Encoding": {"identity"}}, 200, ""},
		{headers{"Content-Type": {"application/json"}, "Content-Encoding": {"Identity, "}}, 200, ""},
		{headers{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}, 415, "unsupported_content_encoding"},
		{headers{"Content-Type": {"application/json"}, "Content-Encoding": {"GZIP"}}, 415, "unsupported_content_encoding"},
		{headers{"Content-Type": {"application/json"}, "Content-Encoding": {"identity", "br"}}, 415, "unsupported_content_encoding"},
		{headers{"Content-Type": {"application/json"}, "Content-Encoding": {"identity, zstd"}}, 415, "unsupported_content_encoding"},
		{headers{"Content-Type": {"application/json"}, "Content-Encoding": {"utf-8"}}, 415, "unsupported_content_encoding"},
		{headers{"Content-Type": {"application/json"}, "Content-Range": {"bytes 0-9/100"}}, 400, "partial_body"},
		{headers{"Content-Type": {"application/json"}, "Accept": {"text/html"}}, 200, ""},
		{headers{"Content-Type": {"application/json"}, "Accept": {"Application/JSON;q=0"}}, 200, ""},
		{headers{"Content-Type": {"application/json"}, "X-Http-Method-Override": {"DELETE"}, "X-Http-Method": {"DELETE"}, "X-Method-Override": {"DELETE"}}, 200, ""},
		{headers{"Content-Type": {"application/json"}, "Range": {"bytes=0-3"}, "If-Range": {`"1"`}}, 200, ""},
	} {
		for _, method := range []string{http.MethodPost, http.MethodPut} {
			request := httptest.NewRequestWithContext(t.Context(), method, "/things", strings.NewReader(json))
			for name, values := range tc.header {
				request.Header[name] = slices.Clone(values)
			}
			recorder := httptest.NewRecorder()
			api.Handler().ServeHTTP(recorder, request)
			answer := recorder.Result()
			if answer.StatusCode != tc.status {
				t.Errorf("%s %v: %d %s, want %d", method, tc.header, answer.StatusCode, recorder.Body, tc.status)
				continue
			}
			if tc.status == 200 {
				if got := answer.Header.Get("Content-Type"); got != "application/json" {
					t.Errorf("%v: answered as %s", tc.header, got)
				}
				continue
			}
			if p := problem(t, answer); p.Code != tc.code || (tc.code == "unsupported_content_encoding") != (answer.Header.Get("Accept-Encoding") == "identity") {
				t.Errorf("%s %v: %+v, %v", method, tc.header, p, answer.Header)
			}
		}
	}
	if r := send(t, api, http.MethodPost, "/things/do", "Content-Encoding", "gzip", "Content-Type", "text/plain"); r.StatusCode != http.StatusOK {
		t.Errorf("an operation without a body asks what it is: %d", r.StatusCode)
	}
	for _, method := range []string{"post", "Put", "PATCH"} { // RFC 9110, section 9.1: methods are exact
		if r := send(t, api, method, "/things"); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") == "" {
			t.Errorf("%s: %d, Allow %q", method, r.StatusCode, r.Header.Get("Allow"))
		}
	}
}

// Whatever somebody is typing into a search box gives an answer, in a list and elsewhere.
func TestSearch_asItIsTyped(t *testing.T) {
	t.Parallel()
	type list struct{ httpx.ListInput }
	type export struct {
		Q httpx.Search `query:"q"`
	}
	var searched string
	api, _ := serve(t, nil, routes(func(api *httpx.API) {
		httpx.Register(api, httpx.Operation{ID: "list", Method: http.MethodGet, Path: "/list", Tag: "Test", Access: authn.Public, Errors: []int{422}},
			func(_ context.Context, in *list) (*body, error) { searched = in.Q.Text(); return &body{}, nil })
		httpx.Register(api, httpx.Operation{ID: "export", Method: http.MethodGet, Path: "/export", Tag: "Test", Access: authn.Public, Errors: []int{422}},
			func(_ context.Context, in *export) (*body, error) { searched = in.Q.Text(); return &body{}, nil })
	}))
	for _, path := range []string{"/list", "/export"} {
		for given, want := range map[string]string{
			"": "", "%20": "", "+": "", "%E3%80%80": "", "%09": "", "%0D%0A": "", "%01": "", "%E2%80%8B": "", "+kim+": "kim", "kim%09lee": "kim lee", "%E3%85%8E": "ㅎ", "%E1%84%92": "\u1112", "%E1%84%92%E1%85%A1": "하",
			"%EC%84%9C%EC%9A%B8%E3%85%82": "서울ㅂ",
		} {
			searched = "nothing was searched for"
			if r := get(t, api, path+"?q="+given); r.StatusCode != http.StatusOK || searched != want {
				t.Errorf("%s?q=%s: %d, searched for %q", path, given, r.StatusCode, searched)
			}
		}
		for given, code := range map[string]string{"%00": "control_character", "%FF": "not_utf8", strings.Repeat("x", 256): "too_long"} {
			r := get(t, api, path+"?q="+given)
			if p := problem(t, r); r.StatusCode != http.StatusUnprocessableEntity || len(p.Errors) != 1 || p.Errors[0].Location != "query.q" || p.Errors[0].Code != code {
				t.Errorf("%s?q=%.10s: %d %+v", path, given, r.StatusCode, p)
			}
		}
	}
}

// A client that asks for a part gets the whole, and one that names a moment of a query with a raw + learns how to write it.
func TestQuery_moment(t *testing.T) {
	t.Parallel()
	type input struct {
		At string `query:"at" format:"date-time"`
	}
	api, _ := serve(t, nil, routes(func(api *httpx.API) {
		httpx.Register(api, httpx.Operation{ID: "moments", Method: http.MethodGet, Path: "/moments", Tag: "Test", Access: authn.Public, Errors: []int{422}},
			func(context.Context, *input) (*body, error) { return &body{}, nil })
	}))
	for given, good := range map[string]bool{
		"2031-01-01T00:00:00%2B09:00": true, "2031-01-01T00:00:00Z": true, "2031-01-01T00:00:00-09:00": true,
		"2031-01-01T00:00:00+09:00": false, "2031-01-01": false, "tomorrow": false, "2031-01-01T00:00:00": false, "1924905600": false,
	} {
		r := get(t, api, "/moments?at="+given, "Range", "bytes=0-0")
		if good {
			if r.StatusCode != http.StatusOK {
				t.Errorf("%s: %d", given, r.StatusCode)
			}
			continue
		}
		p := problem(t, r)
		if r.StatusCode != http.StatusUnprocessableEntity || len(p.Errors) != 1 || p.Errors[0].Code != "date_time" || p.Errors[0].Location != "query.at" || !strings.Contains(p.Errors[0].Message, "%2B") {
			t.Errorf("%s: %d %+v", given, r.StatusCode, p)
		}
	}
}
