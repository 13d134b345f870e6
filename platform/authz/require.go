package authz

import (
	"context"
	"errors"

	"erp.internal/platform/errs"
	"erp.internal/platform/place"
)

// Require checks that the caller holds p for an object in one or several places: any of them is enough. An object without a
// place belongs to the whole system.
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

// RequireVisible is Require for an object that exists. A caller who may not even read it gets missing, the error of an
// object that does not exist, with the refusal as its cause, so that it is recorded as one; it takes as long, too (WithReads).
//
// Errors: missing, ErrForbidden, errs.Unavailable.
func RequireVisible(ctx context.Context, a Authorizer, p, read Permission, missing *errs.Error, places ...place.Place) error {
	err := Require(ctx, a, p, places...)
	if !errors.Is(err, ErrForbidden) {
		return err
	}
	unseen := err
	if p != read {
		unseen = Require(ctx, a, read, places...)
	}
	if unseen == nil {
		return err
	}
	if errors.Is(unseen, ErrForbidden) {
		ReadAgain(ctx)
	}
	return HideForbidden(unseen, missing)
}

// HideForbidden returns missing in place of a refusal, which becomes its cause, and leaves other errors as they are.
func HideForbidden(err error, missing *errs.Error) error {
	if errors.Is(err, ErrForbidden) {
		return missing.WithCause(err)
	}
	return err
}
