package ports

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/page"
)

// SignIns is the repository of sign-in attempts and of the counts of failures.
type SignIns interface {
	// Reserve counts an attempt before it is evaluated, so that of concurrent attempts no more are evaluated than may fail. It
	// reports which limit is exceeded, the counter's or the network's.
	//
	// Errors: errs.Unavailable.
	Reserve(ctx context.Context, by domain.Counter, limits domain.AttemptLimits) (domain.Verdict, error)
	// Failed records a failed attempt, counts it for its network, and locks the counter if it reaches the limit.
	Failed(ctx context.Context, by domain.Counter, s domain.SignIn, limits domain.AttemptLimits) error
	// Succeeded records a successful attempt, and deletes the failures of its counter.
	Succeeded(ctx context.Context, by domain.Counter, s domain.SignIn) error
	// NoteLast stores that a user has just signed in, unless that was stored within a minute. It changes neither the user's version nor its time of change.
	//
	// Errors: errs.Unavailable.
	NoteLast(ctx context.Context, user domain.UserID) error
	// Release uncounts an attempt that could not be evaluated.
	//
	// Errors: errs.Unavailable.
	Release(ctx context.Context, by domain.Counter) error
	// Unlock deletes the failures at a user's account, those of strangers and of its owner, and reports whether there were any.
	Unlock(ctx context.Context, user domain.User) (unlocked bool, err error)
	// Of returns a page of a user's attempts whose address or user agent contains search; it can be sorted by id.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	Of(ctx context.Context, user domain.UserID, search string, request page.Request) (page.Page[domain.SignIn], error)
	// Prune deletes counts that have ended.
	Prune(ctx context.Context) error
}
