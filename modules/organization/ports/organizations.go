// Package ports holds the interfaces at the module's edge: what it needs driven. It is the only package of this module
// that other modules may import.
package ports

import (
	"context"

	"erp.internal/modules/organization/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// OrganizationFilter says which organizations a list holds.
type OrganizationFilter struct {
	IDs     []domain.OrganizationID // only these; none for all
	Search  string                  // only those whose name or description contains it; "" for all
	Deleted bool                    // also deleted ones, which are found nowhere else
	Scope   place.Scope
}

// Organizations keeps organizations. A deleted one is not found any more.
type Organizations interface {
	// ByID returns an organization.
	//
	// Errors: domain.ErrOrganizationNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error)
	// ForUpdate is ByID, and keeps others from changing the organization until the transaction ends.
	ForUpdate(ctx context.Context, id domain.OrganizationID) (domain.Organization, error)
	// List returns a page; it can be sorted by id, name, created_at, and updated_at.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter OrganizationFilter, request page.Request) (page.Page[domain.Organization], error)
	// Create stores a new organization and gives it its id, version and times.
	//
	// Errors: domain.ErrOrganizationNameTaken, errs.Unavailable.
	Create(ctx context.Context, o domain.Organization) (domain.Organization, error)
	// Update stores a change and gives the new version and time.
	//
	// Errors: domain.ErrOrganizationNotFound, domain.ErrOrganizationNameTaken, etag.ErrStale when the version is not
	// o's any more, errs.Unavailable.
	Update(ctx context.Context, o domain.Organization) (domain.Organization, error)
	// Delete takes an organization away that nothing belongs to, and frees its name. The row stays for what refers to it.
	//
	// Errors: domain.ErrOrganizationHasDepartments, pg.ErrInUse, errs.Unavailable.
	Delete(ctx context.Context, id domain.OrganizationID) error
}
