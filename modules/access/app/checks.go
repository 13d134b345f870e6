package app

import (
	"context"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	identityports "erp.internal/modules/identity/ports"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
)

// Checks tell who may do what, and why.
type Checks struct {
	grants    *Grants
	repo      ports.Grants
	roles     ports.Roles
	decisions *Decisions
	people    identityports.Directory
	places    orgports.Directory
	trees     orgports.Trees
}

// NewChecks makes the use cases.
func NewChecks(grants *Grants, repo ports.Grants, roles ports.Roles, decisions *Decisions, people identityports.Directory, places orgports.Directory, trees orgports.Trees) *Checks {
	return &Checks{grants: grants, repo: repo, roles: roles, decisions: decisions, people: people, places: places, trees: trees}
}

// Held is a permission and where the caller holds it.
type Held struct {
	Permission authz.Permission
	Reach
}

// Own gives the permissions that the caller holds somewhere.
//
// Errors: errs.Unavailable.
func (c *Checks) Own(ctx context.Context) ([]Held, error) {
	held := []Held{}
	for _, d := range c.decisions.permissions.All() {
		reach, err := c.decisions.reach(ctx, d.Permission)
		if err != nil {
			return nil, err
		}
		if reach.Everywhere || len(reach.Organizations)+len(reach.Departments) > 0 {
			held = append(held, Held{d.Permission, reach})
		}
	}
	return held, nil
}

// Question asks whether a user may do something somewhere.
type Question struct {
	UserID         int64
	Permission     authz.Permission
	OrganizationID *int64 // nil, with DepartmentID: the department's; nil, without: the whole system
	DepartmentID   *int64
	At             *time.Time // nil: now
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
	Grant *domain.Grant // nil where none comes near
	Role  string        // the grant's
}

// Why says how near a grant comes.
type Why string

// What allows, and then what does not, the nearest first.
const (
	Allows         Why = "allows"
	Deactivated    Why = "user_deactivated"
	Locked         Why = "user_locked"
	NotYet         Why = "grant_not_yet"         // it would be enough, and begins later
	Over           Why = "grant_over"            // it was enough, and is over by its dates or was ended
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
	holding, err := c.grants.holding(ctx, "permission", q.Permission, q.At)
	if err := v.Join(err); err != nil {
		return Verdict{}, err
	}
	place, err := c.place(ctx, q)
	if err := v.Join(err); err != nil {
		return Verdict{}, err
	}
	if err := v.Err(); err != nil {
		return Verdict{}, err
	}
	reasons, err := c.reasons(ctx, q, place, holding)
	if err != nil {
		return Verdict{}, err
	}
	return c.verdict(ctx, reasons, stateOf(person, q.At))
}

// person gives a user whom the caller may ask about.
//
// Errors: domain.ErrUnknownUser, authz.ErrForbidden.
func (c *Checks) person(ctx context.Context, user int64) (identityports.Person, error) {
	found, err := person(ctx, c.people, user, domain.ErrUnknownUser)
	if err != nil || authn.From(ctx).UserID == user {
		return found, err
	}
	return found, authz.On(ctx, c.decisions, GrantRead, identityports.UserRead, home(found), domain.ErrUnknownUser)
}

// place gives the place that is asked about. One that is not there is told only to those who would see it if it were; to
// others it answers like one that they may not see.
//
// Errors: domain.ErrUnknownOrganization, domain.ErrUnknownDepartment.
func (c *Checks) place(ctx context.Context, q Question) (domain.Place, error) {
	place := domain.Place{OrganizationID: q.OrganizationID, DepartmentID: q.DepartmentID}
	var there bool
	var err error
	read, missing := orgports.OrganizationRead, domain.ErrUnknownOrganization
	switch {
	case q.DepartmentID != nil:
		var of int64
		read, missing = orgports.DepartmentRead, domain.ErrUnknownDepartment
		of, there, err = c.places.OrganizationOf(ctx, *q.DepartmentID)
		if there = there && (q.OrganizationID == nil || *q.OrganizationID == of); there {
			place.OrganizationID = &of
		} else if q.OrganizationID == nil {
			place.OrganizationID = new(int64) // nobody's, so that only who holds it everywhere holds it there
		}
	case q.OrganizationID != nil:
		there, err = c.places.OrganizationExists(ctx, *q.OrganizationID)
	default:
		return place, nil
	}
	if err == nil && !there && c.decisions.Require(ctx, read, target(place)) == nil {
		return place, missing
	}
	return place, err
}

// reasons gives all of a user's grants, the newest first, with how near each comes.
func (c *Checks) reasons(ctx context.Context, q Question, place domain.Place, holding []domain.RoleID) ([]Reason, error) {
	grants, err := c.repo.Of(ctx, q.UserID)
	if err != nil {
		return nil, err
	}
	var above []int64
	if q.DepartmentID != nil {
		if above, err = c.trees.Above(ctx, time.Now(), orZero(place.OrganizationID), *q.DepartmentID); err != nil {
			return nil, err
		}
	}
	at, declared := c.decisions.permissions.Place(q.Permission)
	upward := declared && c.decisions.permissions.upward.has(at)
	moment := momentOf(q.At, grants)
	var reasons []Reason
	for i := range grants {
		g := &grants[i]
		h := hold(*g, permissionSet{})
		reach := h.reaches(target(place), upward)
		covers := reach == there || reach == treeKnows && slices.Contains(above, h.department)
		levels := c.decisions.permissions.levels[level(g.Place)]
		canHold := levels.has(at)
		if why := nearness(g.At(moment), slices.Contains(holding, g.RoleID) && canHold, covers); why != "" {
			reasons = append(reasons, Reason{Why: why, Grant: g})
		}
	}
	return reasons, nil
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

// nearness says how near a grant comes, "" for one that does not.
func nearness(state domain.State, holds, covers bool) Why {
	switch {
	case state == domain.Unknown:
		return ""
	case holds && covers && state == domain.Active:
		return Allows
	case holds && covers && state == domain.Scheduled:
		return NotYet
	case holds && covers:
		return Over
	case holds && state == domain.Active:
		return Elsewhere
	case covers && state == domain.Active:
		return RoleLacks
	default:
		return ""
	}
}

// stateOf gives what keeps a user from doing anything at all, "" for nothing. Of the past it is not known.
func stateOf(p identityports.Person, at *time.Time) Why {
	switch {
	case at != nil:
		return ""
	case !p.Active:
		return Deactivated
	case p.LockedUntil != nil:
		return Locked
	default:
		return ""
	}
}

// verdict weighs the reasons: those that allow, or the nearest that do not.
func (c *Checks) verdict(ctx context.Context, reasons []Reason, state Why) (Verdict, error) {
	ids := make([]domain.RoleID, len(reasons))
	for i, r := range reasons {
		ids[i] = r.Grant.RoleID
	}
	names, err := c.roles.Names(ctx, ids...)
	if err != nil {
		return Verdict{}, err
	}
	for i := range reasons {
		reasons[i].Role = names[reasons[i].Grant.RoleID]
	}
	because := only(reasons, Allows)
	if state == "" && len(because) > 0 {
		return Verdict{Allowed: true, Because: because}, nil
	}
	var missing []Reason
	if state != "" {
		missing = append(missing, Reason{Why: state})
	}
	if len(because) > 0 { // and the state is all that is in the way
		return Verdict{Because: because, Missing: missing}, nil
	}
	for _, why := range []Why{NotYet, Over, Elsewhere, RoleLacks} {
		if near := only(reasons, why); len(near) > 0 {
			return Verdict{Missing: append(missing, near...)}, nil
		}
	}
	return Verdict{Missing: append(missing, Reason{Why: NothingGranted})}, nil
}

func only(reasons []Reason, why Why) []Reason {
	var some []Reason
	for _, r := range reasons {
		if r.Why == why && len(some) < mostReasons {
			some = append(some, r)
		}
	}
	return some
}
