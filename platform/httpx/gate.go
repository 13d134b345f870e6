package httpx

import (
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
	c := humagin.Unwrap(ctx)
	principal, err := a.Authenticator.Authenticate(c.Request)
	if w, logged := c.Writer.(*answer); logged {
		w.caller = principal
	}
	if err == nil && !principal.SignedIn {
		err = authn.ErrNotSignedIn
	}
	if err == nil && access != authn.Entering {
		err = principal.Pending
	}
	if err != nil {
		a.refuse(ctx, principal, err)
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
		a.refuse(ctx, principal, err)
		return
	}
	if access == authn.Entering { // see Operation.takesTurns
		next(huma.WithContext(ctx, known))
		return
	}
	turn, err := a.turns.enter(ctx.Context(), principal.UserID)
	if err != nil {
		a.refuse(ctx, principal, err)
		return
	}
	defer a.turns.leave(principal.UserID, turn)
	next(huma.WithContext(ctx, known))
}

func (a *API) refuse(ctx huma.Context, who authn.Principal, err error) {
	c, p := humagin.Unwrap(ctx), problemOf(err)
	a.write(c, p)
	a.record(c, p, who)
}
