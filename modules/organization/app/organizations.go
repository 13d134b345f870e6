// Package app holds the use cases: a type for each entity, with a method for each use case.
package app

import (
	"context"
	"errors"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// Organizations are the use cases of organizations.
type Organizations struct {
	door        *change.Door
	authz       authz.Authorizer
	repo        ports.Organizations
	departments ports.Departments
}

// NewOrganizations makes the use cases.
func NewOrganizations(door *change.Door, authorizer authz.Authorizer, repo ports.Organizations, departments ports.Departments) *Organizations {
	return &Organizations{door: door, authz: authorizer, repo: repo, departments: departments}
}

// ByID returns an organization.
//
// Errors: domain.ErrOrganizationNotFound.
func (o *Organizations) ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	organization, err := o.repo.ByID(ctx, id)
	if err != nil {
		return domain.Organization{}, err
	}
	return organization, o.require(ctx, OrganizationRead, id)
}

// List returns a page of the organizations that the caller may see; the filter's scope is set here.
//
// Errors: page.ErrCursor.
func (o *Organizations) List(ctx context.Context, filter ports.OrganizationFilter, request page.Request) (page.Page[domain.Organization], error) {
	scope, err := o.authz.Scope(ctx, OrganizationRead)
	if err != nil {
		return page.Page[domain.Organization]{}, err
	}
	filter.Scope = scope
	return o.repo.List(ctx, filter, request)
}

// Search returns organizations that a query finds and that the caller may see: see search.Kind.
//
// Errors: errs.Unavailable.
func (o *Organizations) Search(ctx context.Context, q search.Query, atLeast int) ([]search.Hit, error) {
	scope, err := o.authz.Scope(ctx, OrganizationRead)
	if err != nil || scope.Empty() {
		return nil, err
	}
	found, err := o.repo.Search(ctx, q, scope, atLeast)
	hits := make([]search.Hit, len(found))
	for i, organization := range found {
		hits[i] = search.Hit{
			Match: q.Match(&organization.Name, organization.Description),
			ID:    int64(organization.ID), Name: organization.Name, Place: place.Organization(organization.ID),
		}
	}
	return hits, err
}

// CreateOrganization is the command of Create.
type CreateOrganization struct {
	Name        string
	Description *string // nil: none
}

// Create adds an organization.
//
// Errors: errs.Invalid, domain.ErrOrganizationNameTaken, authz.ErrForbidden.
func (o *Organizations) Create(ctx context.Context, c CreateOrganization) (domain.Organization, error) {
	if err := authz.Require(ctx, o.authz, OrganizationCreate, place.System()); err != nil {
		return domain.Organization{}, err
	}
	organization, err := domain.NewOrganization(c.Name, c.Description)
	if err != nil {
		return domain.Organization{}, err
	}
	return change.Do(ctx, o.door, func(ctx context.Context, tx *change.Tx) (domain.Organization, error) {
		created, err := o.repo.Create(tx.Last(ctx, organization.Creating()), organization)
		if err != nil {
			return domain.Organization{}, err
		}
		tx.Record(created.Created())
		return created, nil
	})
}

// UpdateOrganization is the command of Update.
type UpdateOrganization struct {
	ID       domain.OrganizationID
	Expected etag.Condition
	Change   domain.OrganizationChange
}

// Update changes an organization if it still has the expected version.
//
// Errors: errs.Invalid, domain.ErrOrganizationNotFound, domain.ErrOrganizationNameTaken, etag.ErrStale, authz.ErrForbidden.
func (o *Organizations) Update(ctx context.Context, c UpdateOrganization) (domain.Organization, error) {
	return change.InTurn(ctx, o.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (domain.Organization, error) {
		before, err := o.toChange(ctx, OrganizationUpdate, c.ID, c.Expected)
		if err != nil {
			return domain.Organization{}, err
		}
		organization := before
		if err := organization.Change(c.Change); err != nil {
			return domain.Organization{}, err
		}
		after, err := o.repo.Update(tx.Last(ctx, organization.ChangedFrom(before)), organization)
		if err != nil {
			return domain.Organization{}, err
		}
		tx.Record(after.ChangedFrom(before))
		return after, nil
	})
}

// DeleteOrganization is the command of Delete.
type DeleteOrganization struct {
	ID       domain.OrganizationID
	Expected etag.Condition
}

// Delete deletes an organization without departments, if it still has the expected version.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrOrganizationHasDepartments, errs.Conflict where anything else still
// refers to it, etag.ErrStale, authz.ErrForbidden.
func (o *Organizations) Delete(ctx context.Context, c DeleteOrganization) error {
	_, err := change.InTurn(ctx, o.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		organization, err := o.lock(ctx, OrganizationDelete, c.ID, c.Expected)
		if err != nil {
			return none, err
		}
		tx.Record(organization.Deleted())
		return none, o.repo.Delete(ctx, c.ID)
	})
	if !errors.Is(err, domain.ErrOrganizationHasDepartments) {
		return err
	}
	departments, counted := o.departments.Count(ctx, c.ID)
	return withCount(domain.ErrOrganizationHasDepartments, "The organization still has %s: delete them first", departments, counted)
}

// lock loads and locks an organization that the caller is about to change, and checks permission and version.
func (o *Organizations) lock(ctx context.Context, permission authz.Permission, id domain.OrganizationID, condition etag.Condition) (domain.Organization, error) {
	organization, err := o.repo.ForUpdate(ctx, id)
	if err != nil {
		return domain.Organization{}, err
	}
	return organization, o.requireChange(ctx, permission, organization, condition)
}

// toChange is lock for ports.Organizations.ToChange.
func (o *Organizations) toChange(ctx context.Context, permission authz.Permission, id domain.OrganizationID, condition etag.Condition) (domain.Organization, error) {
	organization, err := o.repo.ToChange(ctx, id)
	if err != nil {
		return domain.Organization{}, err
	}
	return organization, o.requireChange(ctx, permission, organization, condition)
}

func (o *Organizations) requireChange(ctx context.Context, permission authz.Permission, organization domain.Organization, condition etag.Condition) error {
	if err := o.require(ctx, permission, organization.ID); err != nil {
		return err
	}
	return condition.Check(organization.Version)
}

// require checks a permission of the caller for an existing organization.
//
// Errors: domain.ErrOrganizationNotFound for one whom they may not see, authz.ErrForbidden.
func (o *Organizations) require(ctx context.Context, permission authz.Permission, id domain.OrganizationID) error {
	return authz.RequireVisible(ctx, o.authz, permission, OrganizationRead, domain.ErrOrganizationNotFound, place.Organization(id))
}
