package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/authz"
	"erp.internal/platform/place"
)

// requireMove says whether the caller may give a user another place, which is there, and gains nothing over the user by
// that.
//
// Errors: those of require and requirePlace.
func (u *Users) requireMove(ctx context.Context, before, user domain.User) error {
	if err := u.require(ctx, UserMove, before); err != nil {
		return err
	}
	if err := u.requirePlace(ctx, UserMove, user.Place); err != nil {
		return err
	}
	if err := u.authz.RequireNoGain(ctx, before.Place, user.Place); err != nil {
		return err
	}
	return u.checkPlace(ctx, user.Place)
}

// requirePlace says whether the caller may put a user into a place. Whether that exists is not known yet; a place that the
// caller may not see is as unknown to them as a missing one.
//
// Errors: errs.Invalid, authz.ErrForbidden.
func (u *Users) requirePlace(ctx context.Context, permission authz.Permission, at place.Place) error {
	switch {
	case at.Organization == 0: // a department alone is refused later
		return authz.Require(ctx, u.authz, permission, place.System())
	case at.Department == 0:
		return authz.RequireVisible(ctx, u.authz, permission, UserRead, domain.ErrUnknownOrganization, at)
	default:
		return authz.RequireVisible(ctx, u.authz, permission, UserRead, domain.ErrUnknownDepartment, at)
	}
}

// checkPlace says whether a place's organization and department exist and belong together. The database's keys say so once
// more, for those that go at the same moment.
func (u *Users) checkPlace(ctx context.Context, at place.Place) error {
	var exists, departmentExists bool
	var of int64
	var err error
	if at.Organization != 0 {
		if exists, err = u.directory.OrganizationExists(ctx, at.Organization); err != nil {
			return err
		}
	}
	if at.Department != 0 {
		if of, departmentExists, err = u.directory.OrganizationOf(ctx, at.Department); err != nil {
			return err
		}
	}
	return domain.CheckPlace(at, exists, of, departmentExists)
}
