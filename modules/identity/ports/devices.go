package ports

import (
	"context"

	"erp.internal/modules/identity/domain"
)

// Devices keeps from which devices users have signed in.
type Devices interface {
	// Known gives the device of a token that the account of an email knows; 0 for none, also where there is no such
	// account.
	//
	// Errors: errs.Unavailable.
	Known(ctx context.Context, email domain.Email, tokenDigest [32]byte) (domain.DeviceID, error)
	// Remember makes a user know a device, and forgets those beyond domain.MostDevices. The device is the one that came
	// with its token, when some user knows that one, else a new one; came says which.
	Remember(ctx context.Context, user domain.UserID, cameWith, newDigest [32]byte) (came bool, err error)
	// Prune deletes devices that were not used for domain.DeviceLife.
	Prune(ctx context.Context) error
}
