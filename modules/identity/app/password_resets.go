package app

import (
	"context"
	"crypto/subtle"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/pg"
)

// PasswordResets let a user choose a new password with a one-time code that an administrator asked for. The
// administrator never learns or chooses the password (ASVS 6.4.6).
type PasswordResets struct {
	tx          pg.Transactor
	authz       authz.Authorizer
	users       ports.Users
	credentials ports.Credentials
	signIns     ports.SignIns
	mail        ports.Mail
	account     *Account
}

// NewPasswordResets makes the use cases.
func NewPasswordResets(tx pg.Transactor, authorizer authz.Authorizer, users ports.Users, credentials ports.Credentials, signIns ports.SignIns, mail ports.Mail, account *Account) *PasswordResets {
	return &PasswordResets{tx: tx, authz: authorizer, users: users, credentials: credentials, signIns: signIns, mail: mail, account: account}
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
	return pg.InTx(ctx, p.tx, func(ctx context.Context) (StartedReset, error) {
		user, err := p.users.ForUpdate(ctx, id)
		if err != nil {
			return StartedReset{}, err
		}
		if err := p.authz.Require(ctx, UserResetPassword, target(user)); err != nil {
			return StartedReset{}, err
		}
		var by *domain.UserID
		if who := domain.UserID(authn.From(ctx).UserID); who != 0 {
			by = &who
		}
		until, err := p.credentials.StartReset(ctx, id, domain.Digest(domain.NormalCode(code)), by, domain.ResetValidity)
		if err != nil {
			return StartedReset{}, err
		}
		if err := p.signIns.Unlock(ctx, user.Email); err != nil {
			return StartedReset{}, err
		}
		if err := p.account.sessions.changed(ctx, id); err != nil {
			return StartedReset{}, err
		}
		if !p.mail.Sends() {
			return StartedReset{Code: code, ExpiresAt: until}, nil
		}
		return StartedReset{ExpiresAt: until}, p.mail.SendResetCode(ctx, user.Email, code, until)
	})
}

// Redeem gives a user who has a code a new password and ends all their sessions.
//
// Errors: domain.ErrCodeRefused, errs.Invalid, domain.ErrTooManyAttempts, domain.ErrTooBusy.
func (p *PasswordResets) Redeem(ctx context.Context, email, code, password string, origin domain.Origin) error {
	address, err := domain.ParseEmail(email)
	if err != nil {
		address = domain.NobodysEmail(email)
	}
	digest := domain.Digest(domain.NormalCode(code))
	is := func(_ context.Context, account ports.Account) (bool, bool, error) {
		return subtle.ConstantTimeCompare(digest[:], account.CodeDigest) == 1, false, nil
	}
	proof, err := p.account.signIn.prove(ctx, address, origin, is, domain.WrongCode, domain.ErrCodeRefused)
	if err != nil {
		return err
	}
	return p.account.set(ctx, proof, domain.CodeRedeemed, password, 0, func(ctx context.Context) error {
		redeemed, err := p.credentials.RedeemReset(ctx, proof.account.UserID, digest)
		if err == nil && !redeemed {
			return domain.ErrCodeRefused
		}
		return err
	})
}
