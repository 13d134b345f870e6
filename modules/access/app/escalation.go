package app

import (
	"context"
	"slices"
	"time"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/place"
)

// RequireAllOf implements authz.Authorizer.
func (d *Decisions) RequireAllOf(ctx context.Context, user int64) error {
	who := authn.From(ctx)
	if who.Unrestricted || who.SignedIn && who.UserID == user {
		return nil
	}
	now := time.Now()
	theirs, err := d.of(ctx, user, now)
	if err != nil {
		return err
	}
	for i, held := range theirs.all {
		until := theirs.spans[i].until
		if until <= now.UnixMicro() {
			continue
		}
		missing, err := d.missingPermissions(ctx, theirs.permissions(i), held, until)
		if err != nil {
			return err
		}
		if !missing.empty() {
			return errHoldsMore
		}
	}
	return nil
}

// RequireNoGain implements authz.Authorizer.
func (d *Decisions) RequireNoGain(ctx context.Context, from, to place.Place) error {
	who := authn.From(ctx)
	if who.Unrestricted {
		return nil
	}
	now := time.Now()
	mine, err := d.of(ctx, who.UserID, now)
	if err != nil {
		return err
	}
	for i, held := range mine.all {
		until := mine.spans[i].until
		reached, err := d.covers(ctx, now, held, to)
		if err != nil {
			return err
		}
		before, err := d.covers(ctx, now, held, from)
		if err != nil {
			return err
		}
		if !reached || before || until <= now.UnixMicro() {
			continue
		}
		missing, err := d.missingPermissions(ctx, mine.permissions(i), from, until)
		if err != nil {
			return err
		}
		if !missing.empty() {
			return errGains
		}
	}
	return nil
}

// errHoldsMore and errGains are ErrForbidden with a reason; programs distinguish them by "why".
var (
	errGains     = authz.ErrForbidden.WithMessage("Moving it there would give you more permissions over it than you have now. Ask an administrator of its current place").WithParams(errs.Params{"why": "gains"})
	errHoldsMore = authz.ErrForbidden.WithMessage("This user has more permissions than you. Ask an administrator who has at least as many").WithParams(errs.Params{"why": "holds_more"})
)

// covers reports whether a place contains the target.
func (d *Decisions) covers(ctx context.Context, now time.Time, held, target place.Place) (bool, error) {
	contains := held.Contains(target)
	if contains != place.InTree {
		return contains == place.Inside, nil
	}
	above, err := d.trees.Above(ctx, now, target.Organization, target.Department)
	return slices.Contains(above, held.Department), err
}

// missingPermissions returns those of the needed permissions that the caller lacks for the target until then. Grants that
// end earlier do not count.
//
// Errors: errs.Unavailable.
func (d *Decisions) missingPermissions(ctx context.Context, needed permissionSet, target place.Place, until int64) (permissionSet, error) {
	who := authn.From(ctx)
	if who.Unrestricted {
		return permissionSet{}, nil
	}
	now := time.Now()
	mine, err := d.of(ctx, who.UserID, now)
	if err != nil {
		return permissionSet{}, err
	}
	for i, held := range mine.all {
		if !mine.inForce(i, now.UnixMicro()) || mine.spans[i].until < until {
			continue
		}
		covers, err := d.covers(ctx, now, held, target)
		if err != nil {
			return permissionSet{}, err
		}
		if covers {
			needed = needed.without(mine.permissions(i))
		}
	}
	return needed, nil
}
