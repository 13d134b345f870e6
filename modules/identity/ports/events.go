package ports

import "erp.internal/modules/identity/domain"

// The events that other modules may subscribe to; subscribers run in the transaction of the event: see change.Door.
// Event.User is the user.
const (
	AdministratorMade = domain.AdministratorMade
	UserDeactivated   = domain.UserDeactivated
	UserDeleted       = domain.UserDeleted
)
