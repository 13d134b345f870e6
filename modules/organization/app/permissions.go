package app

import (
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/place"
)

// The permissions that this module checks.
const (
	OrganizationRead                    = ports.OrganizationRead
	OrganizationCreate authz.Permission = "organization.create"
	OrganizationUpdate authz.Permission = "organization.update"
	OrganizationDelete authz.Permission = "organization.delete"

	DepartmentRead                    = ports.DepartmentRead
	DepartmentCreate authz.Permission = "department.create"
	DepartmentUpdate authz.Permission = "department.update"
	DepartmentMove   authz.Permission = "department.move"
	DepartmentDelete authz.Permission = "department.delete"
)

// Permissions describes them.
func Permissions() []authz.Described {
	return []authz.Described{
		{Permission: OrganizationRead, Least: place.DepartmentLevel, Upward: true, Description: "See an organization"},
		{Permission: OrganizationCreate, Least: place.SystemLevel, Description: "Create organizations"},
		{Permission: OrganizationUpdate, Least: place.OrganizationLevel, Description: "Change an organization's name and description"},
		{Permission: OrganizationDelete, Least: place.OrganizationLevel, Description: "Delete an organization without departments and users"},
		{Permission: DepartmentRead, Least: place.DepartmentLevel, Description: "See departments"},
		{Permission: DepartmentCreate, Least: place.DepartmentLevel, Description: "Create departments below existing ones"},
		{Permission: DepartmentUpdate, Least: place.DepartmentLevel, Description: "Change departments' names, codes and order"},
		{Permission: DepartmentMove, Least: place.DepartmentLevel, Description: "Move departments; needed at the current and the new place"},
		{Permission: DepartmentDelete, Least: place.DepartmentLevel, Description: "Delete departments without subdepartments and users"},
	}
}
