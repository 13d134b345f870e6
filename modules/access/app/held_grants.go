package app

import (
	"context"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/cache"
	"erp.internal/platform/place"
)

// mostHeld bounds how many users' grants are held in memory, each about 200 bytes, 8 for each permission that there is,
// and 32 for each grant.
const mostHeld = 100_000

// heldRole is what a role holds, by how far it is granted.
type heldRole map[place.Level]permissionSet

// of gives what a user holds and will hold.
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
				counting = append(counting, hold(g, role[g.Place.Level()]))
			}
		}
		return newHoldings(counting, len(d.permissions.All())), cache.Policy{Owner: user}, nil
	})
}

// allRoles gives what every role holds.
//
// Errors: errs.Unavailable.
func (d *Decisions) allRoles(ctx context.Context, now time.Time) (map[domain.RoleID]heldRole, error) {
	if cached, found := d.cachedRoles.Find(struct{}{}, now); found {
		return cached, nil
	}
	return d.cachedRoles.Load(ctx, struct{}{}, func(ctx context.Context) (map[domain.RoleID]heldRole, cache.Policy, error) {
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

// rolesAt gives what roles held at a moment, nil being now. Of a past moment it is read anew.
//
// Errors: errs.Unavailable.
func (d *Decisions) rolesAt(ctx context.Context, at *time.Time) (map[domain.RoleID]heldRole, error) {
	if !past(at) {
		return d.allRoles(ctx, time.Now())
	}
	held, err := d.roles.HeldAt(ctx, *at)
	return d.byLevel(held), err
}

// byLevel gives of roles, by the names or patterns that they hold, what each gives in a place of each width.
func (d *Decisions) byLevel(held map[domain.RoleID][]string) map[domain.RoleID]heldRole {
	roles := make(map[domain.RoleID]heldRole, len(held))
	for id, names := range held {
		set, role := d.permissions.named(names), heldRole{}
		for level := range d.permissions.levels {
			role[level] = d.permissions.within(set, level)
		}
		roles[id] = role
	}
	return roles
}
