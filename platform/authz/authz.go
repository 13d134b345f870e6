// Package authz defines authorization for all modules: may this caller do this to that object? The access module
// implements it; the modules that own the objects declare the permissions and ask.
package authz

import (
	"context"

	"erp.internal/platform/errs"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// ErrForbidden answers a caller who lacks a permission.
var ErrForbidden = errs.New(errs.Forbidden, "forbidden", "You are not allowed to do this")

// Permission is named "<object>.<verb>" ("department.move"). The module that checks it declares it as a constant.
type Permission string

// AccessName makes a permission an authn.Access.
func (p Permission) AccessName() string { return string(p) }

// Authorizer decides what the caller, who is the principal of the context, may do.
type Authorizer interface {
	// Anywhere checks that the caller holds p for any place. The gate asks it before the body is read.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be decided now.
	Anywhere(ctx context.Context, p Permission) error
	// RequireAt checks that the caller holds p at a place. Use cases call Require and RequireVisible, which use it.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be decided now.
	RequireAt(ctx context.Context, p Permission, at place.Place) error
	// RequireAllOf checks that the caller holds all permissions of a user, for as long: a caller who can take over the account,
	// by a new password for example, must gain nothing by it.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be decided now.
	RequireAllOf(ctx context.Context, user int64) error
	// RequireNoGain checks that the caller already holds at from everything that they hold at to, for at least as long, so that
	// moving an object gives them nothing new over it.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be decided now.
	RequireNoGain(ctx context.Context, from, to place.Place) error
	// Scope returns where the caller holds p.
	//
	// Errors: errs.Unavailable when it cannot be decided now.
	Scope(ctx context.Context, p Permission) (place.Scope, error)
}

// Holders tells other modules who holds a role. The access module implements it.
type Holders interface {
	// Holding returns the condition of users who have a role now, by a grant that the caller may see.
	//
	// Errors: errs.Unavailable when it cannot be decided now.
	Holding(ctx context.Context, role int64) (page.Condition, error)
}
