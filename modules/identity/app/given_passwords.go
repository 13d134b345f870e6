package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
)

// give stores a password that somebody else chose for a user.
func (u *Users) give(ctx context.Context, tx *change.Tx, user domain.User, credential domain.Credential) error {
	tx.Record(user.PasswordGiven())
	return u.credentials.Store(ctx, credential)
}

// given checks a password that somebody else chose for a user, with everything else that is wrong with the change.
func (u *Users) given(ctx context.Context, c UpdateUser) (domain.Credential, error) {
	if c.Password == nil {
		return domain.Credential{}, nil
	}
	user, err := u.repo.ByID(ctx, c.ID)
	if err != nil {
		return domain.Credential{}, err
	}
	// Before a rule or a hash tells anything.
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
	if err := u.free(ctx, user.Email, c.ID); err != nil {
		return domain.Credential{}, err
	}
	return u.passwords.Credential(ctx, c.ID, *c.Password, domain.Required)
}

// free says whether an email can be that of a user, 0 for a new one, before a hash is computed for somebody who will be
// refused; the unique index says so once more.
//
// Errors: domain.ErrEmailTaken, errs.Unavailable.
func (u *Users) free(ctx context.Context, email domain.Email, user domain.UserID) error {
	owner, err := u.credentials.ByEmail(ctx, email)
	if err == nil && owner.UserID != 0 && owner.UserID != user {
		return domain.ErrEmailTaken
	}
	return err
}

// requireTakeOver says whether the caller may give a user another password, by which they could become that user.
//
// Errors: those of require, domain.ErrOwnPassword.
func (u *Users) requireTakeOver(ctx context.Context, user domain.User) error {
	if notOneself(ctx, user.ID) != nil { // a change of one's own asks for the present one (ASVS 6.2.3)
		return domain.ErrOwnPassword
	}
	if err := u.require(ctx, UserResetPassword, user); err != nil {
		return err
	}
	return u.authz.RequireAllOf(ctx, int64(user.ID))
}
