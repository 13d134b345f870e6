package ports

import "erp.internal/platform/authz"

// UserRead is asked about by other modules too: who may not be seen answers like who is not there.
const UserRead authz.Permission = "user.read"
