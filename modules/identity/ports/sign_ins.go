package ports

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/page"
)

// SignIns keeps who signed in or tried to, and counts the attempts that did not succeed.
type SignIns interface {
	// Reserve counts an attempt before it is evaluated, so that of many at once no more are evaluated than may fail. It
	// says which limit is passed, the counter's or the network's.
	//
	// Errors: errs.Unavailable.
	Reserve(ctx context.Context, by domain.Counter, limits domain.AttemptLimits) (domain.Verdict, error)
	// Failed notes an attempt that did not succeed, counts it for its network, and locks the counter when it was its last
	// one.
	Failed(ctx context.Context, by domain.Counter, s domain.SignIn, limits domain.AttemptLimits) error
	// Succeeded notes one that did, and forgets the failures that were counted as it was.
	Succeeded(ctx context.Context, by domain.Counter, s domain.SignIn) error
	// Release takes an attempt back that could not be evaluated.
	//
	// Errors: errs.Unavailable.
	Release(ctx context.Context, by domain.Counter) error
	// Unlock forgets the failures at an account, those of strangers and those of its owner, and says whether there were any.
	Unlock(ctx context.Context, email domain.Email) (unlocked bool, err error)
	// Of gives a page of a user's attempts whose address or agent contains search; it can be sorted by id.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	Of(ctx context.Context, user domain.UserID, search string, request page.Request) (page.Page[domain.SignIn], error)
	// Prune deletes counts that have ended.
	Prune(ctx context.Context) error
}
