package app

import (
	"context"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// ByID returns a grant.
//
// Errors: domain.ErrGrantNotFound.
func (g *Grants) ByID(ctx context.Context, id domain.GrantID) (Shown, error) {
	grant, err := g.repo.ByID(ctx, id)
	if err != nil {
		return Shown{}, err
	}
	return g.shownOne(ctx, grant, g.require(ctx, GrantRead, grant))
}

// GrantQuery filters grants; nil and empty fields do not filter.
type GrantQuery struct {
	UserID     *int64
	RoleID     *domain.RoleID
	GrantedBy  *int64
	Place      place.Place      // an organization, a department or both
	Covering   bool             // also grants for places that contain the organization or the department
	Permission authz.Permission // the role had it at that moment
	State      domain.State
	Effect     domain.Effect
	At         *time.Time // nil: now
	Search     string     // contained in the reason, or in the reason for ending
}

// List returns a page of the grants that the caller may see.
//
// Errors: errs.Invalid, page.ErrCursor.
func (g *Grants) List(ctx context.Context, wanted GrantQuery, request page.Request) (page.Page[Shown], error) {
	filter, err := g.filter(ctx, wanted)
	if err != nil {
		return page.Page[Shown]{}, err
	}
	return g.page(ctx, filter, request)
}

func (g *Grants) page(ctx context.Context, filter ports.GrantFilter, request page.Request) (page.Page[Shown], error) {
	found, err := g.repo.List(ctx, filter, request)
	if err != nil {
		return page.Page[Shown]{}, err
	}
	items, err := g.shown(ctx, filter.At, found.Items...)
	return page.Of(found, items), err
}

func (g *Grants) filter(ctx context.Context, wanted GrantQuery) (ports.GrantFilter, error) {
	filter := ports.GrantFilter{UserID: wanted.UserID, RoleID: wanted.RoleID, GrantedBy: wanted.GrantedBy, State: wanted.State, Effect: wanted.Effect, At: wanted.At, Search: wanted.Search}
	var err error
	if filter.Scope, err = g.decisions.Scope(ctx, GrantRead); err != nil {
		return filter, err
	}
	if wanted.Effect != "" {
		if err := g.byEffect(ctx, &filter); err != nil {
			return filter, err
		}
	}
	upward := false
	if wanted.Permission != "" {
		holding, err := g.holding(ctx, wanted.Permission, wanted.At)
		if err != nil {
			return filter, err
		}
		described := g.decisions.permissions.described(wanted.Permission)
		filter.Holding, filter.Least, upward = &holding, described.Least, described.Upward
	}
	if wanted.Place == (place.Place{}) {
		if wanted.Covering {
			return filter, errs.Violation("covering", "place_required", "needs an organization or a department")
		}
		return filter, nil
	}
	filter.Place = wanted.Place
	if !wanted.Covering {
		return filter, nil
	}
	department := wanted.Place.Department
	filter.Upward = upward && department == 0
	above := []int64{}
	if department != 0 {
		organization, err := g.organizationOf(ctx, department)
		if err != nil {
			return filter, err
		}
		if filter.Place.Organization == 0 {
			filter.Place.Organization = organization
		}
		if organization != 0 && organization == filter.Place.Organization {
			if above, err = g.trees.Above(ctx, time.Now(), organization, department); err != nil {
				return filter, err
			}
			above = append([]int64{department}, above...) // itself, even if it was deleted
		}
	}
	filter.Above = &above
	return filter, nil
}

// organizationOf returns the organization of a department, from the ledger if the department was deleted; 0 if unknown.
//
// Errors: errs.Unavailable.
func (g *Grants) organizationOf(ctx context.Context, department int64) (int64, error) {
	organization, exists, err := g.places.OrganizationOf(ctx, department)
	authz.ReadAgain(ctx)
	if err != nil {
		return 0, err
	}
	former, err := g.repo.OrganizationOf(ctx, department) // queried in both cases, so that the response time does not reveal which it is
	if exists {
		return organization, err
	}
	return former, err
}

// holding returns the roles that had a permission at a moment, nil for now.
//
// Errors: errs.Invalid for one that no module declares, errs.Unavailable.
func (g *Grants) holding(ctx context.Context, p authz.Permission, at *time.Time) ([]domain.RoleID, error) {
	if _, declared := g.decisions.permissions.Index(p); !declared {
		return nil, errs.Violation("permission", "unknown_permission", "is no permission")
	}
	moment := time.Now()
	if at != nil {
		moment = *at
	}
	return g.roles.Holding(ctx, patterns(g.decisions.permissions.described(p)), moment)
}
