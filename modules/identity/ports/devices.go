package ports

import (
	"context"

	"erp.internal/modules/identity/domain"
)

// Devices is the repository of devices from which users have signed in.
type Devices interface {
	// Known returns the device that a user's account knows by one of the tokens, the one used last if there are several; 0 for
	// none, and for the user 0, who is nobody.
	//
	// Errors: errs.Unavailable.
	Known(ctx context.Context, user domain.UserID, tokenDigests [][32]byte) (domain.DeviceID, error)
	// Remember stores a device of a user, and deletes those beyond domain.MostDevices. It uses a device of one of the tokens,
	// preferably of this user, or creates a new one; used is the digest of its token.
	Remember(ctx context.Context, user domain.UserID, cameWith [][32]byte, newDigest [32]byte) (used [32]byte, err error)
	// Prune deletes devices that were not used for domain.DeviceLife.
	Prune(ctx context.Context) error
}
