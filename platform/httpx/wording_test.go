package httpx_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"erp.internal/platform/authn"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/httpx"
	"erp.internal/platform/page"
)

var errMustChange = errs.New(errs.Forbidden, "password.must_change", "Change your password first")

// reworded adds an operation of each method that fails, with errors that have other words in this API.
func reworded(err error) routes {
	return func(api *httpx.API) {
		api.Reword(errMustChange, "Change your password first: POST /password")
		api.RewordRule("unknown_color", "is no color; GET /colors lists them")
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
			httpx.Register(api, httpx.Operation{
				ID: "fails-" + strings.ToLower(method), Method: method, Path: "/fails", Tag: "Failures", Access: authn.Public, Summary: "Fail",
			}, func(context.Context, *struct{}) (*httpx.Empty, error) { return nil, err })
		}
	}
}

// The API says in its own words what use cases, which know no paths and no parameters, say in theirs.
func TestAPI_Reword(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method string
		err    error
		want   string
	}{
		"an error":                       {"POST", errMustChange.WithCause(io.EOF), `"detail":"Change your password first: POST /password"`},
		"a rule of a body":               {"POST", errs.Violation("color", "unknown_color", "is no color"), `{"location":"body.color","message":"is no color; GET /colors lists them","code":"unknown_color"}`},
		"a rule of another body":         {"PUT", errs.Violation("color", "unknown_color", "is no color"), `"location":"body.color"`},
		"a rule of a query":              {"GET", errs.Violation("color", "unknown_color", "is no color"), `"location":"query.color"`},
		"a rule of a query of a removal": {"DELETE", errs.Violation("reason", "too_long", "is too long"), `{"location":"query.reason","message":"is too long","code":"too_long"}`},
		"a part that is named":           {"GET", errs.Violation("path.id", "too_large", "is too large"), `"location":"path.id"`},
		"a cursor":                       {"GET", page.ErrCursor, `{"location":"query.after","message":"must be a cursor from a Link header of this list, with the same sort","code":"cursor"}`},
		"a change that is under way":     {"POST", change.ErrUnderWay, `"detail":"A request with this Idempotency-Key is under way: ask again for its answer in a moment","code":"under_way"`},
	} {
		api, _ := serve(t, nil, reworded(tc.err))
		if text, _ := io.ReadAll(send(t, api, tc.method, "/fails").Body); !strings.Contains(string(text), tc.want) {
			t.Errorf("%s: %s has no %s", name, text, tc.want)
		}
	}
}
