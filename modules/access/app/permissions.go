package app

import (
	"erp.internal/platform/authz"
	"erp.internal/platform/place"
)

// The permissions that this module checks.
const (
	RoleRead   authz.Permission = "role.read"
	RoleCreate authz.Permission = "role.create"
	RoleUpdate authz.Permission = "role.update"
	RoleDelete authz.Permission = "role.delete"

	GrantRead   authz.Permission = "grant.read"
	GrantCreate authz.Permission = "grant.create"
	GrantEnd    authz.Permission = "grant.end"
)

// Permissions describes them.
func Permissions() []authz.Described {
	return []authz.Described{
		{Permission: RoleRead, Least: place.DepartmentLevel, Description: "See roles; for any place, shows all roles"},
		{Permission: RoleCreate, Least: place.SystemLevel, Description: "Create roles with permissions that the caller holds for the whole system"},
		{Permission: RoleUpdate, Least: place.SystemLevel, Description: "Change roles by permissions that the caller holds for the whole system; adding to a role that users have also needs grant.create"},
		{Permission: RoleDelete, Least: place.SystemLevel, Description: "Delete roles that nobody has, with permissions that the caller holds for the whole system"},
		{Permission: GrantRead, Least: place.DepartmentLevel, Description: "See grants, and check permissions of users"},
		{Permission: GrantCreate, Least: place.DepartmentLevel, Description: "Grant roles whose permissions the caller holds there"},
		{Permission: GrantEnd, Least: place.DepartmentLevel, Description: "End grants of permissions that the caller holds there"},
	}
}
