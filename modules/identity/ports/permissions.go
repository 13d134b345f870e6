package ports

import "erp.internal/platform/authz"

// UserRead is also checked by other modules: users whom the caller may not see count as missing.
const UserRead authz.Permission = "user.read"
