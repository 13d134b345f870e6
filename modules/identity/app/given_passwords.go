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
	if err := v.Join(u.passwords.Check("password", *c.Password, user)); err != nil {
		return domain.Credential{}, err
	}
	if err := v.Err(); err != nil {
		return domain.Credential{}, err
	}
	if err := c.Expected.Check(user.Version); err != nil {
		return domain.Credential{}, err
	}
	if err := u.requireFreeNames(ctx, user); err != nil {
		return domain.Credential{}, err
	}
	return u.passwords.Credential(ctx, c.ID, *c.Password, domain.Required)
}

// requireFreeNames checks that no other user has the email or the employee number of a user, before a hash is computed in
// vain. The unique indexes check it again.
//
// Errors: domain.ErrEmailTaken, domain.ErrNumberTaken, errs.Unavailable.
func (u *Users) requireFreeNames(ctx context.Context, user domain.User) error {
	for _, name := range user.Names() {
		owner, err := u.credentials.ByName(ctx, name)
		switch {
		case err != nil:
			return err
		case owner.UserID == 0 || owner.UserID == user.ID || name.NumberKey != "" && name.Organization == nil:
		case name.NumberKey == "":
			return domain.ErrEmailTaken
		default:
			return domain.ErrNumberTaken
		}
	}
	return nil
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
