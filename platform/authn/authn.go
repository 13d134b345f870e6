// Package authn defines the caller of a request for all modules. The identity module implements the authentication.
package authn

import (
	"context"
	"net/http"

	"erp.internal/platform/errs"
)

// ErrNotSignedIn answers an anonymous call of an operation that needs a signed-in caller.
var ErrNotSignedIn = errs.New(errs.Unauthenticated, "not_signed_in", "Sign in first")

// Principal is the caller of a request. The zero value is an anonymous caller.
type Principal struct {
	UserID    int64 // 0 for a caller without an account: see Open
	SessionID int64
	SignedIn  bool
	// Unrestricted says that the principal may do everything without a grant: see Open.
	Unrestricted bool
	// Pending is the reason why the principal may not do more than SignedInOrPending operations yet, such as a password that
	// must be changed first; nil for none.
	Pending error
}

// Authenticator authenticates requests.
type Authenticator interface {
	// Authenticate returns the principal of a request, the zero Principal when the request has no credential.
	//
	// Errors: errs.Unauthenticated when the credential is not, or no longer, valid; errs.Unavailable when it cannot be
	// checked now.
	Authenticate(r *http.Request) (Principal, error)
}

// Access is what an operation requires of its caller: Public, SignedIn, SignedInOrPending, or a permission
// (authz.Permission).
type Access interface {
	// AccessName names the requirement in documents and logs.
	AccessName() string
}

type level string

func (l level) AccessName() string { return string(l) }

// The requirements other than permissions.
const (
	Public            level = "public"    // every caller
	SignedInOrPending level = "entering"  // signed-in callers, also those with a Principal.Pending
	SignedIn          level = "signed-in" // signed-in callers, for their own account
)

type contextKey struct{}

// With returns a context that carries the principal.
func With(ctx context.Context, p Principal) context.Context {
	return &principalContext{ctx, p}
}

// principalContext takes one allocation for each request; context.WithValue would take two.
type principalContext struct {
	context.Context
	principal Principal
}

// Value implements context.Context.
func (c *principalContext) Value(key any) any {
	if key == (contextKey{}) {
		return &c.principal
	}
	return c.Context.Value(key)
}

// From returns the principal of the context, an anonymous one when it carries none.
func From(ctx context.Context) Principal {
	if p, carried := ctx.Value(contextKey{}).(*Principal); carried {
		return *p
	}
	return Principal{}
}
