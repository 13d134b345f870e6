package ports

import (
	"context"

	"erp.internal/modules/identity/domain"
)

// Devices keeps from which devices users have signed in.
type Devices interface {
	// Known gives the device that the account of an email knows by one of the tokens, of several the one used last; 0 for
	// none, also where there is no such account.
	//
	// Errors: errs.Unavailable.
	Known(ctx context.Context, email domain.Email, tokenDigests [][32]byte) (domain.DeviceID, error)
	// Remember makes a user know a device, and forgets those beyond domain.MostDevices. The device is that of a token that
	// came, when some user knows one, best the user, else a new one; used is the digest of its token.
	Remember(ctx context.Context, user domain.UserID, cameWith [][32]byte, newDigest [32]byte) (used [32]byte, err error)
	// Prune deletes devices that were not used for domain.DeviceLife.
	Prune(ctx context.Context) error
}
