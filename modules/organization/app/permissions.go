package app

import "erp.internal/platform/authz"

// The permissions that this module checks.
const (
	OrganizationRead   authz.Permission = "organization.read"
	OrganizationCreate authz.Permission = "organization.create"
	OrganizationUpdate authz.Permission = "organization.update"
	OrganizationDelete authz.Permission = "organization.delete"

	DepartmentRead   authz.Permission = "department.read"
	DepartmentCreate authz.Permission = "department.create"
	DepartmentUpdate authz.Permission = "department.update"
	DepartmentMove   authz.Permission = "department.move"
	DepartmentDelete authz.Permission = "department.delete"
)
