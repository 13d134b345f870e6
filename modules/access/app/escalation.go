package app

import (
	"context"
	"slices"
	"time"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
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
	for i, h := range theirs.all {
		until := theirs.spans[i].until
		if until <= now.UnixMicro() {
			continue
		}
		lacking, err := d.lacking(ctx, theirs.permissions(i), h.target(), until)
		if err != nil {
			return err
		}
		if !lacking.empty() {
			return errHoldsMore
		}
	}
	return nil
}

// RequireNoGain implements authz.Authorizer.
func (d *Decisions) RequireNoGain(ctx context.Context, from, to authz.Target) error {
	who := authn.From(ctx)
	if who.Unrestricted {
		return nil
	}
	now := time.Now()
	mine, err := d.of(ctx, who.UserID, now)
	if err != nil {
		return err
	}
	for i, h := range mine.all {
		until := mine.spans[i].until
		reached, err := d.covers(ctx, now, h, to)
		if err != nil {
			return err
		}
		before, err := d.covers(ctx, now, h, from)
		if err != nil {
			return err
		}
		if !reached || before || until <= now.UnixMicro() {
			continue
		}
		lacking, err := d.lacking(ctx, mine.permissions(i), from, until)
		if err != nil {
			return err
		}
		if !lacking.empty() {
			return errGains
		}
	}
	return nil
}

// errHoldsMore and errGains are ErrForbidden with their reasons, which programs tell apart by "why".
var (
	errGains     = authz.ErrForbidden.Saying("You would hold more over it there than where it is: ask somebody who holds as much where it is").With(errs.Params{"why": "gains"})
	errHoldsMore = authz.ErrForbidden.Saying("This user may do more than you, so you cannot do this to them: ask somebody who may do as much").With(errs.Params{"why": "holds_more"})
)

// covers says whether a holding is for a place that contains the target.
func (d *Decisions) covers(ctx context.Context, now time.Time, h holding, t authz.Target) (bool, error) {
	reach := h.reaches(t, false)
	if reach != treeKnows {
		return reach == there, nil
	}
	above, err := d.trees.Above(ctx, now, t.Organization, t.Department)
	return slices.Contains(above, h.department), err
}

// lacking gives those of the permissions that the caller does not hold for the target until then: by no grant whose end
// is earlier.
//
// Errors: errs.Unavailable.
func (d *Decisions) lacking(ctx context.Context, needed permissionSet, t authz.Target, until int64) (permissionSet, error) {
	who := authn.From(ctx)
	if who.Unrestricted {
		return permissionSet{}, nil
	}
	now := time.Now()
	mine, err := d.of(ctx, who.UserID, now)
	if err != nil {
		return permissionSet{}, err
	}
	for i, h := range mine.all {
		if !mine.inForce(i, now.UnixMicro()) || mine.spans[i].until < until {
			continue
		}
		covers, err := d.covers(ctx, now, h, t)
		if err != nil {
			return permissionSet{}, err
		}
		if covers {
			needed = needed.without(mine.permissions(i))
		}
	}
	return needed, nil
}
