// Package app holds the use cases: one type for each entity, one method for each thing a person can do.
package app

import (
	"context"
	"errors"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
)

// Organizations are the use cases of organizations.
type Organizations struct {
	tx          pg.Transactor
	authz       authz.Authorizer
	repo        ports.Organizations
	departments ports.Departments
}

// NewOrganizations makes the use cases.
func NewOrganizations(tx pg.Transactor, authorizer authz.Authorizer, repo ports.Organizations, departments ports.Departments) *Organizations {
	return &Organizations{tx: tx, authz: authorizer, repo: repo, departments: departments}
}

// ByID gives an organization.
//
// Errors: domain.ErrOrganizationNotFound.
func (o *Organizations) ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	organization, err := o.repo.ByID(ctx, id)
	if err != nil {
		return domain.Organization{}, err
	}
	return organization, o.require(ctx, OrganizationRead, id)
}

// List gives a page of the organizations that the caller may see; the filter's scope is set here.
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

// Create adds an organization.
//
// Errors: errs.Invalid, domain.ErrOrganizationNameTaken, authz.ErrForbidden.
func (o *Organizations) Create(ctx context.Context, name string, description *string) (domain.Organization, error) {
	if err := o.authz.Require(ctx, OrganizationCreate, authz.System()); err != nil {
		return domain.Organization{}, err
	}
	organization, err := domain.NewOrganization(name, description)
	if err != nil {
		return domain.Organization{}, err
	}
	return o.repo.Create(ctx, organization)
}

// Update changes an organization that still is what the condition says.
//
// Errors: errs.Invalid, domain.ErrOrganizationNotFound, domain.ErrOrganizationNameTaken, etag.ErrStale, authz.ErrForbidden.
func (o *Organizations) Update(ctx context.Context, id domain.OrganizationID, condition etag.Condition, change domain.OrganizationChange) (domain.Organization, error) {
	return pg.InTurn(ctx, o.tx, turn(id), func(ctx context.Context) (domain.Organization, error) {
		organization, err := o.change(ctx, OrganizationUpdate, id, condition)
		if err != nil {
			return domain.Organization{}, err
		}
		if err := organization.Change(change); err != nil {
			return domain.Organization{}, err
		}
		return o.repo.Update(ctx, organization)
	})
}

// Delete removes an organization that has no departments and still is what the condition says.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrOrganizationHasDepartments, pg.ErrInUse, etag.ErrStale, authz.ErrForbidden.
func (o *Organizations) Delete(ctx context.Context, id domain.OrganizationID, condition etag.Condition) error {
	err := o.tx.InTurn(ctx, turn(id), func(ctx context.Context) error {
		if _, err := o.change(ctx, OrganizationDelete, id, condition); err != nil {
			return err
		}
		return o.repo.Delete(ctx, id)
	})
	if !errors.Is(err, domain.ErrOrganizationHasDepartments) {
		return err
	}
	departments, countErr := o.departments.Count(ctx, id)
	if countErr != nil {
		return err
	}
	return domain.ErrOrganizationHasDepartments.Saying("The organization still has %s: delete them first", counted(departments, "department")).
		With(errs.Params{"count": departments})
}

// change loads an organization that the caller is about to change, if they may and it still is what they saw.
func (o *Organizations) change(ctx context.Context, permission authz.Permission, id domain.OrganizationID, condition etag.Condition) (domain.Organization, error) {
	organization, err := o.repo.ForUpdate(ctx, id)
	if err != nil {
		return domain.Organization{}, err
	}
	if err := o.require(ctx, permission, id); err != nil {
		return domain.Organization{}, err
	}
	return organization, condition.Check(organization.Version)
}

// require says whether the caller may do something to an organization that is there.
//
// Errors: domain.ErrOrganizationNotFound for one whom they may not see, authz.ErrForbidden.
func (o *Organizations) require(ctx context.Context, permission authz.Permission, id domain.OrganizationID) error {
	return authz.On(ctx, o.authz, permission, OrganizationRead, authz.Organization(id), domain.ErrOrganizationNotFound)
}
