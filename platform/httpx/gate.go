package httpx

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
)

const accessKey = "access"

// gate asks who sends the request and whether they may do such a thing at all. It stands before the query and the body
// are looked at, so that whoever may not enter learns nothing from them and costs nothing.
func (a *API) gate(ctx huma.Context, next func(huma.Context)) {
	access, _ := ctx.Operation().Metadata[accessKey].(authn.Access)
	if access == authn.Public {
		next(ctx)
		return
	}
	principal, err := a.Authenticator.Authenticate(humagin.Unwrap(ctx).Request)
	if err == nil && !principal.SignedIn {
		err = authn.ErrNotSignedIn
	}
	if err != nil {
		a.refuse(ctx, err)
		return
	}
	known := authn.With(ctx.Context(), principal)
	switch access := access.(type) {
	case authz.Permission:
		err = a.Authorizer.Anywhere(known, access)
	case nil:
		err = authz.ErrForbidden
	}
	if err != nil {
		a.refuse(ctx, err)
		return
	}
	next(huma.WithContext(ctx, known))
}

func (a *API) refuse(ctx huma.Context, err error) { a.write(humagin.Unwrap(ctx), problemOf(err)) }

// strictQuery refuses a query string that is not understood whole: a misspelt filter must not be a wider answer.
func (a *API) strictQuery(ctx huma.Context, next func(huma.Context)) {
	raw := humagin.Unwrap(ctx).Request.URL.RawQuery
	if raw == "" {
		next(ctx)
		return
	}
	if problems := queryProblems(raw, ctx.Operation().Parameters); len(problems) > 0 {
		a.write(humagin.Unwrap(ctx), invalid(problems))
		return
	}
	next(ctx)
}

func queryProblems(raw string, params []*huma.Param) []error {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return []error{&huma.ErrorDetail{Location: "query", Message: "unreadable: is not a readable query string"}}
	}
	var problems []error
	refuse := func(name, message string) {
		problems = append(problems, &huma.ErrorDetail{Location: "query." + name, Message: message})
	}
	for name, values := range query {
		known := slices.ContainsFunc(params, func(p *huma.Param) bool { return p.In == "query" && p.Name == name })
		switch {
		case !known:
			refuse(name, "unknown_parameter: is not a parameter of this operation")
		case len(values) > 1:
			refuse(name, "repeated: must be given once")
		case values[0] == "" && name != "q":
			refuse(name, "blank: must not be empty; leave the parameter out instead")
		}
	}
	slices.SortFunc(problems, func(a, b error) int {
		var x, y *huma.ErrorDetail
		if !errors.As(a, &x) || !errors.As(b, &y) {
			return 0
		}
		return strings.Compare(x.Location, y.Location)
	})
	return problems
}
