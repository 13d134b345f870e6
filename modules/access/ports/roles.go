// Package ports holds the interfaces at the module's edge: what it needs driven. It is the only package of this module
// that other modules may import.
package ports

import (
	"context"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/page"
)

// RoleFilter says which roles a list holds.
type RoleFilter struct {
	IDs    []domain.RoleID // only these; none for all
	Search string          // only those whose name or description contains it; "" for all
}

// Roles keeps roles. A deleted role is not found any more.
type Roles interface {
	// ByID gives a role.
	//
	// Errors: domain.ErrRoleNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.RoleID) (domain.Role, error)
	// ForUpdate is ByID, with its errors, and keeps others from changing or granting the role until the transaction ends.
	ForUpdate(ctx context.Context, id domain.RoleID) (domain.Role, error)
	// ForGrant is ByID, with its errors, and keeps others from changing the role until the transaction ends.
	ForGrant(ctx context.Context, id domain.RoleID) (domain.Role, error)
	// BuiltIn gives a built-in role by its name.
	//
	// Errors: domain.ErrRoleNotFound, errs.Unavailable.
	BuiltIn(ctx context.Context, name string) (domain.Role, error)
	// LockBuiltIn is BuiltIn, with its errors, and keeps others from locking the role so until the transaction ends.
	LockBuiltIn(ctx context.Context, name string) (domain.Role, error)
	// List gives a page; it can be sorted by id, name, created_at, and updated_at.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter RoleFilter, request page.Request) (page.Page[domain.Role], error)
	// All gives every role.
	//
	// Errors: errs.Unavailable.
	All(ctx context.Context) ([]domain.Role, error)
	// Holding gives the roles, also deleted ones, that held one of these at a moment.
	//
	// Errors: errs.Unavailable.
	Holding(ctx context.Context, permissions []string, at time.Time) ([]domain.RoleID, error)
	// HeldAt gives what each role, also a deleted one, held at a moment, by name or pattern.
	//
	// Errors: errs.Unavailable.
	HeldAt(ctx context.Context, at time.Time) (map[domain.RoleID][]string, error)
	// Names gives what the roles are or were called.
	//
	// Errors: errs.Unavailable.
	Names(ctx context.Context, roles ...domain.RoleID) (map[domain.RoleID]string, error)
	// Create stores a new role and gives it its id, version and times. Here, in Update and in Delete, the history of what
	// roles hold keeps the user who makes the context's change.
	//
	// Errors: domain.ErrRoleNameTaken, errs.Unavailable.
	Create(ctx context.Context, r domain.Role) (domain.Role, error)
	// Update stores a change and gives the new version and time.
	//
	// Errors: domain.ErrRoleNameTaken, etag.ErrStale when the version is not r's any more, errs.Unavailable.
	Update(ctx context.Context, r domain.Role, added, removed []string) (domain.Role, error)
	// Delete takes the role away and frees the name. The row stays for what refers to it.
	//
	// Errors: errs.Unavailable.
	Delete(ctx context.Context, id domain.RoleID) error
}
