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

// PasswordResets let a user choose a new password with a one-time code that an administrator asked for. The
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

// Start makes a code, in place of an earlier one, and unlocks the account, since the code would be no use otherwise. It
// is sent to the user where there is mail, and given to the administrator where there is none.
//
// Errors: domain.ErrUserNotFound, domain.ErrMailUnavailable, authz.ErrForbidden.
func (p *PasswordResets) Start(ctx context.Context, c StartReset) (StartedReset, error) {
	code := domain.NewCode()
	until, user, err := p.start(ctx, c.User, code)
	if err != nil {
		return StartedReset{}, err
	}
	if p.mail.Sends() { // outside the transaction, whose locks would be held for as long as a mail server thinks
		if err := p.mail.SendResetCode(ctx, user.Email, code, until); err != nil {
			return StartedReset{}, errors.Join(err, p.afterwards(context.WithoutCancel(ctx), user, p.people.cancelReset))
		}
		code = ""
	}
	return StartedReset{Code: code, ExpiresAt: until}, p.afterwards(ctx, user, p.people.unlock)
}

// afterwards does to a user what comes after the mail.
func (p *PasswordResets) afterwards(ctx context.Context, user domain.User, do func(context.Context, *change.Tx, domain.User) error) error {
	_, err := change.Do(ctx, p.door, func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		return none, do(ctx, tx, user)
	})
	return err
}

// start keeps a code's digest, and gives until when it is good and whom it is for.
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
		if by != nil { // whose session ended meanwhile leaves no code behind: it may have been a thief's
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
	Email, Code, Password string
	From                  domain.Origin
}

// Redeem gives a user who has a code a new password, ends all their sessions, and unlocks the account. It gives the token
// of the device, the only one that is known from now on.
//
// Errors: domain.ErrCodeRefused, errs.Invalid, domain.ErrTooManyAttempts, domain.ErrTooBusy.
func (p *PasswordResets) Redeem(ctx context.Context, c RedeemReset) (device string, err error) {
	address, err := domain.ParseEmail(c.Email)
	if err != nil {
		address = domain.NobodysEmail(c.Email)
	}
	digest := domain.Digest(domain.NormalCode(c.Code))
	by := attempt{address, c.From, domain.OfNetwork(c.From), domain.WrongCode, domain.ErrCodeRefused}
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

// redeem takes the code of a proof away, and gives the account as it is now.
//
// Errors: errOvertaken, errs.Unavailable.
func (p *PasswordResets) redeem(ctx context.Context, tx *change.Tx, proof proof, digest [32]byte) (ports.Account, error) {
	user, err := p.users.ForUpdate(ctx, proof.account.UserID) // the user's row comes before all others of theirs
	if errors.Is(err, domain.ErrUserNotFound) || err == nil && !user.Active {
		return ports.Account{}, errOvertaken
	}
	if err != nil {
		return ports.Account{}, err
	}
	if err := p.people.unlock(ctx, tx, user); err != nil {
		return ports.Account{}, err
	}
	redeemed, err := p.credentials.RedeemReset(ctx, user.ID, digest)
	if err == nil && !redeemed {
		return ports.Account{}, errOvertaken
	}
	if err != nil {
		return ports.Account{}, err
	}
	tx.Record(user.ResetRedeemed())
	account, err := p.credentials.ByUser(ctx, user.ID) // who may have been moved since the code was proved
	if err != nil {
		return ports.Account{}, err
	}
	account.CodeBy = proof.account.CodeBy
	over, err := p.account.signIn.authority.ofCode(ctx, account)
	if err == nil && over != "" {
		err = errOvertaken
	}
	return account, err
}
