package httpx

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
)

// The operation's metadata that the gate reads.
const (
	accessKey = "access"
	probeKey  = "probe"
)

// gate authenticates the caller and checks that they hold the operation's permission anywhere. It runs before the query and
// the body are read, so that a refused caller learns nothing from their validation and costs little.
func (a *API) gate(ctx huma.Context, next func(huma.Context)) {
	access, _ := ctx.Operation().Metadata[accessKey].(authn.Access)
	c := humagin.Unwrap(ctx)
	origin := change.Origin{Operation: ctx.Operation().OperationID, RequestID: requestID(c), Address: a.client(c)}
	if access == authn.Public {
		setOrigin(c, origin)
		within := huma.WithContext(ctx, change.With(ctx.Context(), origin))
		if probe, _ := ctx.Operation().Metadata[probeKey].(bool); probe {
			next(within)
			return
		}
		a.inTurnOfAddress(within, origin, next)
		return
	}
	principal, err := a.Authenticator.Authenticate(c.Request)
	origin.Actor, origin.SessionID = actor(principal), principal.SessionID
	setOrigin(c, origin)
	if err == nil && !principal.SignedIn {
		err = authn.ErrNotSignedIn
	}
	if err == nil && access != authn.SignedInOrPending {
		err = principal.Pending
	}
	if err != nil {
		a.refuse(ctx, origin, err)
		return
	}
	authenticated := authz.WithReads(authn.With(change.With(ctx.Context(), origin), principal))
	switch access := access.(type) {
	case authz.Permission:
		err = a.Authorizer.Anywhere(authenticated, access)
	case nil:
		err = authz.ErrForbidden
	}
	if err != nil {
		a.refuse(ctx, origin, err)
		return
	}
	if access == authn.SignedInOrPending { // see Operation.takesTurns
		a.inTurnOfAddress(huma.WithContext(ctx, authenticated), origin, next)
		return
	}
	turn, err := a.turns.enter(ctx.Context(), principal.UserID)
	if err != nil {
		a.refuse(ctx, origin, err)
		return
	}
	defer a.turns.leave(principal.UserID, turn)
	next(huma.WithContext(ctx, authenticated))
}

// inTurnOfAddress goes on when it is the turn of the client's address.
func (a *API) inTurnOfAddress(ctx huma.Context, origin change.Origin, next func(huma.Context)) {
	leave, err := a.enterFrom(humagin.Unwrap(ctx))
	if err != nil {
		a.refuse(ctx, origin, err)
		return
	}
	defer leave()
	next(ctx)
}

// actor is the journal's actor for a principal.
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

// setOrigin passes the caller to the access log.
func setOrigin(c *gin.Context, origin change.Origin) {
	if w, ok := c.Writer.(*answer); ok {
		w.origin = origin
	}
}

func (a *API) refuse(ctx huma.Context, who change.Origin, err error) {
	c, p := humagin.Unwrap(ctx), a.problemOf(ctx.Method(), err)
	a.write(c, p)
	a.record(c, p, who)
}
