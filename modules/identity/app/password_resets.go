package app

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/pg"
)

// PasswordResets let a user choose a new password with a one-time code that an administrator asked for. The
// administrator never learns or chooses the password (ASVS 6.4.6).
type PasswordResets struct {
	tx          pg.Transactor
	people      *Users
	users       ports.Users
	credentials ports.Credentials
	signIns     ports.SignIns
	mail        ports.Mail
	account     *Account
}

// NewPasswordResets makes the use cases.
func NewPasswordResets(tx pg.Transactor, people *Users, users ports.Users, credentials ports.Credentials, signIns ports.SignIns, mail ports.Mail, account *Account) *PasswordResets {
	return &PasswordResets{tx: tx, people: people, users: users, credentials: credentials, signIns: signIns, mail: mail, account: account}
}

// StartedReset is a code that waits to be redeemed.
type StartedReset struct {
	Code      string // "" when it was sent to the user
	ExpiresAt time.Time
}

// Start makes a code, in place of an earlier one, and unlocks the account, since the code would be no use otherwise. It
// is sent to the user where there is mail, and given to the administrator where there is none.
//
// Errors: domain.ErrUserNotFound, domain.ErrMailUnavailable, authz.ErrForbidden.
func (p *PasswordResets) Start(ctx context.Context, id domain.UserID) (StartedReset, error) {
	code := domain.NewCode()
	until, to, err := p.start(ctx, id, code)
	if err != nil {
		return StartedReset{}, err
	}
	if p.mail.Sends() { // outside the transaction, whose locks would be held for as long as a mail server thinks
		if err := p.mail.SendResetCode(ctx, to, code, until); err != nil {
			return StartedReset{}, errors.Join(err, p.credentials.CancelReset(context.WithoutCancel(ctx), id))
		}
		code = ""
	}
	return StartedReset{Code: code, ExpiresAt: until}, p.signIns.Unlock(ctx, to)
}

// start keeps a code's digest, and gives until when it is good and whom it is for.
func (p *PasswordResets) start(ctx context.Context, id domain.UserID, code string) (until time.Time, to domain.Email, err error) {
	err = p.tx.InTurn(ctx, turn(id), func(ctx context.Context) error {
		user, err := p.users.ForUpdate(ctx, id)
		if err != nil {
			return err
		}
		if err := p.people.requireTakeOver(ctx, user); err != nil {
			return err
		}
		by := maker(ctx)
		if by != nil { // whose session ended meanwhile leaves no code behind: it may have been a thief's
			session := domain.SessionID(authn.From(ctx).SessionID)
			if signedIn, err := p.credentials.StillSignedIn(ctx, *by, session); err != nil {
				return err
			} else if !signedIn {
				return domain.ErrSessionOver
			}
		}
		to = user.Email
		until, err = p.credentials.StartReset(ctx, id, domain.Digest(domain.NormalCode(code)), by, domain.ResetValidity)
		return err
	})
	return until, to, err
}

// Redeem gives a user who has a code a new password, ends all their sessions, and unlocks the account. It gives the token
// of the device, the only one that is known from now on.
//
// Errors: domain.ErrCodeRefused, errs.Invalid, domain.ErrTooManyAttempts, domain.ErrTooBusy.
func (p *PasswordResets) Redeem(ctx context.Context, email, code, password string, origin domain.Origin) (device string, err error) {
	address, err := domain.ParseEmail(email)
	if err != nil {
		address = domain.NobodysEmail(email)
	}
	digest := domain.Digest(domain.NormalCode(code))
	by := attempt{address, origin, domain.OfNetwork(origin), domain.WrongCode, domain.ErrCodeRefused}
	proof, err := p.account.signIn.proveCode(ctx, by, func(account ports.Account) bool {
		return subtle.ConstantTimeCompare(digest[:], account.CodeDigest) == 1
	})
	if err != nil {
		return "", err
	}
	return p.account.set(ctx, proof, domain.CodeRedeemed, password, 0, func(ctx context.Context) error {
		user, err := p.users.ForUpdate(ctx, proof.account.UserID) // the user's row comes before all others of theirs
		if errors.Is(err, domain.ErrUserNotFound) || err == nil && !user.Active {
			return errOvertaken
		}
		if err != nil {
			return err
		}
		if err := p.signIns.Unlock(ctx, user.Email); err != nil {
			return err
		}
		redeemed, err := p.credentials.RedeemReset(ctx, user.ID, digest)
		if err == nil && !redeemed {
			return errOvertaken
		}
		if err != nil {
			return err
		}
		account, err := p.credentials.ByUser(ctx, user.ID) // who may have been moved since the code was proved
		if err != nil {
			return err
		}
		account.CodeBy = proof.account.CodeBy
		over, err := p.account.signIn.authority.ofCode(ctx, account)
		if err == nil && over != "" {
			return errOvertaken
		}
		return err
	})
}
