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

// strictQuery makes sure that a query string is understood whole: a misspelt filter must not be a wider answer. What is
// wrong with it travels on, to be answered together with whatever else is wrong with the request.
func (a *API) strictQuery(ctx huma.Context, next func(huma.Context)) {
	raw := humagin.Unwrap(ctx).Request.URL.RawQuery
	if raw == "" {
		next(ctx)
		return
	}
	if misread := misreadQuery(raw, ctx.Operation().Parameters); len(misread) > 0 {
		ctx = huma.WithValue(ctx, queryKey{}, misread)
	}
	next(ctx)
}

// queryProblems gives what strictQuery found.
func queryProblems(ctx context.Context) []error {
	misread, _ := ctx.Value(queryKey{}).([]error)
	return misread
}

func misreadQuery(raw string, params []*huma.Param) []error {
	query, err := url.ParseQuery(raw)
	if err != nil || !utf8.ValidString(strings.Join(slices.Collect(maps.Keys(query)), "")) {
		return []error{errs.Violation("query", "unreadable", "is not a readable query string")}
	}
	var misread []error
	for _, name := range slices.SortedFunc(maps.Keys(query), cmp.Compare) {
		values := query[name]
		known := slices.ContainsFunc(params, func(p *huma.Param) bool { return p.In == "query" && p.Name == name })
		location := "query." + name
		switch {
		case !known:
			misread = append(misread, errs.Violation(location, "unknown_parameter", "is not a parameter of this operation"))
		case len(values) > 1:
			misread = append(misread, errs.Violation(location, "repeated", "must be given once"))
		case values[0] == "" && name != "q":
			misread = append(misread, errs.Violation(location, "blank", "must not be empty; leave the parameter out instead"))
		}
	}
	return misread
}
