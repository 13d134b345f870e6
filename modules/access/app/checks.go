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

// Checks tell who may do what, and why.
type Checks struct{ grants *Grants }

// NewChecks makes the use cases.
func NewChecks(grants *Grants) *Checks { return &Checks{grants} }

// Held is a permission and where the caller holds it.
type Held struct {
	Permission authz.Permission
	Reach
}

// Own gives the permissions that the caller holds somewhere.
//
// Errors: errs.Unavailable.
func (c *Checks) Own(ctx context.Context) ([]Held, error) {
	who, now := authn.From(ctx), time.Now()
	var mine *holdings
	if !who.Unrestricted {
		var err error
		if mine, err = c.grants.decisions.of(ctx, who.UserID, now); err != nil {
			return nil, err
		}
	}
	held := []Held{}
	for index, d := range c.grants.decisions.permissions.All() {
		reach := Reach{Everywhere: true}
		if mine != nil {
			reach = reachOf(mine, index, now.UnixMicro(), d.Upward)
		}
		if reach.Everywhere || len(reach.Organizations)+len(reach.Departments) > 0 {
			held = append(held, Held{d.Permission, reach})
		}
	}
	return held, nil
}

// Question asks whether a user may do something somewhere.
type Question struct {
	UserID     int64
	Permission authz.Permission
	Place      place.Place // a department without an organization is meant as one of its own
	At         *time.Time  // nil: now
}

// Verdict is the answer: because of which grants, or what is missing.
type Verdict struct {
	Allowed bool
	Because []Reason
	Missing []Reason
}

// Reason is a grant that allows something, or nearly does.
type Reason struct {
	Why   Why
	Grant *Shown // nil where none comes near, or the caller may not see it
	Role  string // the grant's
}

// Why says how near a grant comes.
type Why string

// What allows, and then what does not, the nearest first.
const (
	Allows         Why = "allows"
	Deactivated    Why = "user_deactivated"
	NotYet         Why = "grant_not_yet"         // it would be enough, and begins later
	Over           Why = "grant_over"            // it was enough, and is over by its dates or was ended
	TooNarrow      Why = "grant_too_narrow"      // its role holds the permission, which cannot be held for so little
	Elsewhere      Why = "grant_elsewhere"       // its role holds the permission, for another place
	RoleLacks      Why = "role_lacks_permission" // it is for that place, and its role does not hold the permission
	NothingGranted Why = "nothing_granted"
)

// mostReasons bounds an answer.
const mostReasons = 20

// Check says whether a user may do something, and why. Whoever asks about somebody else needs to see grants where those
// are.
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
	if len(shown) == 0 { // one of the two holds grants
		shown = verdict.Missing
	}
	return verdict, c.complete(ctx, q.At, shown)
}

// complete reads the grants of an answer's reasons whole, with the names of their roles, and says of each what it does at
// the moment that is asked about.
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

// person gives a user whom the caller may ask about.
//
// Errors: domain.ErrUnknownUser, authz.ErrForbidden.
func (c *Checks) person(ctx context.Context, user int64) (identityports.Person, error) {
	found, err := person(ctx, c.grants.people, user, domain.ErrUnknownUser)
	if err != nil || authn.From(ctx).UserID == user {
		return found, err
	}
	return found, authz.On(ctx, c.grants.decisions, GrantRead, identityports.UserRead, domain.ErrUnknownUser, found.Place)
}

// place gives the place that is asked about. One that is not there is told only to those who would see it if it were; to
// others it answers like one that they may not see.
//
// Errors: domain.ErrUnknownOrganization, domain.ErrUnknownDepartment.
func (c *Checks) place(ctx context.Context, q Question) (place.Place, error) {
	at := q.Place
	var there bool
	var err error
	read, missing := orgports.OrganizationRead, domain.ErrUnknownOrganization
	switch at.Level() {
	case place.DepartmentLevel:
		var of int64
		read, missing = orgports.DepartmentRead, domain.ErrUnknownDepartment
		of, there, err = c.grants.places.OrganizationOf(ctx, at.Department)
		if there = there && (at.Organization == 0 || at.Organization == of); there {
			at.Organization = of
		}
	case place.OrganizationLevel:
		there, err = c.grants.places.OrganizationExists(ctx, at.Organization)
	default:
		return at, nil
	}
	if err != nil {
		return at, err
	}
	seen := authz.Require(ctx, c.grants.decisions, read, at) == nil
	switch {
	case !there && seen:
		return at, missing
	case !there, !seen && authn.From(ctx).UserID != q.UserID: // nobody's, so that only who holds it everywhere holds it there
		at.Organization = 0
	}
	return at, nil
}

// weighed are a user's grants by how near each comes: the newest, and no more of each kind than an answer holds.
type weighed map[Why][]Reason

// reasons weighs a user's grants, one at a time: somebody may have been granted more than memory should hold. Of those
// that the caller may not see there is only that they allow something, if they do.
//
// Errors: errs.Unavailable.
func (c *Checks) reasons(ctx context.Context, q Question, at place.Place, holding []domain.RoleID) (weighed, error) {
	seen := place.Scope{Everywhere: true}
	var err error
	if authn.From(ctx).UserID != q.UserID {
		if seen, err = c.grants.decisions.Scope(ctx, GrantRead); err != nil {
			return nil, err
		}
	}
	var above []int64
	if at.Department != 0 && at.Organization != 0 { // else there is no tree
		if above, err = c.grants.trees.Above(ctx, time.Now(), at.Organization, at.Department); err != nil {
			return nil, err
		}
	}
	described := c.grants.decisions.permissions.described(q.Permission)
	reasons := weighed{}
	err = c.grants.repo.Of(ctx, q.UserID, func(g domain.Grant) {
		reach := reaches(g.Place, at, described.Upward)
		covers := reach == place.Inside || reach == place.InTree && slices.Contains(above, g.Place.Department)
		canHold := slices.Contains(described.Levels(), g.Place.Level())
		moment := momentOf(q.At, []domain.Grant{g})
		why := nearness(g.At(moment), slices.Contains(holding, g.RoleID), canHold, covers)
		switch {
		case why == "" || len(reasons[why]) == mostReasons:
		case seen.Contains(g.Place):
			reasons[why] = append(reasons[why], Reason{Why: why, Grant: &Shown{Grant: g}})
		case why == Allows: // the answer is what it is, and not from where
			reasons[why] = append(reasons[why], Reason{Why: why})
		}
	})
	return reasons, err
}

// momentOf is the moment that is asked about. Now is not before what the database has written, whatever its clock says.
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

// nearness says how near a grant comes, "" for one that does not. holds is whether its role does, and canHold whether
// that can be for a place like the grant's.
func nearness(state domain.State, holds, canHold, covers bool) Why {
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

// stateOf gives what keeps a user from doing anything at all, "" for nothing. Of the past it is not known, and
// a user who is deactivated now counts as deactivated later too.
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

// verdict gives the reasons that allow, or the nearest that do not. state is what keeps the user from anything, "" for
// nothing.
func (w weighed) verdict(state Why) Verdict {
	because := w[Allows]
	if state == "" && len(because) > 0 {
		return Verdict{Allowed: true, Because: because}
	}
	var missing []Reason
	if state != "" {
		missing = append(missing, Reason{Why: state})
	}
	if len(because) > 0 { // and the state is all that is in the way
		return Verdict{Because: because, Missing: missing}
	}
	for _, why := range []Why{NotYet, Over, TooNarrow, Elsewhere, RoleLacks} {
		if near := w[why]; len(near) > 0 {
			return Verdict{Missing: append(missing, near...)}
		}
	}
	return Verdict{Missing: append(missing, Reason{Why: NothingGranted})}
}
