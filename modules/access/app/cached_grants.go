package app

import (
	"context"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/cache"
	"erp.internal/platform/place"
)

// maxCachedUsers is the maximum number of users whose grants are cached: about 200 bytes for each user, 8 for each permission
// of the catalogue, and 32 for each grant.
const maxCachedUsers = 100_000

// rolePermissions are the permissions of a role that have an effect at each level.
type rolePermissions map[place.Level]permissionSet

// of returns the holdings of a user.
//
// Errors: errs.Unavailable.
func (d *Decisions) of(ctx context.Context, user int64, now time.Time) (*holdings, error) {
	if cached, found := d.cachedHoldings.Find(user, now); found {
		return cached, nil
	}
	return d.loadHoldings(ctx, user, now)
}

func (d *Decisions) loadHoldings(ctx context.Context, user int64, now time.Time) (*holdings, error) {
	return d.cachedHoldings.Load(ctx, user, func(ctx context.Context) (*holdings, cache.Policy, error) {
		roles, err := d.allRoles(ctx, now)
		if err != nil {
			return nil, cache.Policy{}, err
		}
		grants, err := d.grants.Live(ctx, user)
		if err != nil {
			return nil, cache.Policy{}, err
		}
		counting := make([]granted, 0, len(grants))
		for _, g := range grants {
			if role, known := roles[g.RoleID]; known && g.At(now) != domain.Expired {
				counting = append(counting, newGranted(g, role[g.Place.Level()]))
			}
		}
		return newHoldings(counting, len(d.permissions.All())), cache.Policy{Owner: user}, nil
	})
}

// allRoles returns the permissions of all roles.
//
// Errors: errs.Unavailable.
func (d *Decisions) allRoles(ctx context.Context, now time.Time) (map[domain.RoleID]rolePermissions, error) {
	if cached, found := d.cachedRoles.Find(struct{}{}, now); found {
		return cached, nil
	}
	return d.cachedRoles.Load(ctx, struct{}{}, func(ctx context.Context) (map[domain.RoleID]rolePermissions, cache.Policy, error) {
		all, err := d.roles.All(ctx)
		if err != nil {
			return nil, cache.Policy{}, err
		}
		held := make(map[domain.RoleID][]string, len(all))
		for _, r := range all {
			held[r.ID] = r.Permissions
		}
		return d.byLevel(held), cache.Policy{}, nil
	})
}

// rolesAt returns the permissions of all roles at a moment, nil for now. Past moments are not cached.
//
// Errors: errs.Unavailable.
func (d *Decisions) rolesAt(ctx context.Context, at *time.Time) (map[domain.RoleID]rolePermissions, error) {
	if !past(at) {
		return d.allRoles(ctx, time.Now())
	}
	held, err := d.roles.PermissionsAt(ctx, *at)
	return d.byLevel(held), err
}

// byLevel resolves the names and patterns of roles to permissions at each level.
func (d *Decisions) byLevel(held map[domain.RoleID][]string) map[domain.RoleID]rolePermissions {
	roles := make(map[domain.RoleID]rolePermissions, len(held))
	for id, names := range held {
		set, role := d.permissions.named(names), rolePermissions{}
		for level := range d.permissions.levels {
			role[level] = d.permissions.within(set, level)
		}
		roles[id] = role
	}
	return roles
}
