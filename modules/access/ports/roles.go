// Package ports holds the interfaces of the module. It is the only package of this module that other modules may import.
package ports

import (
	"context"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/search"
)

// RoleFilter filters roles.
type RoleFilter struct {
	IDs    []domain.RoleID // empty for all
	Search search.Query    // for the name and the description; empty for all
}

// Roles is the repository of roles. Deleted roles are not found.
type Roles interface {
	// ByID returns a role.
	//
	// Errors: domain.ErrRoleNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.RoleID) (domain.Role, error)
	// ForUpdate is ByID, with its errors, and locks the role until the transaction ends: others can neither change nor grant it.
	ForUpdate(ctx context.Context, id domain.RoleID) (domain.Role, error)
	// ForGrant is ByID, with its errors, and locks the role until the transaction ends: others cannot change it.
	ForGrant(ctx context.Context, id domain.RoleID) (domain.Role, error)
	// BuiltIn returns a built-in role by its name.
	//
	// Errors: domain.ErrRoleNotFound, errs.Unavailable.
	BuiltIn(ctx context.Context, name string) (domain.Role, error)
	// LockBuiltIn is BuiltIn, with its errors, and locks the role against other calls of it until the transaction ends.
	LockBuiltIn(ctx context.Context, name string) (domain.Role, error)
	// List returns a page; it can be sorted by id, name, created_at, and updated_at.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter RoleFilter, request page.Request) (page.Page[domain.Role], error)
	// Search returns roles that a query finds, with those that match best among them; at least so many, as long as there are
	// others.
	//
	// Errors: errs.Unavailable.
	Search(ctx context.Context, q search.Query, atLeast int) ([]domain.Role, error)
	// All returns all roles.
	//
	// Errors: errs.Unavailable.
	All(ctx context.Context) ([]domain.Role, error)
	// Holding returns the roles, including deleted ones, that had one of the permissions at a moment.
	//
	// Errors: errs.Unavailable.
	Holding(ctx context.Context, permissions []string, at time.Time) ([]domain.RoleID, error)
	// PermissionsAt returns the permissions of all roles, including deleted ones, at a moment, by name or pattern.
	//
	// Errors: errs.Unavailable.
	PermissionsAt(ctx context.Context, at time.Time) (map[domain.RoleID][]string, error)
	// Names returns the names of roles, including deleted ones.
	//
	// Errors: errs.Unavailable.
	Names(ctx context.Context, roles ...domain.RoleID) (map[domain.RoleID]string, error)
	// Create stores a new role and returns it with id, version and times. Create, Update and Delete record the actor of the
	// context in the history of the role's permissions.
	//
	// Errors: domain.ErrRoleNameTaken, errs.Unavailable.
	Create(ctx context.Context, r domain.Role) (domain.Role, error)
	// Update stores a change and returns the role with the new version and time.
	//
	// Errors: domain.ErrRoleNameTaken, etag.ErrStale when the version is not r's any more, errs.Unavailable.
	Update(ctx context.Context, r domain.Role, added, removed []string) (domain.Role, error)
	// Delete deletes the role and frees its name. The row stays for references to it.
	//
	// Errors: errs.Unavailable.
	Delete(ctx context.Context, id domain.RoleID) error
}
