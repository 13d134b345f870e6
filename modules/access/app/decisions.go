// Package app holds the use cases: what may be done with roles and grants, and the decisions that come of them.
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
	"erp.internal/platform/pg"
)

const (
	// mostHeld bounds how many users' grants are held in memory, each about 200 bytes, 8 for each permission that there is,
	// and 32 for each grant.
	mostHeld = 100_000
	// allRoles is the feed's key for all roles; its other keys are users, who begin at 1.
	allRoles int64 = 0
)

// Decisions implements authz.Authorizer, from memory: what each user holds, and how departments stand to each other.
type Decisions struct {
	tx          pg.Transactor
	changes     pg.Changes
	permissions permissions
	roles       ports.Roles
	grants      ports.Grants
	trees       orgports.Trees
	heldRoles   *pg.Held[int64, map[domain.RoleID]heldRole]
	held        *pg.Held[int64, *holdings]
}

var _ authz.Authorizer = (*Decisions)(nil)

// heldRole is what a role holds, by how far it is granted.
type heldRole map[authz.Level]permissionSet

// NewDecisions makes the use cases.
func NewDecisions(catalogue *authz.Catalogue, tx pg.Transactor, roles ports.Roles, grants ports.Grants, trees orgports.Trees, changes pg.Changes) *Decisions {
	return &Decisions{
		tx: tx, changes: changes, permissions: newPermissions(catalogue), roles: roles, grants: grants, trees: trees,
		heldRoles: pg.NewHeld[int64, map[domain.RoleID]heldRole](tx, changes, 1),
		held:      pg.NewHeld[int64, *holdings](tx, changes, mostHeld),
	}
}

// Anywhere implements authz.Authorizer.
func (d *Decisions) Anywhere(ctx context.Context, p authz.Permission) error {
	who := authn.From(ctx)
	if who.Unrestricted {
		return nil
	}
	mine, place, now, err := d.caller(ctx, who, p)
	if err != nil {
		return err
	}
	at := now.UnixMicro()
	for i := range mine.of(place) {
		if mine.inForce(i, at) {
			return nil
		}
	}
	return authz.ErrForbidden
}

// Require implements authz.Authorizer.
func (d *Decisions) Require(ctx context.Context, p authz.Permission, t authz.Target) error {
	who := authn.From(ctx)
	if who.Unrestricted {
		return nil
	}
	mine, place, now, err := d.caller(ctx, who, p)
	if err != nil {
		return err
	}
	upward, at := d.permissions.upward.has(place), now.UnixMicro()
	var above []int64 // the target's department, and what it stands below
	for i, h := range mine.of(place) {
		reach := h.reaches(t, upward)
		if reach == beside || !mine.inForce(i, at) {
			continue
		}
		if reach == there {
			return nil
		}
		if above == nil {
			if above, err = d.trees.Above(ctx, now, t.Organization, t.Department); err != nil {
				return err
			}
		}
		if slices.Contains(above, h.department) {
			return nil
		}
	}
	return authz.ErrForbidden
}

// caller gives what the caller holds, a permission's place in sets, and the time, which is read once for a decision.
//
// Errors: authz.ErrForbidden when nobody is signed in or nobody declares the permission, errs.Unavailable.
func (d *Decisions) caller(ctx context.Context, who authn.Principal, p authz.Permission) (mine *holdings, place int, now time.Time, err error) {
	place, declared := d.permissions.Place(p)
	if !declared || !who.SignedIn {
		return nil, 0, now, authz.ErrForbidden
	}
	now = time.Now()
	mine, err = d.of(ctx, who.UserID, now)
	return mine, place, now, err
}

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
	roles := make(map[domain.RoleID]heldRole, len(all))
	for _, r := range all {
		set, role := d.permissions.named(r.Permissions), heldRole{}
		for level := range d.permissions.levels {
			role[level] = d.permissions.within(set, level)
		}
		roles[r.ID] = role
	}
	d.heldRoles.Keep(ctx, epoch, allRoles, allRoles, roles)
	return roles, nil
}

// Scope implements authz.Authorizer.
func (d *Decisions) Scope(ctx context.Context, p authz.Permission) (authz.Scope, error) {
	reach, err := d.reach(ctx, p)
	if err != nil || reach.Everywhere {
		return authz.Scope{Everywhere: reach.Everywhere}, err
	}
	var below []int64
	for organization, roots := range reach.Departments {
		departments, err := d.trees.Below(ctx, organization, roots...)
		if err != nil {
			return authz.Scope{}, err
		}
		below = append(below, departments...)
	}
	return authz.Scope{Organizations: reach.Organizations, Departments: below}, nil
}

// Reach is where somebody holds a permission.
type Reach struct {
	Everywhere    bool
	Organizations []int64
	// Departments, each with everything below it, by the organizations they are of, which are not among Organizations.
	Departments map[int64][]int64
}

// reach gives where the caller holds a permission.
//
// Errors: errs.Unavailable.
func (d *Decisions) reach(ctx context.Context, p authz.Permission) (Reach, error) {
	who := authn.From(ctx)
	if who.Unrestricted {
		return Reach{Everywhere: true}, nil
	}
	mine, place, now, err := d.caller(ctx, who, p)
	if err != nil {
		return Reach{}, err
	}
	return reachOf(mine, place, now.UnixMicro(), d.permissions.upward.has(place)), nil
}

func reachOf(mine *holdings, place int, now int64, upward bool) Reach {
	r := Reach{Departments: map[int64][]int64{}}
	for i, h := range mine.of(place) { // the wide ones come first
		switch {
		case !mine.inForce(i, now):
		case h.organization == 0:
			return Reach{Everywhere: true}
		case slices.Contains(r.Organizations, h.organization):
		case h.department == 0 || upward:
			r.Organizations = append(r.Organizations, h.organization)
		case !slices.Contains(r.Departments[h.organization], h.department):
			r.Departments[h.organization] = append(r.Departments[h.organization], h.department)
		}
	}
	return r
}

// RequireAllOf implements authz.Authorizer.
func (d *Decisions) RequireAllOf(ctx context.Context, user int64) error {
	who := authn.From(ctx)
	if who.Unrestricted || who.SignedIn && who.UserID == user {
		return nil
	}
	now := time.Now()
	theirs, err := d.of(ctx, user, now)
	if err != nil {
		return err
	}
	for i, h := range theirs.all {
		until := theirs.periods[i].until
		if until <= now.UnixMicro() {
			continue
		}
		lacking, err := d.lacking(ctx, theirs.permissions(i), h.target(), until)
		if err != nil {
			return err
		}
		if !lacking.empty() {
			return errHoldsMore
		}
	}
	return nil
}

// RequireNoGain implements authz.Authorizer.
func (d *Decisions) RequireNoGain(ctx context.Context, from, to authz.Target) error {
	who := authn.From(ctx)
	if who.Unrestricted {
		return nil
	}
	now := time.Now()
	mine, err := d.of(ctx, who.UserID, now)
	if err != nil {
		return err
	}
	for i, h := range mine.all {
		until := mine.periods[i].until
		reached, err := d.covers(ctx, now, h, to)
		if err != nil {
			return err
		}
		before, err := d.covers(ctx, now, h, from)
		if err != nil {
			return err
		}
		if !reached || before || until <= now.UnixMicro() {
			continue
		}
		lacking, err := d.lacking(ctx, mine.permissions(i), from, until)
		if err != nil {
			return err
		}
		if !lacking.empty() {
			return errGains
		}
	}
	return nil
}

// covers says whether a holding is for a place that contains the target.
func (d *Decisions) covers(ctx context.Context, now time.Time, h holding, t authz.Target) (bool, error) {
	reach := h.reaches(t, false)
	if reach != treeKnows {
		return reach == there, nil
	}
	above, err := d.trees.Above(ctx, now, t.Organization, t.Department)
	return slices.Contains(above, h.department), err
}

// errHoldsMore and errGains are ErrForbidden with their reasons.
var (
	errGains     = authz.ErrForbidden.Saying("You would hold more over it there than where it is: ask somebody who holds as much where it is")
	errHoldsMore = authz.ErrForbidden.Saying("This user may do more than you, so you cannot do this to them: ask somebody who may do as much")
)

// lacking gives those of the permissions that the caller does not hold for the target until then: by no grant whose end
// is earlier.
//
// Errors: errs.Unavailable.
func (d *Decisions) lacking(ctx context.Context, needed permissionSet, t authz.Target, until int64) (permissionSet, error) {
	who := authn.From(ctx)
	if who.Unrestricted {
		return permissionSet{}, nil
	}
	now := time.Now()
	mine, err := d.of(ctx, who.UserID, now)
	if err != nil {
		return permissionSet{}, err
	}
	for i, h := range mine.all {
		if !mine.inForce(i, now.UnixMicro()) || mine.periods[i].until < until {
			continue
		}
		covers, err := d.covers(ctx, now, h, t)
		if err != nil {
			return permissionSet{}, err
		}
		if covers {
			needed = needed.without(mine.permissions(i))
		}
	}
	return needed, nil
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
