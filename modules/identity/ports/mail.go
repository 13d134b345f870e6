package ports

import (
	"context"
	"time"

	"erp.internal/modules/identity/domain"
)

// Mail sends messages to users, if mail is set up: see Sends.
type Mail interface {
	// Sends reports whether mail is set up.
	Sends() bool
	// SendResetCode sends the code with which a user sets a new password.
	//
	// Errors: domain.ErrMailUnavailable.
	SendResetCode(ctx context.Context, to domain.Email, code string, validUntil time.Time) error
}
