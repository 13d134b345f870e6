package authz

import (
	"context"
	"errors"

	"erp.internal/platform/errs"
	"erp.internal/platform/place"
)

// Require says whether the caller may do p to something that is in several places, or in one: permission for any of them
// is enough. What is in no place is the whole system's.
//
// Errors: ErrForbidden, errs.Unavailable when it cannot be told now.
func Require(ctx context.Context, a Authorizer, p Permission, places ...place.Place) error {
	if len(places) == 0 {
		return a.RequireAt(ctx, p, place.System())
	}
	for _, at := range places[:len(places)-1] {
		if err := a.RequireAt(ctx, p, at); !errors.Is(err, ErrForbidden) {
			return err
		}
	}
	return a.RequireAt(ctx, p, places[len(places)-1])
}

// On is Require for an object that exists. A caller who may not even read it gets the error of an object that does not
// exist, missing, with the refusal as its cause, so that it is recorded as one.
//
// Errors: missing, ErrForbidden, errs.Unavailable.
func On(ctx context.Context, a Authorizer, p, read Permission, missing *errs.Error, places ...place.Place) error {
	err := Require(ctx, a, p, places...)
	if p == read || !errors.Is(err, ErrForbidden) {
		return Hide(err, missing)
	}
	if unseen := Hide(Require(ctx, a, read, places...), missing); unseen != nil {
		return unseen
	}
	return err
}

// Hide gives missing in place of a refusal, which becomes its cause, and leaves other errors as they are.
func Hide(err error, missing *errs.Error) error {
	if errors.Is(err, ErrForbidden) {
		return missing.WithCause(err)
	}
	return err
}
