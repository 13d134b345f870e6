package ports

import "erp.internal/platform/authz"

// The permissions that other modules check, too: an object that the caller may not see counts as missing.
const (
	OrganizationRead authz.Permission = "organization.read"
	DepartmentRead   authz.Permission = "department.read"
)
