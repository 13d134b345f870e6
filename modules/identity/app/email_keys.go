package app

import (
	"context"
	"errors"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
)

// RenewEmailKeys updates emails that were stored when a domain in Unicode and the same domain in Punycode were different:
// their digests are computed again, and they are shown in Unicode. Each email has its own transaction, so the update can be
// interrupted and repeated. It returns the users who cannot sign in with their email: it is invalid now, or another user's.
//
// Errors: errs.Unavailable.
func (a *Administrators) RenewEmailKeys(ctx context.Context) (unreachable []domain.UserID, err error) {
	users, err := a.users.Beyond(ctx)
	if err != nil {
		return nil, err
	}
	for _, user := range users {
		email, err := domain.ParseEmail(user.Email.String())
		if err == nil && (email.Digest() != user.Email.Digest() || email.String() != user.Email.String()) {
			err = a.rekey(ctx, user, email)
		}
		switch {
		case err == nil:
		case errors.Is(err, domain.ErrEmailTaken), errs.KindOf(err) == errs.Invalid:
			unreachable = append(unreachable, user.ID)
		default:
			return nil, err
		}
	}
	return unreachable, nil
}

// rekey stores a user's email again, unless it was changed meanwhile.
func (a *Administrators) rekey(ctx context.Context, before domain.User, email domain.Email) error {
	_, err := change.Do(ctx, a.door, func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		rekeyed, err := a.users.Rekey(ctx, before.ID, before.Email, email)
		if rekeyed {
			after := before
			after.Email = email
			tx.Record(after.ChangedFrom(before)...)
		}
		return none, err
	})
	return err
}
