// Package authz holds what every module needs to know of authorization: may this caller do that to this. The access
// module implements it; the modules that own the objects declare the permissions and ask.
package authz

import (
	"context"

	"erp.internal/platform/errs"
	"erp.internal/platform/place"
)

// ErrForbidden is what an operation answers whose caller may not do it.
var ErrForbidden = errs.New(errs.Forbidden, "forbidden", "You are not allowed to do this")

// Permission is one thing that may be allowed, "<object>.<verb>" ("department.move"). It is declared as a constant by
// the module that checks it.
type Permission string

// AccessName makes a permission an authn.Access.
func (p Permission) AccessName() string { return string(p) }

// Authorizer decides. The caller is the context's principal.
type Authorizer interface {
	// Anywhere says whether the caller may do p at all; it is asked at the gate, before a body is read.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	Anywhere(ctx context.Context, p Permission) error
	// RequireAt says whether the caller may do p to something in a place. Use cases ask Require and On, which stand on it.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	RequireAt(ctx context.Context, p Permission, at place.Place) error
	// RequireAllOf says whether the caller holds whatever a user holds, for as long: whoever can become that user, by
	// a new password for example, must gain nothing by it.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	RequireAllOf(ctx context.Context, user int64) error
	// RequireNoGain says whether the caller holds for from whatever they hold for to, for as long: whoever moves something
	// from the one to the other must gain nothing over it.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	RequireNoGain(ctx context.Context, from, to place.Place) error
	// Scope says where the caller may do p.
	//
	// Errors: errs.Unavailable when it cannot be told now.
	Scope(ctx context.Context, p Permission) (place.Scope, error)
}
