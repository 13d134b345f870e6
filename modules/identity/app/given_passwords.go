package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
)

// storeGiven stores a password that another user chose for a user.
func (u *Users) storeGiven(ctx context.Context, tx *change.Tx, user domain.User, credential domain.Credential) error {
	tx.Record(user.PasswordGiven())
	return u.credentials.Store(ctx, credential)
}

// checkGiven checks a password that another user chose for a user, with all other violations of the change.
func (u *Users) checkGiven(ctx context.Context, c UpdateUser) (domain.Credential, error) {
	if c.Password == nil {
		return domain.Credential{}, nil
	}
	user, err := u.repo.ByID(ctx, c.ID)
	if err != nil {
		return domain.Credential{}, err
	}
	// Before the rules or a hash reveal anything.
	if err := u.require(ctx, UserUpdate, user); err != nil {
		return domain.Credential{}, err
	}
	if err := u.requireTakeOver(ctx, user); err != nil {
		return domain.Credential{}, err
	}
	var v errs.Violations
	if err := v.Join(user.Change(c.Change)); err != nil {
		return domain.Credential{}, err
	}
	if err := v.Join(u.passwords.Check("password", *c.Password, user.Email, user.FullName)); err != nil {
		return domain.Credential{}, err
	}
	if err := v.Err(); err != nil {
		return domain.Credential{}, err
	}
	if err := c.Expected.Check(user.Version); err != nil {
		return domain.Credential{}, err
	}
	if err := u.requireFreeEmail(ctx, user.Email, c.ID); err != nil {
		return domain.Credential{}, err
	}
	return u.passwords.Credential(ctx, c.ID, *c.Password, domain.Required)
}

// requireFreeEmail checks that no other user has an email, before a hash is computed in vain; user is 0 for a new one. The
// unique index checks it again.
//
// Errors: domain.ErrEmailTaken, errs.Unavailable.
func (u *Users) requireFreeEmail(ctx context.Context, email domain.Email, user domain.UserID) error {
	owner, err := u.credentials.ByEmail(ctx, email)
	if err == nil && owner.UserID != 0 && owner.UserID != user {
		return domain.ErrEmailTaken
	}
	return err
}

// requireTakeOver checks that the caller may set another password for a user, with which they could take over the account.
//
// Errors: those of require, domain.ErrOwnPassword.
func (u *Users) requireTakeOver(ctx context.Context, user domain.User) error {
	if requireOtherUser(ctx, user.ID) != nil { // users change their own password with the current one (ASVS 6.2.3)
		return domain.ErrOwnPassword
	}
	if err := u.require(ctx, UserResetPassword, user); err != nil {
		return err
	}
	return u.authz.RequireAllOf(ctx, int64(user.ID))
}
