package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/change"
	"erp.internal/platform/etag"
)

// SetActive is the command of SetActive.
type SetActive struct {
	ID     domain.UserID
	Active bool
}

// SetActive activates or deactivates a user.
//
// Errors: domain.ErrUserNotFound, domain.ErrOwnAccount, authz.ErrForbidden.
func (u *Users) SetActive(ctx context.Context, c SetActive) (domain.User, error) {
	if err := requireOtherUser(ctx, c.ID); !c.Active && err != nil {
		return domain.User{}, err
	}
	return change.InTurn(ctx, u.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (domain.User, error) {
		before, err := u.lock(ctx, UserActivate, c.ID, etag.Condition{})
		if err != nil || before.Active == c.Active {
			return before, err
		}
		user := before
		user.Active = c.Active
		tx.Record(user.ChangedFrom(before)...)
		if err := u.afterSwitch(ctx, tx, user); err != nil {
			return domain.User{}, err
		}
		return u.repo.Update(ctx, user)
	})
}

// afterSwitch carries out the consequences of activating or deactivating a user, who is locked by the context's transaction.
// Deactivation ends all sessions (ASVS 7.4.2) and deletes reset codes: the user's own and those that they started for
// others.
//
// Errors: domain.ErrOwnAccount.
func (u *Users) afterSwitch(ctx context.Context, tx *change.Tx, user domain.User) error {
	if user.Active {
		return nil
	}
	if err := requireOtherUser(ctx, user.ID); err != nil {
		return err
	}
	if err := u.credentials.CancelResetsOf(ctx, user.ID); err != nil {
		return err
	}
	return u.sessions.endAll(ctx, tx, user, 0)
}

// UnlockUser is the command of Unlock.
type UnlockUser struct{ ID domain.UserID }

// Unlock deletes the failures that locked an account.
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) Unlock(ctx context.Context, c UnlockUser) (domain.User, error) {
	return change.InTurn(ctx, u.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (domain.User, error) {
		user, err := u.lock(ctx, UserActivate, c.ID, etag.Condition{})
		if err != nil {
			return domain.User{}, err
		}
		return user, u.unlock(ctx, tx, user)
	})
}

// unlock deletes the failures at a user's account.
func (u *Users) unlock(ctx context.Context, tx *change.Tx, user domain.User) error {
	unlocked, err := u.signIns.Unlock(ctx, user)
	if unlocked {
		tx.Record(user.Unlocked())
	}
	return err
}
