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

// Create grants a role that holds something for that place, and no more than the caller does, and for no longer.
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
		created, err := g.create(ctx, tx, grant)
		return g.shownOne(ctx, created, err)
	})
}

// grantsTurn is that of all who change what a user holds.
func grantsTurn(user int64) change.Turn { return change.Turn{Of: "grants", ID: user} }

// create stores a grant, as a part of a change; with domain.ErrGrantExists it gives the one that is there.
//
// Errors: domain.ErrUnknownUser and domain.ErrUnknownRole for those that have just gone, domain.ErrGrantExceedsOwn,
// domain.ErrGrantExists, domain.ErrGrantGivesNothing.
func (g *Grants) create(ctx context.Context, tx *change.Tx, grant domain.Grant) (domain.Grant, error) {
	live, err := g.lock(ctx, grant.UserID, domain.ErrUnknownUser)
	if err != nil {
		return domain.Grant{}, err
	}
	role, err := g.roles.ForGrant(ctx, grant.RoleID)
	if errors.Is(err, domain.ErrRoleNotFound) {
		err = domain.ErrUnknownRole
	}
	if err != nil {
		return domain.Grant{}, err
	}
	if err := g.requireOwn(ctx, role, grant); err != nil {
		return domain.Grant{}, err
	}
	if there, held := domain.Included(live, grant, time.Now()); held {
		return there, domain.ErrGrantExists
	}
	// It would be filled later by somebody who does not think of those who have it.
	if gives := g.decisions.permissions.given(role.Permissions, grant.Place); gives.empty() {
		return domain.Grant{}, domain.ErrGrantGivesNothing
	}
	created, err := g.repo.Create(ctx, grant)
	if err != nil {
		return domain.Grant{}, err
	}
	tx.Record(created.Created())
	return created, nil
}

// lock keeps others from changing a user's grants, and gives those that were not ended.
//
// Errors: missing when the user has just been deleted, errs.Unavailable.
func (g *Grants) lock(ctx context.Context, user int64, missing *errs.Error) ([]domain.Grant, error) {
	if err := g.repo.LockUser(ctx, user); err != nil {
		return nil, err
	}
	if _, err := person(ctx, g.people, user, missing); err != nil {
		return nil, err
	}
	return g.repo.Live(ctx, user)
}

// place gives the place of a new grant, if the caller may grant there. What they may not see is as unknown to them as
// what is not there.
//
// Errors: domain.ErrUnknownOrganization, domain.ErrUnknownDepartment, authz.ErrForbidden.
func (g *Grants) place(ctx context.Context, wanted place.Place) (place.Place, error) {
	switch wanted.Level() {
	case place.DepartmentLevel:
		of, there, err := g.places.OrganizationOf(ctx, wanted.Department)
		if err != nil {
			return place.Place{}, err
		}
		if !there || wanted.Organization != 0 && wanted.Organization != of {
			return place.Place{}, domain.ErrUnknownDepartment
		}
		wanted.Organization = of
		return wanted, authz.On(ctx, g.decisions, GrantCreate, orgports.DepartmentRead, domain.ErrUnknownDepartment, wanted)
	case place.OrganizationLevel:
		there, err := g.places.OrganizationExists(ctx, wanted.Organization)
		if err != nil {
			return place.Place{}, err
		}
		if !there {
			return place.Place{}, domain.ErrUnknownOrganization
		}
		return wanted, authz.On(ctx, g.decisions, GrantCreate, orgports.OrganizationRead, domain.ErrUnknownOrganization, wanted)
	default:
		return wanted, authz.Require(ctx, g.decisions, GrantCreate, wanted)
	}
}

// checkUser says whether there is such a user whom the caller may see.
//
// Errors: missing, errs.Unavailable.
func (g *Grants) checkUser(ctx context.Context, user int64, missing *errs.Error) error {
	found, err := person(ctx, g.people, user, missing)
	if err != nil {
		return err
	}
	return authz.On(ctx, g.decisions, identityports.UserRead, identityports.UserRead, missing, found.Place)
}

// person gives a user who is not deleted.
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

// checkRole says whether there is such a role and the caller may see it.
//
// Errors: domain.ErrUnknownRole, errs.Unavailable.
func (g *Grants) checkRole(ctx context.Context, id domain.RoleID) error {
	if err := authz.Hide(g.decisions.Anywhere(ctx, RoleRead), domain.ErrUnknownRole); err != nil {
		return err
	}
	_, err := g.roles.ByID(ctx, id)
	if errs.KindOf(err) == errs.NotFound {
		return domain.ErrUnknownRole
	}
	return err
}

// requireOwn says whether the caller holds what a grant would give, there and for as long.
//
// Errors: domain.ErrGrantExceedsOwn, errs.Unavailable.
func (g *Grants) requireOwn(ctx context.Context, role domain.Role, grant domain.Grant) error {
	all := g.decisions.permissions
	needed := all.within(all.measured(role.Permissions), grant.Place.Level())
	lacking, err := g.decisions.lacking(ctx, needed, grant.Place, microseconds(grant.Period.Until, forever))
	if err != nil || lacking.empty() {
		return err
	}
	names := all.names(lacking)
	return domain.ErrGrantExceedsOwn.WithMessage("%s. You lack, there or for so long: %s", domain.ErrGrantExceedsOwn.Message, strings.Join(names, ", ")).
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
		if err := g.repo.LockUser(ctx, seen.UserID); err != nil {
			return none, err
		}
		grant, err := g.repo.ByID(ctx, c.ID) // as it is now that nobody else changes it
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

// requireEndable says whether the caller holds what grants give, each in its place: nobody takes away what they could not
// have given. For how long does not matter, since ending early does less harm than late, and somebody else can grant
// anew. What is the caller's own can be given up, and what is over by its dates gives nothing.
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
		lacking, err := g.decisions.lacking(ctx, roles[grant.RoleID][grant.Place.Level()], grant.Place, now.UnixMicro())
		if err != nil {
			return err
		}
		if !lacking.empty() {
			names := g.decisions.permissions.names(lacking)
			return domain.ErrEndExceedsOwn.WithMessage("%s. You lack: %s", domain.ErrEndExceedsOwn.Message, strings.Join(names, ", ")).
				WithParams(errs.Params{"permissions": names})
		}
	}
	return nil
}

// require says whether the caller may do something to a grant that is there.
//
// Errors: domain.ErrGrantNotFound for one that they may not see, authz.ErrForbidden.
func (g *Grants) require(ctx context.Context, permission authz.Permission, grant domain.Grant) error {
	return authz.On(ctx, g.decisions, permission, GrantRead, domain.ErrGrantNotFound, grant.Place)
}
