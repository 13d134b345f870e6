package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	identityports "erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
)

// Roles are the use cases of roles. They belong to the whole system: who may see any sees all.
type Roles struct {
	tx        pg.Transactor
	repo      ports.Roles
	grants    ports.Grants
	decisions *Decisions
	people    identityports.Directory
}

// NewRoles makes the use cases.
func NewRoles(tx pg.Transactor, repo ports.Roles, grants ports.Grants, decisions *Decisions, people identityports.Directory) *Roles {
	return &Roles{tx: tx, repo: repo, grants: grants, decisions: decisions, people: people}
}

// ByID gives a role.
//
// Errors: domain.ErrRoleNotFound, authz.ErrForbidden.
func (r *Roles) ByID(ctx context.Context, id domain.RoleID) (domain.Role, error) {
	if err := r.decisions.Anywhere(ctx, RoleRead); err != nil {
		return domain.Role{}, err
	}
	return r.shown(r.repo.ByID(ctx, id))
}

// List gives a page of the roles.
//
// Errors: page.ErrCursor, authz.ErrForbidden.
func (r *Roles) List(ctx context.Context, filter ports.RoleFilter, request page.Request) (page.Page[domain.Role], error) {
	if err := r.decisions.Anywhere(ctx, RoleRead); err != nil {
		return page.Page[domain.Role]{}, err
	}
	found, err := r.repo.List(ctx, filter, request)
	for i := range found.Items {
		found.Items[i], _ = r.shown(found.Items[i], nil)
	}
	return found, err
}

// Create adds a role of permissions that the caller holds everywhere and without an end: a role can be granted anywhere.
//
// Errors: errs.Invalid, domain.ErrRoleNameTaken, domain.ErrRoleExceedsOwn, authz.ErrForbidden.
func (r *Roles) Create(ctx context.Context, name string, description *string, permissions []string) (domain.Role, error) {
	if err := r.decisions.Require(ctx, RoleCreate, authz.System()); err != nil {
		return domain.Role{}, err
	}
	var v errs.Violations
	role, err := domain.NewRole(name, description, permissions)
	if err := v.Join(err); err != nil {
		return domain.Role{}, err
	}
	r.checkDeclared(&v, permissions, nil)
	if err := v.Err(); err != nil {
		return domain.Role{}, err
	}
	if err := r.requireOwn(ctx, role.Permissions); err != nil {
		return domain.Role{}, err
	}
	return pg.InTx(ctx, r.tx, func(ctx context.Context) (domain.Role, error) {
		created, err := r.repo.Create(ctx, role, caller(ctx))
		if err != nil {
			return domain.Role{}, err
		}
		return created, r.decisions.rolesChanged(ctx)
	})
}

// Update changes a role that still is what the condition says. The caller must hold what it gets and what it loses, as
// with Create, and when it gets more must be able to grant it to everyone who has it.
//
// Errors: those of Create, domain.ErrRoleGrows, domain.ErrRoleNotFound, domain.ErrRoleBuiltIn, etag.ErrStale.
func (r *Roles) Update(ctx context.Context, id domain.RoleID, condition etag.Condition, change domain.RoleChange) (domain.Role, error) {
	return pg.InTurn(ctx, r.tx, roleTurn(id), func(ctx context.Context) (domain.Role, error) {
		before, err := r.change(ctx, RoleUpdate, id, condition)
		if errors.Is(err, domain.ErrRoleBuiltIn) {
			if as, _ := r.shown(before, nil); !change.Alters(as) {
				return as, nil // it was sent back as it was read
			}
		}
		if err != nil {
			return domain.Role{}, err
		}
		var v errs.Violations
		role := before
		if err := v.Join(role.Change(change)); err != nil {
			return domain.Role{}, err
		}
		if change.Permissions != nil {
			r.checkDeclared(&v, *change.Permissions, before.Permissions)
		}
		if err := v.Err(); err != nil {
			return domain.Role{}, err
		}
		if err := r.requireOwn(ctx, role.Measured(before)); err != nil {
			return domain.Role{}, err
		}
		added, removed := domain.Differences(before.Permissions, role.Permissions)
		if err := r.requireGranting(ctx, id, added); err != nil {
			return domain.Role{}, err
		}
		if role, err = r.repo.Update(ctx, role, added, removed, caller(ctx)); err != nil {
			return domain.Role{}, err
		}
		return role, r.decisions.rolesChanged(ctx)
	})
}

// Holders counts, for permissions of each narrowest scope, who gets or loses one by a change of a role. It is for those
// who may change roles, and counts all, also whom they may not see: a change is for all.
//
// Errors: domain.ErrRoleNotFound, authz.ErrForbidden.
func (r *Roles) Holders(ctx context.Context, id domain.RoleID) ([]domain.Holders, error) {
	if err := r.decisions.Require(ctx, RoleUpdate, authz.System()); err != nil {
		return nil, err
	}
	if _, err := r.repo.ByID(ctx, id); err != nil {
		return nil, err
	}
	inactive, err := r.people.Deactivated(ctx)
	if err != nil {
		return nil, err
	}
	return r.grants.Holders(ctx, id, inactive)
}

// Delete takes a role away that nobody has, that still is what the condition says, and of whose permissions the caller
// holds all.
//
// Errors: domain.ErrRoleNotFound, domain.ErrRoleBuiltIn, domain.ErrRoleExceedsOwn, pg.ErrInUse, etag.ErrStale, authz.ErrForbidden.
func (r *Roles) Delete(ctx context.Context, id domain.RoleID, condition etag.Condition) error {
	return r.tx.InTurn(ctx, roleTurn(id), func(ctx context.Context) error {
		role, err := r.change(ctx, RoleDelete, id, condition)
		if err != nil {
			return err
		}
		if err := r.requireOwn(ctx, role.Permissions); err != nil {
			return err
		}
		uses, err := r.grants.Uses(ctx, id)
		if err != nil {
			return err
		}
		if uses > 0 {
			return pg.InUse("grants", uses)
		}
		if err := r.repo.Delete(ctx, id, caller(ctx)); err != nil {
			return err
		}
		return r.decisions.rolesChanged(ctx)
	})
}

// roleTurn is that of all who change a role.
func roleTurn(id domain.RoleID) pg.Turn { return pg.Turn{Of: "role", ID: int64(id)} }

// change loads a role that the caller is about to change, if they may and it still is what they saw. It gives a built-in
// one too, with domain.ErrRoleBuiltIn.
func (r *Roles) change(ctx context.Context, permission authz.Permission, id domain.RoleID, condition etag.Condition) (domain.Role, error) {
	if err := r.decisions.Require(ctx, permission, authz.System()); err != nil {
		return domain.Role{}, err
	}
	role, err := r.repo.ForUpdate(ctx, id)
	if err != nil {
		return domain.Role{}, err
	}
	if err := condition.Check(role.Version); err != nil {
		return domain.Role{}, err
	}
	if role.BuiltIn {
		return role, domain.ErrRoleBuiltIn
	}
	return role, nil
}

// checkDeclared notes permissions that no module declares; what the role held before may stay.
func (r *Roles) checkDeclared(v *errs.Violations, permissions, before []string) {
	for i, p := range permissions {
		_, declared := r.decisions.permissions.Index(authz.Permission(p))
		if !declared && !slices.Contains(before, p) {
			v.Add(fmt.Sprintf("permissions[%d]", i), "unknown_permission", "is no permission; GET /permissions/ lists them")
		}
	}
}

// requireOwn says whether the caller holds all of these everywhere and without an end.
//
// Errors: domain.ErrRoleExceedsOwn, errs.Unavailable.
func (r *Roles) requireOwn(ctx context.Context, permissions []string) error {
	lacking, err := r.decisions.lacking(ctx, r.decisions.permissions.measured(permissions), authz.System(), forever)
	if err != nil || lacking.empty() {
		return err
	}
	names := r.decisions.permissions.names(lacking)
	return domain.ErrRoleExceedsOwn.Saying("%s. You lack %s", domain.ErrRoleExceedsOwn.Message, strings.Join(names, ", ")).
		With(errs.Params{"permissions": names})
}

// requireGranting says whether the caller may grant in every place where somebody has a role, now or later, and gets more
// by it. Without that, changing roles would be a way to grant for a user who may not.
//
// Errors: domain.ErrRoleGrows, errs.Unavailable.
func (r *Roles) requireGranting(ctx context.Context, id domain.RoleID, added []string) error {
	if len(added) == 0 {
		return nil
	}
	everywhere := r.decisions.Require(ctx, GrantCreate, authz.System())
	if !errors.Is(everywhere, authz.ErrForbidden) {
		return everywhere
	}
	places, err := r.grants.Places(ctx, id)
	if err != nil {
		return err
	}
	more := r.decisions.permissions.measured(added)
	for _, place := range places {
		if gets := r.decisions.permissions.within(more, level(place)); gets.empty() {
			continue
		}
		err := r.decisions.Require(ctx, GrantCreate, target(place))
		if errors.Is(err, authz.ErrForbidden) {
			return domain.ErrRoleGrows.Because(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// shown gives a role with the names of what it holds; a built-in role holds patterns.
func (r *Roles) shown(role domain.Role, err error) (domain.Role, error) {
	if role.BuiltIn {
		role.Permissions = r.decisions.permissions.names(r.decisions.permissions.named(role.Permissions))
	}
	return role, err
}

// caller gives the user who asks, nil for one who is no user.
func caller(ctx context.Context) *int64 {
	if id := authn.From(ctx).UserID; id != 0 {
		return &id
	}
	return nil
}
