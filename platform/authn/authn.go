// Package authn holds what every module needs to know of authentication: who asks. The identity module implements it.
package authn

import (
	"context"
	"net/http"

	"erp.internal/platform/errs"
)

// ErrNotSignedIn is what an operation answers that needs a signed-in caller and has none.
var ErrNotSignedIn = errs.New(errs.Unauthenticated, "not_signed_in", "Sign in first")

// Principal is who asks. The zero value is nobody.
type Principal struct {
	UserID    int64 // 0 for one who is no user: see Open
	SessionID int64
	SignedIn  bool
	// Unrestricted says that the principal may do everything without a grant: see Open.
	Unrestricted bool
	// Pending is why the principal may do nothing but Entering operations yet; nil for nothing.
	Pending error
}

// Authenticator finds out who sent a request.
type Authenticator interface {
	// Authenticate gives the request's principal, the zero Principal when the request carries no credential.
	//
	// Errors: errs.Unauthenticated when it carries one that is not (or no longer) good, errs.Unavailable when that
	// cannot be told now.
	Authenticate(r *http.Request) (Principal, error)
}

// Access is what an operation asks of its caller: Public, SignedIn, or a permission (authz.Permission).
type Access interface {
	// AccessName names the requirement in documents and logs.
	AccessName() string
}

type level string

func (l level) AccessName() string { return string(l) }

// The requirements that are no permission.
const (
	Public   level = "public"    // anybody
	Entering level = "entering"  // whoever has signed in, also when something has to be done first (Principal.Pending)
	SignedIn level = "signed-in" // whoever has signed in, for one's own account
)

type contextKey struct{}

// With gives a context that carries the principal.
func With(ctx context.Context, p Principal) context.Context {
	return &carrying{ctx, p}
}

// carrying is one allocation for each request; context.WithValue would be two.
type carrying struct {
	context.Context
	principal Principal
}

// Value implements context.Context.
func (c *carrying) Value(key any) any {
	if key == (contextKey{}) {
		return &c.principal
	}
	return c.Context.Value(key)
}

// From gives the principal that the context carries, nobody when it carries none.
func From(ctx context.Context) Principal {
	if p, carried := ctx.Value(contextKey{}).(*Principal); carried {
		return *p
	}
	return Principal{}
}
