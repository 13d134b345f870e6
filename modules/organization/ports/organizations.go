// Package ports holds the interfaces of the module. It is the only package of this module that other modules may import.
package ports

import (
	"context"

	"erp.internal/modules/organization/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// OrganizationFilter filters organizations.
type OrganizationFilter struct {
	IDs     []domain.OrganizationID // empty for all
	Search  search.Query            // for the name and the description; empty for all
	Deleted bool                    // also deleted ones, which no other method returns
	Scope   place.Scope
}

// Organizations is the repository of organizations. Deleted ones are not found.
type Organizations interface {
	// ByID returns an organization.
	//
	// Errors: domain.ErrOrganizationNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error)
	// ForUpdate is ByID, and locks the organization until the transaction ends.
	ForUpdate(ctx context.Context, id domain.OrganizationID) (domain.Organization, error)
	// ToChange is ForUpdate for a transaction that begins with it and is likely to run only one more statement, Update. It saves a
	// round trip then; otherwise the transaction is run a second time.
	ToChange(ctx context.Context, id domain.OrganizationID) (domain.Organization, error)
	// List returns a page; it can be sorted by id, name, created_at, and updated_at.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter OrganizationFilter, request page.Request) (page.Page[domain.Organization], error)
	// Search returns live organizations in a scope that a query finds, with those that match best among them; at least so
	// many, as long as there are others.
	//
	// Errors: errs.Unavailable.
	Search(ctx context.Context, q search.Query, scope place.Scope, atLeast int) ([]domain.Organization, error)
	// Create stores a new organization and returns it with id, version and times.
	//
	// Errors: domain.ErrOrganizationNameTaken, errs.Unavailable.
	Create(ctx context.Context, o domain.Organization) (domain.Organization, error)
	// Update stores a change and returns the organization with the new version and time.
	//
	// Errors: domain.ErrOrganizationNotFound, domain.ErrOrganizationNameTaken, etag.ErrStale when the version is not
	// o's any more, errs.Unavailable.
	Update(ctx context.Context, o domain.Organization) (domain.Organization, error)
	// Delete deletes an organization without references from live rows, and frees its name. The row stays for other references.
	//
	// Errors: domain.ErrOrganizationHasDepartments, pg.ErrInUse, errs.Unavailable.
	Delete(ctx context.Context, id domain.OrganizationID) error
}
