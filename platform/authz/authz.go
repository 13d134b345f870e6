// Package authz holds what every module needs to know of authorization: may this caller do that to this. The access
// module implements it; the modules that own the objects declare the permissions and ask.
package authz

import (
	"context"

	"erp.internal/platform/errs"
)

// ErrForbidden is what an operation answers whose caller may not do it.
var ErrForbidden = errs.New(errs.Forbidden, "forbidden", "You are not allowed to do this")

// Permission is one thing that may be allowed, "<object>.<verb>" ("department.move"). It is declared as a constant by
// the module that checks it.
type Permission string

// AccessName makes a permission an authn.Access.
func (p Permission) AccessName() string { return string(p) }

// Target is the object that an operation acts on: an organization, one of its departments, or, as the zero value, the
// whole system.
type Target struct {
	Organization int64 // 0: the whole system
	Department   int64 // 0: the organization itself
}

// System is the target of an operation on the installation as a whole.
func System() Target { return Target{} }

// Organization is the target of an operation on an organization or on what belongs to it.
func Organization[ID ~int64](id ID) Target { return Target{Organization: int64(id)} }

// Department is the target of an operation on a department or on what belongs to it.
func Department[O, D ~int64](organization O, department D) Target {
	return Target{Organization: int64(organization), Department: int64(department)}
}

// Scope is where a caller may do something, for the WHERE of a list. Nothing is in it twice.
type Scope struct {
	Everywhere    bool
	Organizations []int64 // with all of their departments
	Departments   []int64 // of other organizations, with everything below them already in the list
}

// Authorizer decides. The caller is the context's principal.
type Authorizer interface {
	// Anywhere says whether the caller may do p at all; it is asked at the gate, before a body is read.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	Anywhere(ctx context.Context, p Permission) error
	// Require says whether the caller may do p to the target; use cases ask it. See On for an object that the caller
	// may not even see.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	Require(ctx context.Context, p Permission, target Target) error
	// RequireAllOf says whether the caller holds whatever a user holds, for as long: whoever can become that user, by
	// a new password for example, must gain nothing by it.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	RequireAllOf(ctx context.Context, user int64) error
	// RequireNoGain says whether the caller holds for from whatever they hold for to, for as long: whoever moves something
	// from the one to the other must gain nothing over it.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	RequireNoGain(ctx context.Context, from, to Target) error
	// Scope says where the caller may do p.
	//
	// Errors: errs.Unavailable when it cannot be told now.
	Scope(ctx context.Context, p Permission) (Scope, error)
}
