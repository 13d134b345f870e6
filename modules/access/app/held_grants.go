package app

import (
	"context"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/authz"
)

const (
	// mostHeld bounds how many users' grants are held in memory, each about 200 bytes, 8 for each permission that there is,
	// and 32 for each grant.
	mostHeld = 100_000
	// allRoles is the feed's key for all roles; its other keys are users, who begin at 1.
	allRoles int64 = 0
)

// heldRole is what a role holds, by how far it is granted.
type heldRole map[authz.Level]permissionSet

// of gives what a user holds and will hold.
//
// Errors: errs.Unavailable.
func (d *Decisions) of(ctx context.Context, user int64, now time.Time) (*holdings, error) {
	if held, found := d.held.Find(user, now); found {
		return held, nil
	}
	epoch := d.held.Epoch()
	roles, err := d.allRoles(ctx, now)
	if err != nil {
		return nil, err
	}
	grants, err := d.grants.Live(ctx, user)
	if err != nil {
		return nil, err
	}
	counting := make([]granted, 0, len(grants))
	for _, g := range grants {
		if role, known := roles[g.RoleID]; known && g.At(now) != domain.Expired {
			counting = append(counting, hold(g, role[level(g.Place)]))
		}
	}
	held := newHoldings(counting, len(d.permissions.All()))
	d.held.Keep(ctx, epoch, user, user, held)
	return held, nil
}

// allRoles gives what every role holds.
//
// Errors: errs.Unavailable.
func (d *Decisions) allRoles(ctx context.Context, now time.Time) (map[domain.RoleID]heldRole, error) {
	if roles, found := d.heldRoles.Find(allRoles, now); found {
		return roles, nil
	}
	epoch := d.heldRoles.Epoch()
	all, err := d.roles.All(ctx)
	if err != nil {
		return nil, err
	}
	held := make(map[domain.RoleID][]string, len(all))
	for _, r := range all {
		held[r.ID] = r.Permissions
	}
	roles := d.byLevel(held)
	d.heldRoles.Keep(ctx, epoch, allRoles, allRoles, roles)
	return roles, nil
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

// usersChanged tells everybody, in the context's transaction, that what users hold is another now.
func (d *Decisions) usersChanged(ctx context.Context, users ...int64) error {
	return d.held.Changed(ctx, users...)
}

// rolesChanged tells everybody, in the context's transaction, that what roles hold is another now.
func (d *Decisions) rolesChanged(ctx context.Context) error {
	d.tx.AfterCommit(ctx, d.ForgetAll)
	return d.changes.Announce(ctx, allRoles)
}

// Forget forgets what is held under a key of the feed: another replica changed it.
func (d *Decisions) Forget(key int64) {
	if key == allRoles {
		d.ForgetAll()
		return
	}
	d.held.Forget(key)
}

// ForgetAll forgets everything: nobody can tell what changed.
func (d *Decisions) ForgetAll() {
	d.heldRoles.ForgetAll() // before those that are made of them
	d.held.ForgetAll()
}
