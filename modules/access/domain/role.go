// Package domain holds roles and grants, and their rules.
package domain

import (
	"slices"
	"strings"
	"time"

	"erp.internal/platform/errs"
	"erp.internal/platform/patch"
	"erp.internal/platform/text"
)

// The errors of roles.
var (
	ErrRoleNotFound   = errs.New(errs.NotFound, "role.not_found", "Role not found")
	ErrRoleNameTaken  = errs.New(errs.Taken, "role.name_taken", "Role name already exists")
	ErrRoleBuiltIn    = errs.New(errs.Conflict, "role.built_in", "Built-in roles cannot be changed or deleted: create one of your own")
	ErrRoleExceedsOwn = errs.New(errs.Forbidden, "role.exceeds_own", "You can add to a role and remove from it only permissions that you hold for the whole system without an end; to rename or delete it you need all of its permissions")
	ErrRoleGrows      = errs.New(errs.Forbidden, "role.grows_for_others", "All users with this role would get more permissions: that needs grant.create at every place for which the role is granted")
)

// RoleID identifies a role; it is never used again.
type RoleID int64

// SystemAdministrator is the built-in role that at least one active user always has; a migration creates the built-in roles.
const SystemAdministrator = "system-administrator"

// Role is a set of permissions.
type Role struct {
	ID          RoleID
	Name        string   // unique; see text.Name
	Description *string  // nil: none; see text.Note
	Permissions []string // names; patterns for built-in roles: see Patterns
	BuiltIn     bool     // made by a migration, never changed
	Version     int64    // grows with each change
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// NewRole makes a role that is not stored yet.
//
// Errors: errs.Invalid with every violation.
func NewRole(name string, description *string, permissions []string) (Role, error) {
	var r Role
	err := r.Change(RoleChange{Name: &name, Description: patch.To(description), Permissions: &permissions})
	return r, err
}

// RoleChange is an update; nil fields stay unchanged.
type RoleChange struct {
	Name        *string
	Description patch.Field[string]
	Permissions *[]string
}

// Alters reports whether the change would alter the role.
func (c RoleChange) Alters(r Role) bool {
	return c.Name != nil && *c.Name != r.Name ||
		patch.Alters(c.Description, r.Description) ||
		c.Permissions != nil && !slices.Equal(slices.Compact(slices.Sorted(slices.Values(*c.Permissions))), slices.Sorted(slices.Values(r.Permissions)))
}

// Change applies an update, or none of it. It does not check that the permissions exist.
//
// Errors: errs.Invalid with every violation, ErrRoleBuiltIn.
func (r *Role) Change(change RoleChange) error {
	if r.BuiltIn {
		return ErrRoleBuiltIn
	}
	var v errs.Violations
	changed := *r
	if change.Name != nil && (*change.Name != r.Name || r.Name == "") { // an unchanged name may have been stored under earlier rules
		name, err := text.Name(*change.Name)
		if err := v.Check("name", err); err != nil {
			return err
		}
		changed.Name = name
	}
	description, err := change.Description.ApplyNormal(r.Description, text.Note)
	if err := v.Check("description", err); err != nil {
		return err
	}
	changed.Description = description
	if change.Permissions != nil {
		changed.Permissions = slices.Compact(slices.Sorted(slices.Values(*change.Permissions)))
	}
	if err := v.Err(); err != nil {
		return err
	}
	*r = changed
	return nil
}

// Measured returns the permissions that a caller needs to change the role: the added and removed ones, and all of them if
// its name or description changes, since users grant it by these.
func (r Role) Measured(before Role) []string {
	added, removed := Differences(before.Permissions, r.Permissions)
	if r.Name != before.Name || !equal(r.Description, before.Description) {
		return append(added, before.Permissions...)
	}
	return append(added, removed...)
}

func equal(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// Differences returns the added and removed permissions; both lists are sorted.
func Differences(before, after []string) (added, removed []string) {
	for _, p := range after {
		if _, found := slices.BinarySearch(before, p); !found {
			added = append(added, p)
		}
	}
	for _, p := range before {
		if _, found := slices.BinarySearch(after, p); !found {
			removed = append(removed, p)
		}
	}
	return added, removed
}

// Patterns returns the entries of a role that include a permission: its name, or a pattern of the built-in roles.
// withinOrganization says that the permission has an effect for less than the whole system.
func Patterns(permission string, withinOrganization bool) []string {
	patterns := []string{permission, "*"}
	if strings.HasSuffix(permission, ".read") {
		patterns = append(patterns, "*.read")
	}
	if withinOrganization {
		patterns = append(patterns, "*@organization")
	}
	return patterns
}
