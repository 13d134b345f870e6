package app

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/change"
)

// PasswordResets are the use cases with which users set a new password by a one-time code that an administrator started. The
// administrator never learns or chooses the password (ASVS 6.4.6).
type PasswordResets struct {
	door        *change.Door
	people      *Users
	users       ports.Users
	credentials ports.Credentials
	mail        ports.Mail
	account     *Account
}

// NewPasswordResets makes the use cases.
func NewPasswordResets(door *change.Door, people *Users, users ports.Users, credentials ports.Credentials, mail ports.Mail, account *Account) *PasswordResets {
	return &PasswordResets{door: door, people: people, users: users, credentials: credentials, mail: mail, account: account}
}

// StartedReset is a code that waits to be redeemed.
type StartedReset struct {
	Code      string // "" when it was sent to the user
	ExpiresAt time.Time
}

// StartReset is the command of Start.
type StartReset struct{ User domain.UserID }

// Start creates a code, which replaces an earlier one, and unlocks the account, since the code would be useless otherwise. The
// code is sent to the user if mail is set up and they have an email, or else returned to the administrator.
//
// Errors: domain.ErrUserNotFound, domain.ErrMailUnavailable, authz.ErrForbidden.
func (p *PasswordResets) Start(ctx context.Context, c StartReset) (StartedReset, error) {
	code := domain.NewCode()
	until, user, err := p.start(ctx, c.User, code)
	if err != nil {
		return StartedReset{}, err
	}
	if p.mail.Sends() && user.Email != (domain.Email{}) { // outside of the transaction, so that no lock waits for the mail server
		if err := p.mail.SendResetCode(ctx, user.Email, code, until); err != nil {
			return StartedReset{}, errors.Join(err, p.afterwards(context.WithoutCancel(ctx), user, p.people.cancelReset))
		}
		code = ""
	}
	return StartedReset{Code: code, ExpiresAt: until}, p.afterwards(ctx, user, p.people.unlock)
}

// afterwards runs do for a user after the mail was sent.
func (p *PasswordResets) afterwards(ctx context.Context, user domain.User, do func(context.Context, *change.Tx, domain.User) error) error {
	_, err := change.Do(ctx, p.door, func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		return none, do(ctx, tx, user)
	})
	return err
}

// start stores a code's digest, and returns when it expires and its user.
func (p *PasswordResets) start(ctx context.Context, id domain.UserID, code string) (until time.Time, user domain.User, err error) {
	user, err = change.InTurn(ctx, p.door, turn(id), func(ctx context.Context, tx *change.Tx) (domain.User, error) {
		user, err := p.users.ForUpdate(ctx, id)
		if err != nil {
			return domain.User{}, err
		}
		if err := p.people.requireTakeOver(ctx, user); err != nil {
			return domain.User{}, err
		}
		by := maker(ctx)
		if by != nil { // if the caller's session has ended meanwhile, no code is stored: it may have been stolen
			if signedIn, err := p.credentials.StillSignedIn(ctx, *by, callersSession(ctx)); err != nil {
				return domain.User{}, err
			} else if !signedIn {
				return domain.User{}, domain.ErrSessionOver
			}
		}
		tx.Record(user.ResetStarted())
		until, err = p.credentials.StartReset(ctx, id, domain.Digest(domain.NormalCode(code)), by, domain.ResetValidity)
		return user, err
	})
	return until, user, err
}

// RedeemReset is the command of Redeem.
type RedeemReset struct {
	Name           domain.AccountName
	Code, Password string
	From           domain.Origin
}

// Redeem sets a new password with a code, ends all sessions of the user, and unlocks the account. It returns the token of the
// device, the only known device from now on.
//
// Errors: domain.ErrCodeRefused, errs.Invalid, domain.ErrTooManyAttempts, domain.ErrTooBusy.
func (p *PasswordResets) Redeem(ctx context.Context, c RedeemReset) (device string, err error) {
	account, err := p.credentials.ByName(ctx, c.Name)
	if err != nil {
		return "", err
	}
	digest := domain.Digest(domain.NormalCode(c.Code))
	by := attempt{account, c.From, domain.OfNetwork(c.From), domain.WrongCode, domain.ErrCodeRefused}
	proof, err := p.account.signIn.proveCode(ctx, by, func(account ports.Account) bool {
		return subtle.ConstantTimeCompare(digest[:], account.CodeDigest) == 1
	})
	if err != nil {
		return "", err
	}
	ctx = change.By(ctx, int64(proof.account.UserID))
	return p.account.set(ctx, proof, domain.CodeRedeemed, c.Password, 0, func(ctx context.Context, tx *change.Tx) (ports.Account, error) {
		return p.redeem(ctx, tx, proof, digest)
	})
}

// redeem deletes the code of a proof and returns the current account.
//
// Errors: errAccountChanged, errs.Unavailable.
func (p *PasswordResets) redeem(ctx context.Context, tx *change.Tx, proof proof, digest [32]byte) (ports.Account, error) {
	user, err := p.users.ForUpdate(ctx, proof.account.UserID) // the user's row is locked before their other rows
	if errors.Is(err, domain.ErrUserNotFound) || err == nil && !user.Active {
		return ports.Account{}, errAccountChanged
	}
	if err != nil {
		return ports.Account{}, err
	}
	if err := p.people.unlock(ctx, tx, user); err != nil {
		return ports.Account{}, err
	}
	redeemed, err := p.credentials.RedeemReset(ctx, user.ID, digest)
	if err == nil && !redeemed {
		return ports.Account{}, errAccountChanged
	}
	if err != nil {
		return ports.Account{}, err
	}
	tx.Record(user.ResetRedeemed())
	account, err := p.credentials.ByUser(ctx, user.ID) // the user may have been moved since the code was checked
	if err != nil {
		return ports.Account{}, err
	}
	account.CodeBy = proof.account.CodeBy
	over, err := p.account.signIn.authority.ofCode(ctx, account)
	if err == nil && over != "" {
		err = errAccountChanged
	}
	return account, err
}
