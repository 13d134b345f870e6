package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
	"erp.internal/platform/place"
)

// GrantEverywhere is the command of Grants.GrantEverywhere.
type GrantEverywhere struct {
	UserID int64
	RoleID domain.RoleID
}

// GrantEverywhere grants a user a role for the whole system without an end; if they have it already, it returns that
// grant.
//
// Errors: domain.ErrUserNotFound, domain.ErrRoleNotFound, domain.ErrGrantGivesNothing, domain.ErrGrantExceedsOwn, authz.ErrForbidden.
func (g *Grants) GrantEverywhere(ctx context.Context, c GrantEverywhere) (Shown, error) {
	if err := g.findPair(ctx, GrantCreate, c.UserID, c.RoleID); err != nil {
		return Shown{}, err
	}
	granted, err := change.InTurn(ctx, g.door, grantsTurn(c.UserID), func(ctx context.Context, tx *change.Tx) (domain.Grant, error) {
		grant, err := g.create(ctx, tx, domain.Grant{UserID: c.UserID, RoleID: c.RoleID})
		if !errors.Is(err, domain.ErrGrantExists) {
			return grant.Grant, err
		}
		if sees := authz.Require(ctx, g.decisions, GrantRead, place.System()) == nil; !sees {
			return grant.Grant, nil // callers who may grant may not always see the reasons of others
		}
		return g.repo.ByID(ctx, grant.ID)
	})
	return g.shownOne(ctx, granted, err)
}

// EndEverywhere is the command of Grants.EndEverywhere.
type EndEverywhere struct {
	UserID int64
	RoleID domain.RoleID
}

// EndEverywhere ends all grants of a role to a user for the whole system, also scheduled ones.
//
// Errors: domain.ErrUserNotFound, domain.ErrRoleNotFound, domain.ErrEndExceedsOwn, domain.ErrLastAdministrator, authz.ErrForbidden.
func (g *Grants) EndEverywhere(ctx context.Context, c EndEverywhere) error {
	if err := g.findPair(ctx, GrantEnd, c.UserID, c.RoleID); err != nil {
		return err
	}
	_, err := change.InTurn(ctx, g.door, grantsTurn(c.UserID), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		_, live, err := g.lock(ctx, c.UserID, domain.ErrUserNotFound)
		if err != nil {
			return none, err
		}
		theirs := slices.DeleteFunc(live, func(l domain.Grant) bool {
			return l.RoleID != c.RoleID || l.Place != place.System() || l.At(time.Now()) == domain.Expired
		})
		if err := g.requireEndable(ctx, theirs...); err != nil {
			return none, err
		}
		return none, g.administrators.end(ctx, tx, nil, theirs)
	})
	return err
}

// findPair checks that the user and the role exist, and that the caller may grant or end for the whole system.
//
// Errors: domain.ErrUserNotFound, domain.ErrRoleNotFound, authz.ErrForbidden.
func (g *Grants) findPair(ctx context.Context, permission authz.Permission, user int64, role domain.RoleID) error {
	if err := g.checkUser(ctx, user, domain.ErrUserNotFound); err != nil {
		return err
	}
	if err := authz.HideForbidden(g.decisions.Anywhere(ctx, RoleRead), domain.ErrRoleNotFound); err != nil {
		return err
	}
	if _, err := g.roles.ByID(ctx, role); err != nil {
		return err
	}
	return authz.Require(ctx, g.decisions, permission, place.System())
}
