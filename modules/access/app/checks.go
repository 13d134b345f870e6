package app

import (
	"context"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	identityports "erp.internal/modules/identity/ports"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/place"
)

// Checks are the use cases that explain who may do what, and why.
type Checks struct{ grants *Grants }

// NewChecks makes the use cases.
func NewChecks(grants *Grants) *Checks { return &Checks{grants} }

// OwnPermission is a permission of the caller, with the places where they hold it.
type OwnPermission struct {
	Permission authz.Permission
	Reach
}

// Own returns the permissions that the caller holds anywhere.
//
// Errors: errs.Unavailable.
func (c *Checks) Own(ctx context.Context) ([]OwnPermission, error) {
	who, now := authn.From(ctx), time.Now()
	var mine *holdings
	if !who.Unrestricted {
		var err error
		if mine, err = c.grants.decisions.of(ctx, who.UserID, now); err != nil {
			return nil, err
		}
	}
	held := []OwnPermission{}
	for index, d := range c.grants.decisions.permissions.All() {
		reach := Reach{Everywhere: true}
		if mine != nil {
			reach = reachOf(mine, index, now.UnixMicro(), d.Upward)
		}
		if reach.Everywhere || len(reach.Organizations)+len(reach.Departments) > 0 {
			held = append(held, OwnPermission{d.Permission, reach})
		}
	}
	return held, nil
}

// Question is whether a user has a permission at a place.
type Question struct {
	UserID     int64
	Permission authz.Permission
	Place      place.Place // the organization of a department may be left out
	At         *time.Time  // nil: now
}

// Verdict is the answer, with the grants that allow it, or what is missing.
type Verdict struct {
	Allowed bool
	Because []Reason
	Missing []Reason
}

// Reason is a grant that allows it, or nearly does.
type Reason struct {
	Why   Why
	Grant *Shown // nil if there is none, or if the caller may not see it
	Role  string // the grant's
}

// Why classifies a grant by how near it comes to allowing it.
type Why string

// The classes: the grants that allow it, then those that do not, the nearest first.
const (
	Allows         Why = "allows"
	Deactivated    Why = "user_deactivated"
	NotYet         Why = "grant_not_yet"         // it will allow it, but begins later
	Over           Why = "grant_over"            // it allowed it, but has expired or was ended
	TooNarrow      Why = "grant_too_narrow"      // its role has the permission, which has no effect for a place so narrow
	Elsewhere      Why = "grant_elsewhere"       // its role has the permission, for another place
	RoleLacks      Why = "role_lacks_permission" // it is for that place, but its role does not have the permission
	NothingGranted Why = "nothing_granted"
)

// mostReasons is the maximum number of reasons of each class.
const mostReasons = 20

// Check answers whether a user has a permission at a place, and why. To check other users, the caller needs GrantRead at
// their place.
//
// Errors: errs.Invalid, authz.ErrForbidden.
func (c *Checks) Check(ctx context.Context, q Question) (Verdict, error) {
	var v errs.Violations
	person, err := c.person(ctx, q.UserID)
	if err := v.Join(err); err != nil {
		return Verdict{}, err
	}
	holding, err := c.grants.holding(ctx, q.Permission, q.At)
	if err := v.Join(err); err != nil {
		return Verdict{}, err
	}
	at, err := c.place(ctx, q)
	if err := v.Join(err); err != nil {
		return Verdict{}, err
	}
	if err := v.Err(); err != nil {
		return Verdict{}, err
	}
	reasons, err := c.reasons(ctx, q, at, holding)
	if err != nil {
		return Verdict{}, err
	}
	verdict := reasons.verdict(stateOf(person, q.At))
	shown := verdict.Because
	if len(shown) == 0 { // at most one of the two has grants
		shown = verdict.Missing
	}
	return verdict, c.complete(ctx, q.At, shown)
}

// complete loads the full grants of the reasons, with the names of their roles and their effects at the moment of the
// question.
//
// Errors: errs.Unavailable.
func (c *Checks) complete(ctx context.Context, at *time.Time, reasons []Reason) error {
	var ids []domain.GrantID
	var roles []domain.RoleID
	for _, r := range reasons {
		if r.Grant != nil {
			ids, roles = append(ids, r.Grant.ID), append(roles, r.Grant.RoleID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	grants, err := c.grants.repo.ByIDs(ctx, ids)
	if err != nil {
		return err
	}
	shown, err := c.grants.shown(ctx, at, grants...)
	if err != nil {
		return err
	}
	names, err := c.grants.roles.Names(ctx, roles...)
	if err != nil {
		return err
	}
	whole := make(map[domain.GrantID]Shown, len(shown))
	for _, s := range shown {
		whole[s.ID] = s
	}
	for i, r := range reasons {
		if r.Grant != nil {
			*r.Grant, reasons[i].Role = whole[r.Grant.ID], names[r.Grant.RoleID]
		}
	}
	return nil
}

// person returns a user whom the caller may check.
//
// Errors: domain.ErrUnknownUser, authz.ErrForbidden.
func (c *Checks) person(ctx context.Context, user int64) (identityports.Person, error) {
	found, err := person(ctx, c.grants.people, user, domain.ErrUnknownUser)
	if err != nil || authn.From(ctx).UserID == user {
		return found, err
	}
	return found, authz.RequireVisible(ctx, c.grants.decisions, GrantRead, identityports.UserRead, domain.ErrUnknownUser, found.Place)
}

// place completes and checks the place of the question. Only callers who may see everything there learn that a place does
// not exist; for others the answer is that of a place that they may not see.
//
// Errors: domain.ErrUnknownOrganization, domain.ErrUnknownDepartment.
func (c *Checks) place(ctx context.Context, q Question) (place.Place, error) {
	at := q.Place
	var exists bool
	var err error
	read, missing := orgports.OrganizationRead, domain.ErrUnknownOrganization
	switch at.Level() {
	case place.DepartmentLevel:
		var of int64
		read, missing = orgports.DepartmentRead, domain.ErrUnknownDepartment
		of, exists, err = c.grants.places.OrganizationOf(ctx, at.Department)
		if exists = exists && (at.Organization == 0 || at.Organization == of); exists {
			at.Organization = of
		}
	case place.OrganizationLevel:
		exists, err = c.grants.places.OrganizationExists(ctx, at.Organization)
	default:
		return at, nil
	}
	if err != nil {
		return at, err
	}
	seen := authz.Require(ctx, c.grants.decisions, read, at) == nil
	if !seen {
		authz.ReadAgain(ctx)
	}
	switch {
	case !exists && seen:
		return at, missing
	case !exists, !seen && authn.From(ctx).UserID != q.UserID: // then only permissions for the whole system count
		at.Organization = 0
	}
	return at, nil
}

// reasonsByWhy are the newest grants of a user by class, at most mostReasons of each.
type reasonsByWhy map[Why][]Reason

// reasons classifies the grants of a user, one at a time, since there may be too many for memory. Of grants that the caller
// may not see it keeps only that they allow it.
//
// Errors: errs.Unavailable.
func (c *Checks) reasons(ctx context.Context, q Question, at place.Place, holding []domain.RoleID) (reasonsByWhy, error) {
	seen := place.Scope{Everywhere: true}
	var err error
	if authn.From(ctx).UserID != q.UserID {
		if seen, err = c.grants.decisions.Scope(ctx, GrantRead); err != nil {
			return nil, err
		}
	}
	var above []int64
	if at.Department != 0 && at.Organization != 0 { // only departments need the tree
		if above, err = c.grants.trees.Above(ctx, time.Now(), at.Organization, at.Department); err != nil {
			return nil, err
		}
	}
	described := c.grants.decisions.permissions.described(q.Permission)
	reasons := reasonsByWhy{}
	err = c.grants.repo.Of(ctx, q.UserID, func(g domain.Grant) {
		reach := reaches(g.Place, at, described.Upward)
		covers := reach == place.Inside || reach == place.InTree && slices.Contains(above, g.Place.Department)
		canHold := slices.Contains(described.Levels(), g.Place.Level())
		moment := momentOf(q.At, []domain.Grant{g})
		why := whyOf(g.At(moment), slices.Contains(holding, g.RoleID), canHold, covers)
		switch {
		case why == "" || len(reasons[why]) == mostReasons:
		case seen.Contains(g.Place):
			reasons[why] = append(reasons[why], Reason{Why: why, Grant: &Shown{Grant: g}})
		case why == Allows: // that it is allowed, without the grant
			reasons[why] = append(reasons[why], Reason{Why: why})
		}
	})
	return reasons, err
}

// momentOf returns the moment of the question. Now is at least the newest time in the grants, if the clocks differ.
func momentOf(at *time.Time, grants []domain.Grant) time.Time {
	if at != nil {
		return *at
	}
	moment := time.Now()
	for _, g := range grants {
		for _, written := range []*time.Time{&g.GrantedAt, g.EndedAt} {
			if written != nil && written.After(moment) {
				moment = *written
			}
		}
	}
	return moment
}

// whyOf classifies a grant, "" for one that is unrelated. holds is whether its role has the permission, and canHold whether
// the permission has an effect for a place of that level.
func whyOf(state domain.State, holds, canHold, covers bool) Why {
	switch {
	case state == domain.Unknown:
		return ""
	case holds && !canHold && state == domain.Active:
		return TooNarrow
	case holds && covers && state == domain.Active:
		return Allows
	case holds && canHold && covers && state == domain.Scheduled:
		return NotYet
	case holds && canHold && covers:
		return Over
	case holds && canHold && state == domain.Active:
		return Elsewhere
	case !holds && covers && state == domain.Active:
		return RoleLacks
	default:
		return ""
	}
}

// stateOf returns why the user may do nothing at all, "" for no reason. It is not known for the past; a user who is
// deactivated now counts as deactivated for later moments, too.
func stateOf(p identityports.Person, at *time.Time) Why {
	switch {
	case past(at):
		return ""
	case !canSignIn(p):
		return Deactivated
	default:
		return ""
	}
}

// verdict returns the reasons that allow it, or the nearest that do not. state is the result of stateOf.
func (w reasonsByWhy) verdict(state Why) Verdict {
	because := w[Allows]
	if state == "" && len(because) > 0 {
		return Verdict{Allowed: true, Because: because}
	}
	var missing []Reason
	if state != "" {
		missing = append(missing, Reason{Why: state})
	}
	if len(because) > 0 { // only the state prevents it
		return Verdict{Because: because, Missing: missing}
	}
	for _, why := range []Why{NotYet, Over, TooNarrow, Elsewhere, RoleLacks} {
		if near := w[why]; len(near) > 0 {
			return Verdict{Missing: append(missing, near...)}
		}
	}
	return Verdict{Missing: append(missing, Reason{Why: NothingGranted})}
}
