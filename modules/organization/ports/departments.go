package ports

import (
	"context"

	"erp.internal/modules/organization/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// DepartmentFilter filters departments.
type DepartmentFilter struct {
	IDs            []domain.DepartmentID // empty for all
	OrganizationID *domain.OrganizationID
	ParentID       *domain.DepartmentID // only its direct subdepartments
	Top            bool                 // only top-level departments
	Search         search.Query         // for the name and the code; empty for all
	Within         place.Place          // an organization, or a department with its descendants
	Deleted        bool                 // also deleted ones, which no other method returns
	Scope          place.Scope
}

// Departments is the repository of departments. Deleted ones are not found.
type Departments interface {
	// ByID returns a department.
	//
	// Errors: domain.ErrDepartmentNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.DepartmentID) (domain.Department, error)
	// ForUpdate is ByID, and locks the department until the transaction ends.
	ForUpdate(ctx context.Context, id domain.DepartmentID) (domain.Department, error)
	// List returns a page; it can be sorted by id, name, code, sort_order, created_at, and updated_at.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter DepartmentFilter, request page.Request) (page.Page[domain.Department], error)
	// Search returns live departments in a scope that a query finds, with those that match best among them; at least so many,
	// as long as there are others.
	//
	// Errors: errs.Unavailable.
	Search(ctx context.Context, q search.Query, scope place.Scope, atLeast int) ([]domain.Department, error)
	// Named returns at most so many departments in a scope that match a query; of those among, which is nil for all.
	//
	// Errors: errs.Unavailable.
	Named(ctx context.Context, q search.Query, scope place.Scope, among []int64, atMost int) ([]int64, error)
	// AllOf returns all departments of an organization in the scope by one query, siblings in order.
	AllOf(ctx context.Context, organization domain.OrganizationID, scope place.Scope) ([]domain.Department, error)
	// Nodes returns the places of all departments of an organization, in any order.
	Nodes(ctx context.Context, organization domain.OrganizationID) ([]domain.Node, error)
	// Count returns the number of departments of an organization.
	Count(ctx context.Context, organization domain.OrganizationID) (int64, error)
	// CountBelow returns the number of direct subdepartments.
	CountBelow(ctx context.Context, parent domain.DepartmentID) (int64, error)
	// LockTree locks the organization's tree until the transaction ends: a tree is changed by one transaction at a time, so that
	// two moves cannot make a cycle. It returns the part of the tree that decides about a place below parent, nil for the top
	// level: parent with its ancestors and its direct subdepartments, and, unless moved is 0, that department with its ancestors;
	// with its descendants only when it gets to a lower level, since elsewhere they cannot become too deep.
	//
	// Errors: domain.ErrUnknownOrganization, errs.Unavailable.
	LockTree(ctx context.Context, organization domain.OrganizationID, parent *domain.DepartmentID, moved domain.DepartmentID) (*domain.Tree, error)
	// Create stores a new department and returns it with id, version and times.
	//
	// Errors: domain.ErrDepartmentCodeTaken, errs.Unavailable.
	Create(ctx context.Context, d domain.Department) (domain.Department, error)
	// Update stores a change and returns the department with the new version and time.
	//
	// Errors: domain.ErrDepartmentNotFound, domain.ErrDepartmentCodeTaken, etag.ErrStale when the version is not d's
	// any more, errs.Unavailable.
	Update(ctx context.Context, d domain.Department) (domain.Department, error)
	// Reorder stores new sort orders of departments; their parents stay.
	Reorder(ctx context.Context, places []domain.Node) error
	// Delete deletes a department without references from live rows, and frees its code. The row stays for other references.
	//
	// Errors: domain.ErrDepartmentHasChildren, pg.ErrInUse, errs.Unavailable.
	Delete(ctx context.Context, id domain.DepartmentID) error
}
