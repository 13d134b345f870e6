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

// Target is the object an operation acts on: a department, an organization, or, when both are nil, the whole system.
type Target struct {
	OrganizationID *int64
	DepartmentID   *int64
}

// Organization is the target of an operation on an organization or on what belongs to it.
func Organization[ID ~int64](id ID) Target {
	n := int64(id)
	return Target{OrganizationID: &n}
}

// Department is the target of an operation on a department or on what belongs to it.
func Department[ID ~int64](id ID) Target {
	n := int64(id)
	return Target{DepartmentID: &n}
}

// System is the target of an operation on the installation as a whole.
func System() Target { return Target{} }

// Scope is where a caller may do something, for the WHERE of a list.
type Scope struct {
	Everywhere    bool
	Organizations []int64
	Departments   []int64 // with everything below them already in the list
}

// Authorizer decides. The caller is the context's principal.
type Authorizer interface {
	// Anywhere says whether the caller may do p at all; it is asked at the gate, before a body is read.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	Anywhere(ctx context.Context, p Permission) error
	// Require says whether the caller may do p to every one of the targets; use cases ask it.
	//
	// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
	Require(ctx context.Context, p Permission, targets ...Target) error
	// Scope says where the caller may do p.
	//
	// Errors: errs.Unavailable when it cannot be told now.
	Scope(ctx context.Context, p Permission) (Scope, error)
}
