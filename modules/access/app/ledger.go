package app

import (
	"context"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/page"
)

// ByID gives a grant.
//
// Errors: domain.ErrGrantNotFound.
func (g *Grants) ByID(ctx context.Context, id domain.GrantID) (domain.Grant, error) {
	grant, err := g.repo.ByID(ctx, id)
	if err != nil {
		return domain.Grant{}, err
	}
	return grant, g.require(ctx, GrantRead, grant)
}

// Wanted says which grants a list holds; what is nil or empty filters nothing.
type Wanted struct {
	UserID         *int64
	RoleID         *domain.RoleID
	OrganizationID *int64
	DepartmentID   *int64
	Covering       bool             // also those that hold somewhere which contains the organization or the department
	Permission     authz.Permission // only those whose role held it at that moment
	State          domain.State
	At             *time.Time // nil: now
	Search         string     // only those whose reason, or reason of the end, contains it
}

// List gives a page of the grants that the caller may see.
//
// Errors: errs.Invalid, page.ErrCursor.
func (g *Grants) List(ctx context.Context, wanted Wanted, request page.Request) (page.Page[domain.Grant], error) {
	filter, err := g.filter(ctx, wanted)
	if err != nil {
		return page.Page[domain.Grant]{}, err
	}
	return g.repo.List(ctx, filter, request)
}

func (g *Grants) filter(ctx context.Context, wanted Wanted) (ports.GrantFilter, error) {
	filter := ports.GrantFilter{UserID: wanted.UserID, RoleID: wanted.RoleID, State: wanted.State, At: wanted.At, Search: wanted.Search}
	var err error
	if filter.Scope, err = g.decisions.Scope(ctx, GrantRead); err != nil {
		return filter, err
	}
	if wanted.Permission != "" {
		holding, err := g.holding(ctx, "query.permission", wanted.Permission, wanted.At)
		if err != nil {
			return filter, err
		}
		filter.Holding = &holding
	}
	if wanted.OrganizationID == nil && wanted.DepartmentID == nil {
		if wanted.Covering {
			return filter, errs.Violation("query.covering", "place_required", "needs an organization_id or a department_id")
		}
		return filter, nil
	}
	filter.Place = &domain.Place{OrganizationID: wanted.OrganizationID, DepartmentID: wanted.DepartmentID}
	if !wanted.Covering {
		return filter, nil
	}
	above := []int64{}
	if wanted.DepartmentID != nil {
		of, _, err := g.places.OrganizationOf(ctx, *wanted.DepartmentID)
		if err != nil {
			return filter, err
		}
		if wanted.OrganizationID == nil {
			filter.Place.OrganizationID = &of
		}
		if above, err = g.trees.Above(ctx, time.Now(), *filter.Place.OrganizationID, *wanted.DepartmentID); err != nil {
			return filter, err
		}
	}
	filter.Above = &above
	return filter, nil
}

// holding gives the roles that held a permission at a moment, nil being now.
//
// Errors: errs.Invalid for one that no module declares, errs.Unavailable.
func (g *Grants) holding(ctx context.Context, field string, p authz.Permission, at *time.Time) ([]domain.RoleID, error) {
	place, declared := g.decisions.permissions.Place(p)
	if !declared {
		return nil, errs.Violation(field, "unknown_permission", "is no permission; GET /permissions/ lists them")
	}
	moment := time.Now()
	if at != nil {
		moment = *at
	}
	return g.roles.Holding(ctx, patterns(g.decisions.permissions.All()[place]), moment)
}
