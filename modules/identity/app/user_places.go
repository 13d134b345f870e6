package app

import (
	"context"
	"errors"

	"erp.internal/modules/identity/domain"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/place"
)

// requireMove checks that the caller may move a user to another place, which exists, and gains no permissions over the user
// by that.
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

// requirePlace checks that the caller may put a user into a place, without checking that the place exists. A place that the
// caller may not see counts as missing.
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

// checkPlace checks that a place's organization and department exist and belong together. The foreign keys check it again, for
// concurrent deletions.
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

// within narrows a scope to a department with its descendants. One that the caller may not see counts as missing.
func (u *Users) within(ctx context.Context, scope place.Scope, at place.Place) (place.Scope, error) {
	if at.Department == 0 {
		return scope, nil
	}
	organization, exists, err := u.directory.OrganizationOf(ctx, at.Department)
	if err != nil {
		return place.Scope{}, err
	}
	err = authz.Require(ctx, u.authz, orgports.DepartmentRead, place.Department(organization, at.Department))
	if !exists || errors.Is(err, authz.ErrForbidden) {
		authz.ReadAgain(ctx)
		return place.Scope{}, nil
	}
	if err != nil {
		return place.Scope{}, err
	}
	below, err := u.trees.Below(ctx, organization, at.Department)
	return scope.Within(organization, below), err
}
