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

// ByID gives a grant.
//
// Errors: domain.ErrGrantNotFound.
func (g *Grants) ByID(ctx context.Context, id domain.GrantID) (Shown, error) {
	grant, err := g.repo.ByID(ctx, id)
	if err != nil {
		return Shown{}, err
	}
	return g.shownOne(ctx, grant, g.require(ctx, GrantRead, grant))
}

// Wanted says which grants a list holds; what is nil or empty filters nothing.
type Wanted struct {
	UserID     *int64
	RoleID     *domain.RoleID
	GrantedBy  *int64
	Place      place.Place      // an organization, a department or both
	Covering   bool             // also those that hold somewhere which contains the organization or the department
	Permission authz.Permission // only those whose role held it at that moment
	State      domain.State
	Effect     domain.Effect
	At         *time.Time // nil: now
	Search     string     // only those whose reason, or reason of the end, contains it
}

// List gives a page of the grants that the caller may see.
//
// Errors: errs.Invalid, page.ErrCursor.
func (g *Grants) List(ctx context.Context, wanted Wanted, request page.Request) (page.Page[Shown], error) {
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
	return page.Page[Shown]{Items: items, Next: found.Next, Total: found.Total}, err
}

func (g *Grants) filter(ctx context.Context, wanted Wanted) (ports.GrantFilter, error) {
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
			above = append([]int64{department}, above...) // itself also when it is gone
		}
	}
	filter.Above = &above
	return filter, nil
}

// organizationOf gives the organization of a department, by the ledger when the department is gone; 0 for nobody's.
//
// Errors: errs.Unavailable.
func (g *Grants) organizationOf(ctx context.Context, department int64) (int64, error) {
	organization, there, err := g.places.OrganizationOf(ctx, department)
	if err != nil {
		return 0, err
	}
	former, err := g.repo.OrganizationOf(ctx, department) // asked either way, so that the time does not say which it is
	if there {
		return organization, err
	}
	return former, err
}

// holding gives the roles that held a permission at a moment, nil being now.
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
