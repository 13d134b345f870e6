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
		{Permission: RoleRead, Least: place.DepartmentLevel, Description: "See roles; held anywhere it shows all"},
		{Permission: RoleCreate, Least: place.SystemLevel, Description: "Create roles, of permissions that you hold everywhere"},
		{Permission: RoleUpdate, Least: place.SystemLevel, Description: "Change roles, by permissions that you hold everywhere; adding to a role that users have needs grant.create too"},
		{Permission: RoleDelete, Least: place.SystemLevel, Description: "Delete roles that nobody has, of permissions that you hold everywhere"},
		{Permission: GrantRead, Least: place.DepartmentLevel, Description: "See who may do what, and ask why"},
		{Permission: GrantCreate, Least: place.DepartmentLevel, Description: "Grant roles that hold no more than oneself"},
		{Permission: GrantEnd, Least: place.DepartmentLevel, Description: "End grants of permissions that you hold there"},
	}
}
