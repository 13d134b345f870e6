package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/authz"
	"erp.internal/platform/pg"
)

// GrantEverywhere lets a user have a role in the whole system, without an end; when they have it so already, it gives
// that grant.
//
// Errors: domain.ErrUserNotFound, domain.ErrRoleNotFound, domain.ErrGrantGivesNothing, domain.ErrGrantExceedsOwn, authz.ErrForbidden.
func (g *Grants) GrantEverywhere(ctx context.Context, user int64, role domain.RoleID) (Shown, error) {
	if err := g.findPair(ctx, GrantCreate, user, role); err != nil {
		return Shown{}, err
	}
	granted, err := pg.InTurn(ctx, g.tx, grantsTurn(user), func(ctx context.Context) (domain.Grant, error) {
		grant, err := g.create(ctx, domain.Grant{UserID: user, RoleID: role, GrantedBy: caller(ctx)})
		if !errors.Is(err, domain.ErrGrantExists) {
			return grant, err
		}
		if sees := g.decisions.Require(ctx, GrantRead, authz.System()) == nil; !sees {
			return grant, nil // who may grant need not see why others did
		}
		return g.repo.ByID(ctx, grant.ID)
	})
	return g.shownOne(ctx, granted, err)
}

// EndEverywhere ends every grant by which a user has a role in the whole system, also those that are to begin later.
//
// Errors: domain.ErrUserNotFound, domain.ErrRoleNotFound, domain.ErrEndExceedsOwn, domain.ErrLastAdministrator, authz.ErrForbidden.
func (g *Grants) EndEverywhere(ctx context.Context, user int64, role domain.RoleID) error {
	if err := g.findPair(ctx, GrantEnd, user, role); err != nil {
		return err
	}
	return g.tx.InTurn(ctx, grantsTurn(user), func(ctx context.Context) error {
		live, err := g.lock(ctx, user, domain.ErrUserNotFound)
		if err != nil {
			return err
		}
		theirs := slices.DeleteFunc(live, func(l domain.Grant) bool {
			return l.RoleID != role || l.Place.OrganizationID != nil || l.At(time.Now()) == domain.Expired
		})
		if err := g.requireEndable(ctx, theirs...); err != nil {
			return err
		}
		return g.administrators.end(ctx, nil, theirs)
	})
}

// findPair says whether there are such a user and such a role, and the caller may grant or end in the whole system.
//
// Errors: domain.ErrUserNotFound, domain.ErrRoleNotFound, authz.ErrForbidden.
func (g *Grants) findPair(ctx context.Context, permission authz.Permission, user int64, role domain.RoleID) error {
	if err := g.checkUser(ctx, user, domain.ErrUserNotFound); err != nil {
		return err
	}
	if err := authz.Hide(g.decisions.Anywhere(ctx, RoleRead), domain.ErrRoleNotFound); err != nil {
		return err
	}
	if _, err := g.roles.ByID(ctx, role); err != nil {
		return err
	}
	return g.decisions.Require(ctx, permission, authz.System())
}
