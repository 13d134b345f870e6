package httpx

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
)

const accessKey = "access"

// gate asks who sends the request and whether they may do such a thing at all. It stands before the query and the body
// are looked at, so that whoever may not enter learns nothing from them and costs nothing.
func (a *API) gate(ctx huma.Context, next func(huma.Context)) {
	access, _ := ctx.Operation().Metadata[accessKey].(authn.Access)
	c := humagin.Unwrap(ctx)
	origin := change.Origin{Operation: ctx.Operation().OperationID, RequestID: requestID(c), Address: a.client(c)}
	if access == authn.Public {
		logged(c, origin)
		next(huma.WithContext(ctx, change.With(ctx.Context(), origin)))
		return
	}
	principal, err := a.Authenticator.Authenticate(c.Request)
	origin.Actor, origin.SessionID = actor(principal), principal.SessionID
	logged(c, origin)
	if err == nil && !principal.SignedIn {
		err = authn.ErrNotSignedIn
	}
	if err == nil && access != authn.Entering {
		err = principal.Pending
	}
	if err != nil {
		a.refuse(ctx, origin, err)
		return
	}
	known := authn.With(change.With(ctx.Context(), origin), principal)
	switch access := access.(type) {
	case authz.Permission:
		err = a.Authorizer.Anywhere(known, access)
	case nil:
		err = authz.ErrForbidden
	}
	if err != nil {
		a.refuse(ctx, origin, err)
		return
	}
	if access == authn.Entering { // see Operation.takesTurns
		next(huma.WithContext(ctx, known))
		return
	}
	turn, err := a.turns.enter(ctx.Context(), principal.UserID)
	if err != nil {
		a.refuse(ctx, origin, err)
		return
	}
	defer a.turns.leave(principal.UserID, turn)
	next(huma.WithContext(ctx, known))
}

// actor is who a principal is to the journal.
func actor(p authn.Principal) change.Actor {
	switch {
	case p.UserID != 0:
		return change.Actor{Kind: change.User, ID: p.UserID}
	case p.Unrestricted:
		return change.Actor{Kind: change.Operator}
	default:
		return change.Actor{}
	}
}

// logged lets the access log say what the gate has found out.
func logged(c *gin.Context, origin change.Origin) {
	if w, ok := c.Writer.(*answer); ok {
		w.origin = origin
	}
}

func (a *API) refuse(ctx huma.Context, who change.Origin, err error) {
	c, p := humagin.Unwrap(ctx), problemOf(err)
	a.write(c, p)
	a.record(c, p, who)
}
