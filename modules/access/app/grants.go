package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	identityports "erp.internal/modules/identity/ports"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/period"
	"erp.internal/platform/place"
)

// Grants are the use cases of the ledger.
type Grants struct {
	door           *change.Door
	repo           ports.Grants
	roles          ports.Roles
	decisions      *Decisions
	administrators *Administrators
	people         identityports.Directory
	places         orgports.Directory
	trees          orgports.Trees
}

// NewGrants makes the use cases.
func NewGrants(door *change.Door, repo ports.Grants, roles ports.Roles, decisions *Decisions, administrators *Administrators, people identityports.Directory, places orgports.Directory, trees orgports.Trees) *Grants {
	return &Grants{door: door, repo: repo, roles: roles, decisions: decisions, administrators: administrators, people: people, places: places, trees: trees}
}

// CreateGrant is the command of Create.
type CreateGrant struct {
	UserID int64
	RoleID domain.RoleID
	Place  place.Place   // a department without an organization is meant as one of its own
	Period period.Period // without a start: at once
	Reason *string       // nil: none
}

// Create grants a role. The role must have an effect at the place, and the caller must hold its permissions there for the
// whole period.
//
// Errors: errs.Invalid, domain.ErrGrantExists, domain.ErrGrantGivesNothing, domain.ErrGrantExceedsOwn, authz.ErrForbidden.
func (g *Grants) Create(ctx context.Context, c CreateGrant) (Shown, error) {
	var v errs.Violations
	at, err := g.place(ctx, c.Place)
	if err := v.Join(err); err != nil {
		return Shown{}, err
	}
	if err := v.Join(g.checkUser(ctx, c.UserID, domain.ErrUnknownUser)); err != nil {
		return Shown{}, err
	}
	grant, err := domain.NewGrant(c.UserID, c.RoleID, at, c.Period, c.Reason, time.Now())
	if err := v.Join(err); err != nil {
		return Shown{}, err
	}
	if err := v.Join(g.checkRole(ctx, c.RoleID)); err != nil {
		return Shown{}, err
	}
	if err := v.Err(); err != nil {
		return Shown{}, err
	}
	return change.InTurn(ctx, g.door, grantsTurn(grant.UserID), func(ctx context.Context, tx *change.Tx) (Shown, error) {
		return g.create(ctx, tx, grant)
	})
}

// grantsTurn is the turn of changes of a user's grants.
func grantsTurn(user int64) change.Turn { return change.Turn{Of: "grants", ID: user} }

// create stores a grant, as a part of a change; with domain.ErrGrantExists it returns the existing one.
//
// Errors: domain.ErrUnknownUser and domain.ErrUnknownRole for those that have just gone, domain.ErrGrantExceedsOwn,
// domain.ErrGrantExists, domain.ErrGrantGivesNothing.
func (g *Grants) create(ctx context.Context, tx *change.Tx, grant domain.Grant) (Shown, error) {
	user, live, err := g.lock(ctx, grant.UserID, domain.ErrUnknownUser)
	if err != nil {
		return Shown{}, err
	}
	role, err := g.roles.ForGrant(ctx, grant.RoleID)
	if errors.Is(err, domain.ErrRoleNotFound) {
		err = domain.ErrUnknownRole
	}
	if err != nil {
		return Shown{}, err
	}
	if err := g.requireOwn(ctx, role, grant); err != nil {
		return Shown{}, err
	}
	if existing, found := domain.Included(live, grant, time.Now()); found {
		return Shown{Grant: existing}, domain.ErrGrantExists
	}
	// Its holders would get permissions later, when the role is extended by a user who does not think of them.
	if gives := g.decisions.permissions.given(role.Permissions, grant.Place); gives.empty() {
		return Shown{}, domain.ErrGrantGivesNothing
	}
	created, err := g.repo.Create(tx.Last(ctx, grant.Creating()), grant) // after which nothing is read
	if err != nil {
		return Shown{}, err
	}
	tx.Record(created.Created())
	return Shown{created, created.Effect(momentOf(nil, []domain.Grant{created}), canSignIn(user), true)}, nil
}

// lock locks a user's grants and returns the user, and the grants that were not ended.
//
// Errors: missing when the user has just been deleted, errs.Unavailable.
func (g *Grants) lock(ctx context.Context, user int64, missing *errs.Error) (identityports.Person, []domain.Grant, error) {
	locked := g.repo.LockUser(ctx, user)
	found, err := person(ctx, g.people, user, missing)
	if err != nil {
		return identityports.Person{}, nil, err
	}
	live, err := locked()
	return found, live, err
}

// place completes the place of a new grant and checks that the caller may grant there. A place that they may not see counts
// as missing.
//
// Errors: domain.ErrUnknownOrganization, domain.ErrUnknownDepartment, authz.ErrForbidden.
func (g *Grants) place(ctx context.Context, wanted place.Place) (place.Place, error) {
	switch wanted.Level() {
	case place.DepartmentLevel:
		of, exists, err := g.places.OrganizationOf(ctx, wanted.Department)
		if err != nil {
			return place.Place{}, err
		}
		if !exists || wanted.Organization != 0 && wanted.Organization != of {
			return place.Place{}, domain.ErrUnknownDepartment
		}
		wanted.Organization = of
		return wanted, authz.RequireVisible(ctx, g.decisions, GrantCreate, orgports.DepartmentRead, domain.ErrUnknownDepartment, wanted)
	case place.OrganizationLevel:
		exists, err := g.places.OrganizationExists(ctx, wanted.Organization)
		if err != nil {
			return place.Place{}, err
		}
		if !exists {
			return place.Place{}, domain.ErrUnknownOrganization
		}
		return wanted, authz.RequireVisible(ctx, g.decisions, GrantCreate, orgports.OrganizationRead, domain.ErrUnknownOrganization, wanted)
	default:
		return wanted, authz.Require(ctx, g.decisions, GrantCreate, wanted)
	}
}

// checkUser checks that a user exists and that the caller may see them.
//
// Errors: missing, errs.Unavailable.
func (g *Grants) checkUser(ctx context.Context, user int64, missing *errs.Error) error {
	found, err := person(ctx, g.people, user, missing)
	if err != nil {
		return err
	}
	return authz.RequireVisible(ctx, g.decisions, identityports.UserRead, identityports.UserRead, missing, found.Place)
}

// person returns a user who is not deleted.
//
// Errors: missing, errs.Unavailable.
func person(ctx context.Context, people identityports.Directory, user int64, missing *errs.Error) (identityports.Person, error) {
	found, err := people.People(ctx, user)
	if err != nil {
		return identityports.Person{}, err
	}
	if len(found) == 0 || found[0].Deleted {
		return identityports.Person{}, missing
	}
	return found[0], nil
}

// checkRole checks that a role exists and that the caller may see it.
//
// Errors: domain.ErrUnknownRole, errs.Unavailable.
func (g *Grants) checkRole(ctx context.Context, id domain.RoleID) error {
	if err := authz.HideForbidden(g.decisions.Anywhere(ctx, RoleRead), domain.ErrUnknownRole); err != nil {
		return err
	}
	_, err := g.roles.ByID(ctx, id)
	if errs.KindOf(err) == errs.NotFound {
		return domain.ErrUnknownRole
	}
	return err
}

// requireOwn checks that the caller holds the permissions of a grant at its place for its whole period.
//
// Errors: domain.ErrGrantExceedsOwn, errs.Unavailable.
func (g *Grants) requireOwn(ctx context.Context, role domain.Role, grant domain.Grant) error {
	all := g.decisions.permissions
	needed := all.within(all.measured(role.Permissions), grant.Place.Level())
	missing, err := g.decisions.missingPermissions(ctx, needed, grant.Place, microseconds(grant.Period.Until, forever))
	if err != nil || missing.empty() {
		return err
	}
	names := all.names(missing)
	return domain.ErrGrantExceedsOwn.WithMessage("%s. You lack, at this place or for this period: %s", domain.ErrGrantExceedsOwn.Message, strings.Join(names, ", ")).
		WithParams(errs.Params{"permissions": names})
}

// EndGrant is the command of End.
type EndGrant struct {
	ID     domain.GrantID
	Reason *string // nil: none
}

// End ends a grant; the ledger keeps by whom, when and why.
//
// Errors: domain.ErrGrantNotFound, domain.ErrGrantEnded, domain.ErrEndExceedsOwn, domain.ErrLastAdministrator, errs.Invalid, authz.ErrForbidden.
func (g *Grants) End(ctx context.Context, c EndGrant) error {
	reason, err := domain.Reason("reason", c.Reason)
	if err != nil {
		return err
	}
	seen, err := g.repo.ByID(ctx, c.ID)
	if err != nil {
		return err
	}
	if err := g.require(ctx, GrantEnd, seen); err != nil {
		return err
	}
	_, err = change.InTurn(ctx, g.door, grantsTurn(seen.UserID), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		g.repo.LockUser(ctx, seen.UserID)
		grant, err := g.repo.ByID(ctx, c.ID) // read again under the lock
		if err != nil {
			return none, err
		}
		if grant.EndedAt != nil {
			return none, domain.ErrGrantEnded
		}
		if err := g.requireEndable(ctx, grant); err != nil {
			return none, err
		}
		return none, g.administrators.end(ctx, tx, reason, []domain.Grant{grant})
	})
	return err
}

// requireEndable checks that the caller holds the permissions of grants at their places: users may not take away what they
// could not grant. The period does not matter, since ending early does little harm and others can grant again. Callers may
// always end their own grants and expired ones.
//
// Errors: domain.ErrEndExceedsOwn, errs.Unavailable.
func (g *Grants) requireEndable(ctx context.Context, grants ...domain.Grant) error {
	now := time.Now()
	roles, err := g.decisions.allRoles(ctx, now)
	if err != nil {
		return err
	}
	for _, grant := range grants {
		if grant.UserID == authn.From(ctx).UserID || grant.At(now) == domain.Expired {
			continue
		}
		missing, err := g.decisions.missingPermissions(ctx, roles[grant.RoleID][grant.Place.Level()], grant.Place, now.UnixMicro())
		if err != nil {
			return err
		}
		if !missing.empty() {
			names := g.decisions.permissions.names(missing)
			return domain.ErrEndExceedsOwn.WithMessage("%s. You lack: %s", domain.ErrEndExceedsOwn.Message, strings.Join(names, ", ")).
				WithParams(errs.Params{"permissions": names})
		}
	}
	return nil
}

// require checks a permission of the caller for an existing grant.
//
// Errors: domain.ErrGrantNotFound for one that they may not see, authz.ErrForbidden.
func (g *Grants) require(ctx context.Context, permission authz.Permission, grant domain.Grant) error {
	return authz.RequireVisible(ctx, g.decisions, permission, GrantRead, domain.ErrGrantNotFound, grant.Place)
}
