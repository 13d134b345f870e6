package ports

import (
	"context"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/place"
)

// Account is what signing in needs to know of a user.
type Account struct {
	UserID     domain.UserID
	Email      domain.Email
	FullName   *string
	Active     bool
	Credential domain.Credential
	Place      place.Place // where the user belongs
	// The one-time code of a reset that was started, nil for none.
	CodeDigest []byte
	CodeBy     *domain.UserID // who started it, nil for the operator
}

// User gives the account's user, as far as the account tells.
func (a Account) User() domain.User {
	return domain.User{ID: a.UserID, Email: a.Email, FullName: a.FullName, Active: a.Active, Place: a.Place}
}

// Credentials keeps passwords, as hashes, and the codes with which they are reset.
type Credentials interface {
	// ByEmail gives the account of an email, the zero Account when there is none.
	//
	// Errors: errs.Unavailable.
	ByEmail(ctx context.Context, email domain.Email) (Account, error)
	// ByUser gives the account of a user.
	//
	// Errors: domain.ErrUserNotFound, errs.Unavailable.
	ByUser(ctx context.Context, user domain.UserID) (Account, error)
	// StillGood gives the account of a user whose password was proved, as it is now, and says whether the user may still
	// sign in and has that password still, also when it was hashed anew. It keeps both so until the transaction ends; alone
	// keeps out others who ask the same.
	StillGood(ctx context.Context, proved domain.Credential, alone bool) (account Account, good bool, err error)
	// Former gives the hashes of a user's last passwords before the present one, the newest first.
	Former(ctx context.Context, user domain.UserID, most int) ([]string, error)
	// Store gives a user a password; the one before becomes a former one, of which c.Former are kept. A started reset is
	// over, and so are those that the user started for others; devices that proved the one before are not known any more.
	Store(ctx context.Context, c domain.Credential) error
	// Rehash replaces the hash of a password that stays, unless it is not the old hash's any more.
	Rehash(ctx context.Context, user domain.UserID, old, hash string) error
	// StillSignedIn says whether a user may sign in and a session of theirs was not ended. Until the transaction ends, nobody
	// deactivates the user or changes the password.
	StillSignedIn(ctx context.Context, user domain.UserID, session domain.SessionID) (bool, error)
	// StartReset keeps the digest of a one-time code, in place of an earlier one, and gives the time until which it is
	// good.
	StartReset(ctx context.Context, user domain.UserID, codeDigest [32]byte, startedBy *domain.UserID, validity time.Duration) (time.Time, error)
	// RedeemReset takes the code away and says whether it was there and still good; of many at once, one is told so.
	RedeemReset(ctx context.Context, user domain.UserID, codeDigest [32]byte) (redeemed bool, err error)
	// CancelReset deletes a user's code, and says whether there was one.
	CancelReset(ctx context.Context, user domain.UserID) (cancelled bool, err error)
	// CancelResetsOf deletes a user's code, and those that the user started for others.
	CancelResetsOf(ctx context.Context, user domain.UserID) error
	// Forget deletes a user's password, former ones, code, known devices, and the codes that the user started for others.
	Forget(ctx context.Context, user domain.UserID) error
	// Prune deletes codes that nobody redeemed.
	Prune(ctx context.Context) error
}
