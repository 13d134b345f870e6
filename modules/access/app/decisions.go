// Package app holds the use cases of roles and grants, and the decisions of authorization.
package app

import (
	"context"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/cache"
	"erp.internal/platform/place"
)

// Decisions implements authz.Authorizer from memory: it caches the grants of users, the permissions of roles and the trees
// of departments.
type Decisions struct {
	permissions    permissions
	roles          ports.Roles
	grants         ports.Grants
	trees          orgports.Trees
	cachedRoles    *cache.Cache[struct{}, map[domain.RoleID]rolePermissions] // one value for all
	cachedHoldings *cache.Cache[int64, *holdings]                            // by user, who is also the owner
}

var _ authz.Authorizer = (*Decisions)(nil)

// NewDecisions makes the use cases.
func NewDecisions(catalogue *authz.Catalogue, roles ports.Roles, grants ports.Grants, trees orgports.Trees, hub *cache.Hub) *Decisions {
	return &Decisions{
		permissions: newPermissions(catalogue), roles: roles, grants: grants, trees: trees,
		// Caches are invalidated in the order in which they are created: roles before the holdings that are computed from them.
		cachedRoles: cache.New[struct{}, map[domain.RoleID]rolePermissions](hub, "roles", 1, cache.Rules{
			domain.RoleCreated: cache.OfEveryone, domain.RoleChanged: cache.OfEveryone, domain.RoleDeleted: cache.OfEveryone,
		}),
		cachedHoldings: cache.New[int64, *holdings](hub, "grants", maxCachedUsers, cache.Rules{
			domain.RoleCreated: cache.OfEveryone, domain.RoleChanged: cache.OfEveryone, domain.RoleDeleted: cache.OfEveryone,
			domain.GrantCreated: cache.OfUser, domain.GrantEnded: cache.OfUser,
		}),
	}
}

// Anywhere implements authz.Authorizer.
func (d *Decisions) Anywhere(ctx context.Context, p authz.Permission) error {
	who := authn.From(ctx)
	if who.Unrestricted {
		return nil
	}
	mine, index, now, err := d.caller(ctx, who, p)
	if err != nil {
		return err
	}
	at := now.UnixMicro()
	for i := range mine.of(index) {
		if mine.inForce(i, at) {
			return nil
		}
	}
	return authz.ErrForbidden
}

// RequireAt implements authz.Authorizer.
func (d *Decisions) RequireAt(ctx context.Context, p authz.Permission, at place.Place) error {
	who := authn.From(ctx)
	if who.Unrestricted {
		return nil
	}
	mine, index, now, err := d.caller(ctx, who, p)
	if err != nil {
		return err
	}
	upward, moment := d.permissions.All()[index].Upward, now.UnixMicro()
	var above []int64 // the department and its ancestors
	for i, held := range mine.of(index) {
		reach := reaches(held, at, upward)
		if reach == place.Outside || !mine.inForce(i, moment) {
			continue
		}
		if reach == place.Inside {
			return nil
		}
		if above == nil {
			if above, err = d.trees.Above(ctx, now, at.Organization, at.Department); err != nil {
				return err
			}
		}
		if slices.Contains(above, held.Department) {
			return nil
		}
	}
	return authz.ErrForbidden
}

// caller returns the holdings of the caller, the index of a permission, and the time, which is read once for a decision.
//
// Errors: authz.ErrForbidden when the caller is not signed in or no module declares the permission, errs.Unavailable.
func (d *Decisions) caller(ctx context.Context, who authn.Principal, p authz.Permission) (mine *holdings, index int, now time.Time, err error) {
	index, declared := d.permissions.Index(p)
	if !declared || !who.SignedIn {
		return nil, 0, now, authz.ErrForbidden
	}
	now = time.Now()
	mine, err = d.of(ctx, who.UserID, now)
	return mine, index, now, err
}

// Scope implements authz.Authorizer.
func (d *Decisions) Scope(ctx context.Context, p authz.Permission) (place.Scope, error) {
	reach, err := d.reach(ctx, p)
	if err != nil || reach.Everywhere {
		return place.Scope{Everywhere: reach.Everywhere}, err
	}
	scope := place.Scope{Organizations: reach.Organizations, ByOrganization: make(map[int64][]int64, len(reach.Departments))}
	for organization, roots := range reach.Departments {
		departments, err := d.trees.Below(ctx, organization, roots...)
		if err != nil {
			return place.Scope{}, err
		}
		scope.ByOrganization[organization] = departments
		scope.Departments = append(scope.Departments, departments...)
	}
	return scope, nil
}

// Reach is where a user holds a permission.
type Reach struct {
	Everywhere    bool
	Organizations []int64
	// Departments, each including its descendants, by their organizations, which are not among Organizations.
	Departments map[int64][]int64
}

// reach returns where the caller holds a permission.
//
// Errors: errs.Unavailable.
func (d *Decisions) reach(ctx context.Context, p authz.Permission) (Reach, error) {
	who := authn.From(ctx)
	if who.Unrestricted {
		return Reach{Everywhere: true}, nil
	}
	mine, index, now, err := d.caller(ctx, who, p)
	if err != nil {
		return Reach{}, err
	}
	return reachOf(mine, index, now.UnixMicro(), d.permissions.All()[index].Upward), nil
}

func reachOf(mine *holdings, index int, now int64, upward bool) Reach {
	r := Reach{Departments: map[int64][]int64{}}
	for i, held := range mine.of(index) { // the widest come first
		switch {
		case !mine.inForce(i, now):
		case held.Organization == 0:
			return Reach{Everywhere: true}
		case slices.Contains(r.Organizations, held.Organization):
		case held.Department == 0 || upward:
			r.Organizations = append(r.Organizations, held.Organization)
		case !slices.Contains(r.Departments[held.Organization], held.Department):
			r.Departments[held.Organization] = append(r.Departments[held.Organization], held.Department)
		}
	}
	return r
}
