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
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// Roles are the use cases of roles. Roles belong to the whole system: callers who may see any role may see all.
type Roles struct {
	door      *change.Door
	repo      ports.Roles
	grants    ports.Grants
	decisions *Decisions
	people    identityports.Directory
}

// NewRoles makes the use cases.
func NewRoles(door *change.Door, repo ports.Roles, grants ports.Grants, decisions *Decisions, people identityports.Directory) *Roles {
	return &Roles{door: door, repo: repo, grants: grants, decisions: decisions, people: people}
}

// ByID returns a role.
//
// Errors: domain.ErrRoleNotFound, authz.ErrForbidden.
func (r *Roles) ByID(ctx context.Context, id domain.RoleID) (domain.Role, error) {
	if err := r.decisions.Anywhere(ctx, RoleRead); err != nil {
		return domain.Role{}, err
	}
	return r.shown(r.repo.ByID(ctx, id))
}

// List returns a page of roles.
//
// Errors: page.ErrCursor, authz.ErrForbidden.
func (r *Roles) List(ctx context.Context, filter ports.RoleFilter, request page.Request) (page.Page[domain.Role], error) {
	if err := r.decisions.Anywhere(ctx, RoleRead); err != nil {
		return page.Page[domain.Role]{}, err
	}
	found, err := r.repo.List(ctx, filter, request)
	return page.Map(found, func(role domain.Role) domain.Role {
		role, _ = r.shown(role, nil)
		return role
	}), err
}

// Search returns roles that a query finds: see search.Kind.
//
// Errors: errs.Unavailable.
func (r *Roles) Search(ctx context.Context, q search.Query, atLeast int) ([]search.Hit, error) {
	if err := r.decisions.Anywhere(ctx, RoleRead); err != nil {
		if errors.Is(err, authz.ErrForbidden) {
			return nil, nil
		}
		return nil, err
	}
	found, err := r.repo.Search(ctx, q, atLeast)
	hits := make([]search.Hit, len(found))
	for i, role := range found {
		hits[i] = search.Hit{Match: q.Match(&role.Name, role.Description), ID: int64(role.ID), Name: role.Name}
	}
	return hits, err
}

// CreateRole is the command of Create.
type CreateRole struct {
	Name        string
	Description *string // nil: none
	Permissions []string
}

// Create adds a role. The caller must hold its permissions for the whole system without an end, since a role can be granted
// anywhere.
//
// Errors: errs.Invalid, domain.ErrRoleNameTaken, domain.ErrRoleExceedsOwn, authz.ErrForbidden.
func (r *Roles) Create(ctx context.Context, c CreateRole) (domain.Role, error) {
	if err := authz.Require(ctx, r.decisions, RoleCreate, place.System()); err != nil {
		return domain.Role{}, err
	}
	var v errs.Violations
	role, err := domain.NewRole(c.Name, c.Description, c.Permissions)
	if err := v.Join(err); err != nil {
		return domain.Role{}, err
	}
	r.checkDeclared(&v, c.Permissions, nil)
	if err := v.Err(); err != nil {
		return domain.Role{}, err
	}
	if err := r.requireOwn(ctx, role.Permissions); err != nil {
		return domain.Role{}, err
	}
	return change.Do(ctx, r.door, func(ctx context.Context, tx *change.Tx) (domain.Role, error) {
		created, err := r.repo.Create(ctx, role)
		if err != nil {
			return domain.Role{}, err
		}
		tx.Record(created.Created())
		return created, nil
	})
}

// UpdateRole is the command of Update.
type UpdateRole struct {
	ID       domain.RoleID
	Expected etag.Condition
	Change   domain.RoleChange
}

// Update changes a role if it still has the expected version. The caller must hold the added and removed permissions as
// with Create, and to add permissions must be able to grant the role to all users who have it.
//
// Errors: those of Create, domain.ErrRoleGrows, domain.ErrRoleNotFound, domain.ErrRoleBuiltIn, etag.ErrStale.
func (r *Roles) Update(ctx context.Context, c UpdateRole) (domain.Role, error) {
	return change.InTurn(ctx, r.door, roleTurn(c.ID), func(ctx context.Context, tx *change.Tx) (domain.Role, error) {
		before, err := r.lock(ctx, RoleUpdate, c.ID, c.Expected)
		if errors.Is(err, domain.ErrRoleBuiltIn) {
			if as, _ := r.shown(before, nil); !c.Change.Alters(as) {
				return as, nil // it was sent back unchanged
			}
		}
		if err != nil {
			return domain.Role{}, err
		}
		var v errs.Violations
		role := before
		if err := v.Join(role.Change(c.Change)); err != nil {
			return domain.Role{}, err
		}
		if c.Change.Permissions != nil {
			r.checkDeclared(&v, *c.Change.Permissions, before.Permissions)
		}
		if err := v.Err(); err != nil {
			return domain.Role{}, err
		}
		if err := r.requireOwn(ctx, role.Measured(before)); err != nil {
			return domain.Role{}, err
		}
		added, removed := domain.Differences(before.Permissions, role.Permissions)
		if err := r.requireGranting(ctx, c.ID, added); err != nil {
			return domain.Role{}, err
		}
		after, err := r.repo.Update(ctx, role, added, removed)
		if err != nil {
			return domain.Role{}, err
		}
		tx.Record(after.ChangedFrom(before))
		return after, nil
	})
}

// Holders counts, for permissions of each narrowest scope, the users who get or lose one when the role changes. It is for
// callers who may change roles, and counts all users, also those that the caller may not see.
//
// Errors: domain.ErrRoleNotFound, authz.ErrForbidden.
func (r *Roles) Holders(ctx context.Context, id domain.RoleID) ([]domain.Holders, error) {
	if err := authz.Require(ctx, r.decisions, RoleUpdate, place.System()); err != nil {
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

// DeleteRole is the command of Delete.
type DeleteRole struct {
	ID       domain.RoleID
	Expected etag.Condition
}

// Delete deletes a role that no user has, if it still has the expected version. The caller must hold all of its
// permissions.
//
// Errors: domain.ErrRoleNotFound, domain.ErrRoleBuiltIn, domain.ErrRoleExceedsOwn, errs.Conflict while users have it, etag.ErrStale, authz.ErrForbidden.
func (r *Roles) Delete(ctx context.Context, c DeleteRole) error {
	_, err := change.InTurn(ctx, r.door, roleTurn(c.ID), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		role, err := r.lock(ctx, RoleDelete, c.ID, c.Expected)
		if err != nil {
			return none, err
		}
		if err := r.requireOwn(ctx, role.Permissions); err != nil {
			return none, err
		}
		if err := r.grants.CheckUnused(ctx, c.ID); err != nil {
			return none, err
		}
		tx.Record(role.Deleted())
		return none, r.repo.Delete(ctx, c.ID)
	})
	return err
}

// roleTurn is the turn of changes of a role.
func roleTurn(id domain.RoleID) change.Turn { return change.Turn{Of: "role", ID: int64(id)} }

// lock loads and locks a role that the caller is about to change, and checks permission and version. It returns built-in
// roles with domain.ErrRoleBuiltIn.
func (r *Roles) lock(ctx context.Context, permission authz.Permission, id domain.RoleID, condition etag.Condition) (domain.Role, error) {
	if err := authz.Require(ctx, r.decisions, permission, place.System()); err != nil {
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

// checkDeclared adds violations for permissions that no module declares; those that the role had before may stay.
func (r *Roles) checkDeclared(v *errs.Violations, permissions, before []string) {
	for i, p := range permissions {
		_, declared := r.decisions.permissions.Index(authz.Permission(p))
		if !declared && !slices.Contains(before, p) {
			v.Add(fmt.Sprintf("permissions[%d]", i), "unknown_permission", "is no permission")
		}
	}
}

// requireOwn checks that the caller holds all of these permissions for the whole system without an end.
//
// Errors: domain.ErrRoleExceedsOwn, errs.Unavailable.
func (r *Roles) requireOwn(ctx context.Context, permissions []string) error {
	missing, err := r.decisions.missingPermissions(ctx, r.decisions.permissions.measured(permissions), place.System(), forever)
	if err != nil || missing.empty() {
		return err
	}
	names := r.decisions.permissions.names(missing)
	return domain.ErrRoleExceedsOwn.WithMessage("%s. You lack %s", domain.ErrRoleExceedsOwn.Message, strings.Join(names, ", ")).
		WithParams(errs.Params{"permissions": names})
}

// requireGranting checks that the caller may grant at every place for which the role is granted now or later and where the
// added permissions have an effect. Otherwise changing a role would be a way to grant without GrantCreate.
//
// Errors: domain.ErrRoleGrows, errs.Unavailable.
func (r *Roles) requireGranting(ctx context.Context, id domain.RoleID, added []string) error {
	if len(added) == 0 {
		return nil
	}
	everywhere := authz.Require(ctx, r.decisions, GrantCreate, place.System())
	if !errors.Is(everywhere, authz.ErrForbidden) {
		return everywhere
	}
	places, err := r.grants.Places(ctx, id)
	if err != nil {
		return err
	}
	more := r.decisions.permissions.measured(added)
	for _, at := range places {
		if gets := r.decisions.permissions.within(more, at.Level()); gets.empty() {
			continue
		}
		err := authz.Require(ctx, r.decisions, GrantCreate, at)
		if errors.Is(err, authz.ErrForbidden) {
			return domain.ErrRoleGrows.WithCause(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// shown resolves the patterns of a built-in role to names.
func (r *Roles) shown(role domain.Role, err error) (domain.Role, error) {
	if role.BuiltIn {
		role.Permissions = r.decisions.permissions.names(r.decisions.permissions.named(role.Permissions))
	}
	return role, err
}
