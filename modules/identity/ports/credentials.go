package ports

import (
	"context"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/place"
)

// Account is the part of a user that signing in needs.
type Account struct {
	UserID         domain.UserID
	Email          domain.Email
	FullName       *string
	EmployeeNumber *string
	Phone          *string
	Active         bool
	Credential     domain.Credential
	Place          place.Place // where the user belongs
	// The one-time code of a reset that was started, nil for none.
	CodeDigest []byte
	CodeBy     *domain.UserID // who started it, nil for the operator
	SignedIn   bool           // within the last minute, as it is stored
}

// User returns the account's user, with the fields that the account has.
func (a Account) User() domain.User {
	return domain.User{
		ID: a.UserID, Email: a.Email, FullName: a.FullName, EmployeeNumber: a.EmployeeNumber, Phone: a.Phone, Active: a.Active, Place: a.Place,
	}
}

// Credentials is the repository of password hashes and reset codes.
type Credentials interface {
	// ByName returns the account with a name, the zero Account if there is none, or several.
	//
	// Errors: errs.Unavailable.
	ByName(ctx context.Context, name domain.AccountName) (Account, error)
	// ByUser returns the account of a user.
	//
	// Errors: domain.ErrUserNotFound, errs.Unavailable.
	ByUser(ctx context.Context, user domain.UserID) (Account, error)
	// StillGood returns the current account of a user whose password was proved, and whether the user may still sign in and
	// still has that password, even if it was rehashed. It locks both until the transaction ends; alone also excludes other
	// calls of it.
	StillGood(ctx context.Context, proved domain.Credential, alone bool) (account Account, good bool, err error)
	// Former returns the hashes of a user's former passwords, the newest first.
	Former(ctx context.Context, user domain.UserID, most int) ([]string, error)
	// Store stores a user's password; the old one becomes a former one, of which c.Former are kept. It deletes the user's reset
	// code, those that the user started for others, and the known devices.
	Store(ctx context.Context, c domain.Credential) error
	// Rehash replaces the hash of the same password, unless the hash was changed meanwhile.
	Rehash(ctx context.Context, user domain.UserID, old, hash string) error
	// StillSignedIn reports whether a user may sign in and their session has not ended. Until the transaction ends, it locks the
	// user against deactivation and a change of password.
	StillSignedIn(ctx context.Context, user domain.UserID, session domain.SessionID) (bool, error)
	// StartReset stores the digest of a one-time code, which replaces an earlier one, and returns when it expires.
	StartReset(ctx context.Context, user domain.UserID, codeDigest [32]byte, startedBy *domain.UserID, validity time.Duration) (time.Time, error)
	// RedeemReset deletes the code and reports whether it was valid; of concurrent calls only one returns true.
	RedeemReset(ctx context.Context, user domain.UserID, codeDigest [32]byte) (redeemed bool, err error)
	// CancelReset deletes a user's code, and reports whether there was one.
	CancelReset(ctx context.Context, user domain.UserID) (cancelled bool, err error)
	// CancelResetsOf deletes a user's code, and those that the user started for others.
	CancelResetsOf(ctx context.Context, user domain.UserID) error
	// DeleteAll deletes a user's password, former passwords, code, known devices, and the codes that the user started for others.
	DeleteAll(ctx context.Context, user domain.UserID) error
	// Prune deletes expired codes.
	Prune(ctx context.Context) error
}
