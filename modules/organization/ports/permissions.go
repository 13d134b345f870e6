package ports

import "erp.internal/platform/authz"

// The permissions that other modules ask about too: what may not be seen answers like what is not there.
const (
	OrganizationRead authz.Permission = "organization.read"
	DepartmentRead   authz.Permission = "department.read"
)
