package ports

import (
	"context"

	"erp.internal/modules/organization/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// DepartmentFilter says which departments a list holds.
type DepartmentFilter struct {
	IDs            []domain.DepartmentID // only these; none for all
	OrganizationID *domain.OrganizationID
	ParentID       *domain.DepartmentID // only those directly below it
	Top            bool                 // only those at the top
	Search         string               // only those whose name or code contains it; "" for all
	Deleted        bool                 // also deleted ones, which are found nowhere else
	Scope          place.Scope
}

// Departments keeps departments. A deleted one is not found any more.
type Departments interface {
	// ByID returns a department.
	//
	// Errors: domain.ErrDepartmentNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.DepartmentID) (domain.Department, error)
	// ForUpdate is ByID, and keeps others from changing the department until the transaction ends.
	ForUpdate(ctx context.Context, id domain.DepartmentID) (domain.Department, error)
	// List returns a page; it can be sorted by id, name, code, sort_order, created_at, and updated_at.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter DepartmentFilter, request page.Request) (page.Page[domain.Department], error)
	// AllOf returns every department of an organization that the scope holds in one query, siblings in their order.
	AllOf(ctx context.Context, organization domain.OrganizationID, scope place.Scope) ([]domain.Department, error)
	// Nodes returns the place of every department of an organization, in any order.
	Nodes(ctx context.Context, organization domain.OrganizationID) ([]domain.Node, error)
	// Count returns how many departments an organization has.
	Count(ctx context.Context, organization domain.OrganizationID) (int64, error)
	// CountBelow returns how many departments stand directly below one.
	CountBelow(ctx context.Context, parent domain.DepartmentID) (int64, error)
	// LockTree returns the organization's tree, and keeps others from locking it until the transaction ends: one tree
	// changes at a time, so that two moves cannot make a cycle.
	//
	// Errors: domain.ErrUnknownOrganization, errs.Unavailable.
	LockTree(ctx context.Context, organization domain.OrganizationID) (*domain.Tree, error)
	// Create stores a new department and gives it its id, version and times.
	//
	// Errors: domain.ErrDepartmentCodeTaken, errs.Unavailable.
	Create(ctx context.Context, d domain.Department) (domain.Department, error)
	// Update stores a change and gives the new version and time.
	//
	// Errors: domain.ErrDepartmentNotFound, domain.ErrDepartmentCodeTaken, etag.ErrStale when the version is not d's
	// any more, errs.Unavailable.
	Update(ctx context.Context, d domain.Department) (domain.Department, error)
	// Reorder returns departments new sort orders; their parents stay.
	Reorder(ctx context.Context, places []domain.Node) error
	// Delete takes a department away that nothing belongs to, and frees its code. The row stays for what refers to it.
	//
	// Errors: domain.ErrDepartmentHasChildren, pg.ErrInUse, errs.Unavailable.
	Delete(ctx context.Context, id domain.DepartmentID) error
}
