package ports

import (
	"context"
	"time"

	"erp.internal/modules/identity/domain"
)

// Mail takes messages to users. Closed networks have none: Sends then says so.
type Mail interface {
	// Sends says whether messages can be sent at all.
	Sends() bool
	// SendResetCode sends the code with which a user sets a new password.
	//
	// Errors: domain.ErrMailUnavailable.
	SendResetCode(ctx context.Context, to domain.Email, code string, validUntil time.Time) error
}
