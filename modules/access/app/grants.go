package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	identityports "erp.internal/modules/identity/ports"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
)

// Grants are the use cases of the ledger.
type Grants struct {
	tx             pg.Transactor
	repo           ports.Grants
	roles          ports.Roles
	decisions      *Decisions
	administrators *Administrators
	people         identityports.Directory
	places         orgports.Directory
	trees          orgports.Trees
}

// NewGrants makes the use cases.
func NewGrants(tx pg.Transactor, repo ports.Grants, roles ports.Roles, decisions *Decisions, administrators *Administrators, people identityports.Directory, places orgports.Directory, trees orgports.Trees) *Grants {
	return &Grants{tx: tx, repo: repo, roles: roles, decisions: decisions, administrators: administrators, people: people, places: places, trees: trees}
}

// ByID gives a grant.
//
// Errors: domain.ErrGrantNotFound.
func (g *Grants) ByID(ctx context.Context, id domain.GrantID) (domain.Grant, error) {
	grant, err := g.repo.ByID(ctx, id)
	if err != nil {
		return domain.Grant{}, err
	}
	return grant, g.require(ctx, GrantRead, grant)
}

// Wanted says which grants a list holds; what is nil or empty filters nothing.
type Wanted struct {
	UserID         *int64
	RoleID         *domain.RoleID
	OrganizationID *int64
	DepartmentID   *int64
	Covering       bool             // also those that hold somewhere which contains the organization or the department
	Permission     authz.Permission // only those whose role held it at that moment
	State          domain.State
	At             *time.Time // nil: now
	Search         string     // only those whose reason, or reason of the end, contains it
}

// List gives a page of the grants that the caller may see.
//
// Errors: errs.Invalid, page.ErrCursor.
func (g *Grants) List(ctx context.Context, wanted Wanted, request page.Request) (page.Page[domain.Grant], error) {
	filter, err := g.filter(ctx, wanted)
	if err != nil {
		return page.Page[domain.Grant]{}, err
	}
	return g.repo.List(ctx, filter, request)
}

func (g *Grants) filter(ctx context.Context, wanted Wanted) (ports.GrantFilter, error) {
	filter := ports.GrantFilter{UserID: wanted.UserID, RoleID: wanted.RoleID, State: wanted.State, At: wanted.At, Search: wanted.Search}
	var err error
	if filter.Scope, err = g.decisions.Scope(ctx, GrantRead); err != nil {
		return filter, err
	}
	if wanted.Permission != "" {
		holding, err := g.holding(ctx, "query.permission", wanted.Permission, wanted.At)
		if err != nil {
			return filter, err
		}
		filter.Holding = &holding
	}
	if wanted.OrganizationID == nil && wanted.DepartmentID == nil {
		if wanted.Covering {
			return filter, errs.Violation("query.covering", "place_required", "needs an organization_id or a department_id")
		}
		return filter, nil
	}
	filter.Place = &domain.Place{OrganizationID: wanted.OrganizationID, DepartmentID: wanted.DepartmentID}
	if !wanted.Covering {
		return filter, nil
	}
	above := []int64{}
	if wanted.DepartmentID != nil {
		of, _, err := g.places.OrganizationOf(ctx, *wanted.DepartmentID)
		if err != nil {
			return filter, err
		}
		if wanted.OrganizationID == nil {
			filter.Place.OrganizationID = &of
		}
		if above, err = g.trees.Above(ctx, time.Now(), *filter.Place.OrganizationID, *wanted.DepartmentID); err != nil {
			return filter, err
		}
	}
	filter.Above = &above
	return filter, nil
}

// holding gives the roles that held a permission at a moment, nil being now.
//
// Errors: errs.Invalid for one that no module declares, errs.Unavailable.
func (g *Grants) holding(ctx context.Context, field string, p authz.Permission, at *time.Time) ([]domain.RoleID, error) {
	place, declared := g.decisions.permissions.Place(p)
	if !declared {
		return nil, errs.Violation(field, "unknown_permission", "is no permission; GET /permissions/ lists them")
	}
	moment := time.Now()
	if at != nil {
		moment = *at
	}
	return g.roles.Holding(ctx, patterns(g.decisions.permissions.All()[place]), moment)
}

// NewGrant is what a grant is made from.
type NewGrant struct {
	UserID         int64
	RoleID         domain.RoleID
	OrganizationID *int64 // nil, with DepartmentID: the department's; nil, without: the whole system
	DepartmentID   *int64
	From, Until    *time.Time
	Reason         *string
}

// Create grants a role that holds, for that place, no more than the caller does, and for no longer.
//
// Errors: errs.Invalid, domain.ErrGrantExists, domain.ErrGrantExceedsOwn, authz.ErrForbidden.
func (g *Grants) Create(ctx context.Context, in NewGrant) (domain.Grant, error) {
	var v errs.Violations
	place, err := g.place(ctx, in.OrganizationID, in.DepartmentID)
	if err := v.Join(err); err != nil {
		return domain.Grant{}, err
	}
	if err := v.Join(g.checkUser(ctx, in.UserID, domain.ErrUnknownUser)); err != nil {
		return domain.Grant{}, err
	}
	grant, err := domain.NewGrant(in.UserID, in.RoleID, place, in.From, in.Until, in.Reason, time.Now())
	if err := v.Join(err); err != nil {
		return domain.Grant{}, err
	}
	if err := v.Join(g.checkRole(ctx, in.RoleID)); err != nil {
		return domain.Grant{}, err
	}
	if err := v.Err(); err != nil {
		return domain.Grant{}, err
	}
	grant.GrantedBy = caller(ctx)
	return pg.InTx(ctx, g.tx, func(ctx context.Context) (domain.Grant, error) { return g.create(ctx, grant) })
}

// create stores a grant, in the context's transaction.
func (g *Grants) create(ctx context.Context, grant domain.Grant) (domain.Grant, error) {
	live, err := g.lock(ctx, grant.UserID)
	if err != nil {
		return domain.Grant{}, err
	}
	if slices.ContainsFunc(live, func(l domain.Grant) bool { return l.Includes(grant, time.Now()) }) {
		return domain.Grant{}, domain.ErrGrantExists
	}
	role, err := g.roles.ForGrant(ctx, grant.RoleID)
	if err != nil {
		return domain.Grant{}, err
	}
	if err := g.requireOwn(ctx, role, grant); err != nil {
		return domain.Grant{}, err
	}
	created, err := g.repo.Create(ctx, grant)
	if err != nil {
		return domain.Grant{}, err
	}
	return created, g.decisions.usersChanged(ctx, grant.UserID)
}

// lock keeps others from changing a user's grants, and gives those that were not ended.
//
// Errors: domain.ErrUnknownUser when the user has just been deleted.
func (g *Grants) lock(ctx context.Context, user int64) ([]domain.Grant, error) {
	if err := g.repo.LockUser(ctx, user); err != nil {
		return nil, err
	}
	if _, err := person(ctx, g.people, user, domain.ErrUnknownUser); err != nil {
		return nil, err
	}
	return g.repo.Live(ctx, user)
}

// place gives the place of a new grant, if the caller may grant there. What they may not see is as unknown to them as
// what is not there.
//
// Errors: domain.ErrUnknownOrganization, domain.ErrUnknownDepartment, authz.ErrForbidden.
func (g *Grants) place(ctx context.Context, organization, department *int64) (domain.Place, error) {
	place := domain.Place{OrganizationID: organization, DepartmentID: department}
	switch {
	case department != nil:
		of, there, err := g.places.OrganizationOf(ctx, *department)
		if err != nil {
			return place, err
		}
		if !there || organization != nil && *organization != of {
			return place, domain.ErrUnknownDepartment
		}
		place.OrganizationID = &of
		return place, authz.On(ctx, g.decisions, GrantCreate, orgports.DepartmentRead, target(place), domain.ErrUnknownDepartment)
	case organization != nil:
		there, err := g.places.OrganizationExists(ctx, *organization)
		if err != nil {
			return place, err
		}
		if !there {
			return place, domain.ErrUnknownOrganization
		}
		return place, authz.On(ctx, g.decisions, GrantCreate, orgports.OrganizationRead, target(place), domain.ErrUnknownOrganization)
	default:
		return place, g.decisions.Require(ctx, GrantCreate, authz.System())
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
	return authz.Hide(g.decisions.Require(ctx, identityports.UserRead, home(found)), missing)
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

// home is where a user belongs.
func home(p identityports.Person) authz.Target {
	return target(domain.Place{OrganizationID: p.OrganizationID, DepartmentID: p.DepartmentID})
}

// checkRole says whether there is such a role and the caller may see it.
//
// Errors: domain.ErrUnknownRole.
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
	given := all.within(all.named(role.Permissions), level(grant.Place))
	lacking, err := g.decisions.lacking(ctx, given, target(grant.Place), microseconds(grant.ValidUntil, forever))
	if err != nil || lacking.empty() {
		return err
	}
	return domain.ErrGrantExceedsOwn.Saying("%s. You lack, there or for so long: %s", domain.ErrGrantExceedsOwn.Message, strings.Join(all.names(lacking), ", "))
}

// End ends a grant; the ledger keeps by whom, when and why.
//
// Errors: domain.ErrGrantNotFound, domain.ErrGrantEnded, domain.ErrLastAdministrator, errs.Invalid, authz.ErrForbidden.
func (g *Grants) End(ctx context.Context, id domain.GrantID, reason *string) error {
	reason, err := domain.Reason("query.reason", reason)
	if err != nil {
		return err
	}
	return g.tx.InTx(ctx, func(ctx context.Context) error {
		grant, err := g.repo.ByID(ctx, id)
		if err != nil {
			return err
		}
		if err := g.require(ctx, GrantEnd, grant); err != nil {
			return err
		}
		if err := g.repo.LockUser(ctx, grant.UserID); err != nil {
			return err
		}
		if grant, err = g.repo.ByID(ctx, id); err != nil { // as it is now that nobody else changes it
			return err
		}
		if grant.EndedAt != nil {
			return domain.ErrGrantEnded
		}
		return g.end(ctx, reason, grant)
	})
}

// end ends live grants of one user, who is locked, in the context's transaction.
func (g *Grants) end(ctx context.Context, reason *string, grants ...domain.Grant) error {
	if len(grants) == 0 {
		return nil
	}
	ids := make([]domain.GrantID, len(grants))
	for i, grant := range grants {
		ids[i] = grant.ID
	}
	if err := g.administrators.keepOne(ctx, grants...); err != nil {
		return err
	}
	if err := g.repo.End(ctx, caller(ctx), reason, ids...); err != nil {
		return err
	}
	return g.decisions.usersChanged(ctx, grants[0].UserID)
}

// GrantEverywhere lets a user have a role in the whole system, without an end; when they have it so already, it gives
// that grant.
//
// Errors: domain.ErrUserNotFound, domain.ErrRoleNotFound, domain.ErrGrantExceedsOwn, authz.ErrForbidden.
func (g *Grants) GrantEverywhere(ctx context.Context, user int64, role domain.RoleID) (domain.Grant, error) {
	if err := g.findPair(ctx, GrantCreate, user, role); err != nil {
		return domain.Grant{}, err
	}
	return pg.InTx(ctx, g.tx, func(ctx context.Context) (domain.Grant, error) {
		grant := domain.Grant{UserID: user, RoleID: role, GrantedBy: caller(ctx)}
		live, err := g.lock(ctx, user)
		if err != nil {
			return domain.Grant{}, err
		}
		if at := slices.IndexFunc(live, func(l domain.Grant) bool { return l.Includes(grant, time.Now()) }); at >= 0 {
			return live[at], nil
		}
		return g.create(ctx, grant)
	})
}

// EndEverywhere ends every grant by which a user has a role in the whole system, also those that are to begin later.
//
// Errors: domain.ErrUserNotFound, domain.ErrRoleNotFound, domain.ErrLastAdministrator, authz.ErrForbidden.
func (g *Grants) EndEverywhere(ctx context.Context, user int64, role domain.RoleID) error {
	if err := g.findPair(ctx, GrantEnd, user, role); err != nil {
		return err
	}
	return g.tx.InTx(ctx, func(ctx context.Context) error {
		live, err := g.lock(ctx, user)
		if err != nil {
			return err
		}
		return g.end(ctx, nil, slices.DeleteFunc(live, func(l domain.Grant) bool {
			return l.RoleID != role || l.Place.OrganizationID != nil || l.At(time.Now()) == domain.Expired
		})...)
	})
}

// findPair says whether there are such a user and such a role, and the caller may grant or end in the whole system.
func (g *Grants) findPair(ctx context.Context, permission authz.Permission, user int64, role domain.RoleID) error {
	if err := g.checkUser(ctx, user, domain.ErrUserNotFound); err != nil {
		return err
	}
	if err := authz.Hide(g.decisions.Anywhere(ctx, RoleRead), domain.ErrRoleNotFound); err != nil {
		return err
	}
	if _, err := g.roles.ByID(ctx, role); err != nil {
		return err
	}
	return g.decisions.Require(ctx, permission, authz.System())
}

// require says whether the caller may do something to a grant that is there.
//
// Errors: domain.ErrGrantNotFound for one that they may not see, authz.ErrForbidden.
func (g *Grants) require(ctx context.Context, permission authz.Permission, grant domain.Grant) error {
	return authz.On(ctx, g.decisions, permission, GrantRead, target(grant.Place), domain.ErrGrantNotFound)
}
