package authz

import (
	"context"
	"errors"

	"erp.internal/platform/errs"
)

// On is Require for an object that is there: a caller who may not even read it is told what they would be told if it
// were not. The refusal is that error's cause, so that it is recorded as one.
//
// Errors: missing, ErrForbidden, errs.Unavailable.
func On(ctx context.Context, a Authorizer, p, read Permission, target Target, missing *errs.Error) error {
	err := a.Require(ctx, p, target)
	if p == read || !errors.Is(err, ErrForbidden) {
		return Hide(err, missing)
	}
	if unseen := Hide(a.Require(ctx, read, target), missing); unseen != nil {
		return unseen
	}
	return err
}

// Hide gives missing in place of a refusal, which becomes its cause, and leaves other errors as they are.
func Hide(err error, missing *errs.Error) error {
	if errors.Is(err, ErrForbidden) {
		return missing.Because(err)
	}
	return err
}
