package ports

import "erp.internal/modules/identity/domain"

// What other modules may hear of, in the transaction in which it happens: see change.Door. Event.User is the user.
const (
	AdministratorMade = domain.AdministratorMade
	UserDeactivated   = domain.UserDeactivated
	UserDeleted       = domain.UserDeleted
)
