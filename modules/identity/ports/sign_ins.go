package ports

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/page"
)

// SignIns keeps who signed in or tried to, and counts the attempts that did not succeed.
type SignIns interface {
	// Reserve counts an attempt at an account before it is evaluated, so that of many at once no more are evaluated than
	// may fail. It says which limit is passed, of the account or of the address.
	//
	// Errors: errs.Unavailable.
	Reserve(ctx context.Context, email domain.Email, origin domain.Origin, limits domain.AttemptLimits) (domain.Verdict, error)
	// Failed notes an attempt that did not succeed, counts it for its address, and locks the account when it was its last
	// one; locked says whether it did.
	Failed(ctx context.Context, email domain.Email, s domain.SignIn, limits domain.AttemptLimits) (locked bool, err error)
	// Succeeded notes one that did, and forgets the failures before it.
	Succeeded(ctx context.Context, email domain.Email, s domain.SignIn) error
	// Release takes an attempt back that could not be evaluated.
	//
	// Errors: errs.Unavailable.
	Release(ctx context.Context, email domain.Email) error
	// Unlock forgets the failures at an account.
	Unlock(ctx context.Context, email domain.Email) error
	// Of gives a page of a user's attempts whose address or agent contains search; it can be sorted by id.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	Of(ctx context.Context, user domain.UserID, search string, request page.Request) (page.Page[domain.SignIn], error)
	// Prune deletes counts that have ended.
	Prune(ctx context.Context) error
}
