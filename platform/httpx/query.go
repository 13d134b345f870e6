package httpx

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"erp.internal/platform/errs"
)

type queryKey struct{}

// strictQuery refuses unknown, repeated and empty query parameters: a misspelt filter must not widen the answer. The
// violations are stored in the context and answered together with those of the rest of the request.
func (a *API) strictQuery(ctx huma.Context, next func(huma.Context)) {
	raw := humagin.Unwrap(ctx).Request.URL.RawQuery
	if raw == "" {
		next(ctx)
		return
	}
	if violations := checkQuery(raw, ctx.Operation().Parameters); len(violations) > 0 {
		ctx = huma.WithValue(ctx, queryKey{}, violations)
	}
	next(ctx)
}

// queryViolations returns the violations that strictQuery found.
func queryViolations(ctx context.Context) []error {
	violations, _ := ctx.Value(queryKey{}).([]error)
	return violations
}

func checkQuery(raw string, params []*huma.Param) []error {
	query, err := url.ParseQuery(raw)
	if err != nil || !utf8.ValidString(strings.Join(slices.Collect(maps.Keys(query)), "")) {
		return []error{errs.Violation("query", "unreadable", "is not a readable query string")}
	}
	var violations []error
	for _, name := range slices.SortedFunc(maps.Keys(query), cmp.Compare) {
		values := query[name]
		known := slices.ContainsFunc(params, func(p *huma.Param) bool { return p.In == "query" && p.Name == name })
		location := "query." + name
		switch {
		case !known:
			violations = append(violations, errs.Violation(location, "unknown_parameter", "is not a parameter of this operation"))
		case len(values) > 1:
			violations = append(violations, errs.Violation(location, "repeated", "must be given once"))
		case values[0] == "" && name != "q":
			violations = append(violations, errs.Violation(location, "blank", "must not be empty; leave the parameter out instead"))
		}
	}
	return violations
}
