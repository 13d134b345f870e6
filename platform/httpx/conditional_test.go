package httpx_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"erp.internal/platform/authn"
	"erp.internal/platform/httpx"
)

// Answers of any length arrive whole, say how long they are, and are not sent again to a client that has them.
func TestConditional_ofLongAnswers(t *testing.T) {
	t.Parallel()
	type sized struct {
		Length int `query:"length"`
	}
	var long routes = func(api *httpx.API) {
		httpx.Register(api, httpx.Operation{ID: "long", Method: http.MethodGet, Path: "/long", Tag: "Test", Access: authn.Public},
			func(_ context.Context, in *sized) (*struct{ Body []string }, error) {
				return &struct{ Body []string }{slices.Repeat([]string{"0123456789"}, in.Length)}, nil
			})
	}
	api, _ := serve(t, nil, long)
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	tags := map[string]bool{}
	for _, length := range []int{0, 1, 2_519, 2_520, 2_521, 20_000, 20_164, 1_000_000} {
		ask := func(seen string) *http.Response {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/long?length="+strconv.Itoa(length), nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("If-None-Match", seen)
			answer, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = answer.Body.Close() })
			return answer
		}
		first := ask("")
		body, err := io.ReadAll(first.Body)
		var items []string
		if err != nil || json.Unmarshal(body, &items) != nil || len(items) != length {
			t.Errorf("%d of %d items, %v", len(items), length, err)
		}
		if first.ContentLength != int64(len(body)) {
			t.Errorf("%d items: the length is said to be %d and is %d", length, first.ContentLength, len(body))
		}
		tag := first.Header.Get("ETag")
		if !strings.HasPrefix(tag, "W/") || tags[tag] {
			t.Errorf("%d items: ETag %s", length, tag)
		}
		tags[tag] = true
		second := ask(tag)
		if body, err := io.ReadAll(second.Body); second.StatusCode != http.StatusNotModified || len(body) > 0 || err != nil {
			t.Errorf("%d items again: %d, %d bytes, %v", length, second.StatusCode, len(body), err)
		}
	}
}
