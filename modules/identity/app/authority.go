package app

import (
	"context"
	"errors"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
)

// Authority decides whether a reset code or a password that one user made for another is still valid. Its maker knows it and
// can take over the account with it, so it is valid only as long as the maker may do that. This is checked at each use.
type Authority struct {
	credentials ports.Credentials
	authz       authz.Authorizer
	settings    Settings
}

// NewAuthority makes the rule.
func NewAuthority(credentials ports.Credentials, authorizer authz.Authorizer, settings Settings) *Authority {
	return &Authority{credentials: credentials, authz: authorizer, settings: settings}
}

// longestChain limits the chain of users each of whom was given a password by the next.
const longestChain = 8

// ofCode returns the outcome that refuses the code of an account's reset, "" if the code is valid: its starter could start
// the reset now.
//
// Errors: errs.Unavailable.
func (a *Authority) ofCode(ctx context.Context, account ports.Account) (domain.Outcome, error) {
	stands, err := a.mayStillMake(ctx, account.CodeBy, UserResetPassword, account, longestChain)
	if err != nil || stands {
		return "", err
	}
	return domain.CodeWithdrawn, nil
}

// ofPassword returns the outcome that refuses the password of an account, "" if the password is valid: its owner chose it, or
// it was given recently enough by a user who could give it now.
//
// Errors: errs.Unavailable.
func (a *Authority) ofPassword(ctx context.Context, account ports.Account) (domain.Outcome, error) {
	return a.ofGiven(ctx, account, longestChain)
}

func (a *Authority) ofGiven(ctx context.Context, account ports.Account, chain int) (domain.Outcome, error) {
	given := account.Credential.Given()
	if given == nil {
		return "", nil
	}
	if a.settings.givenOver(*given) {
		return domain.PasswordExpired, nil
	}
	needs := UserResetPassword
	if account.Credential.MustChange == domain.Marked { // it was set when the user was created
		needs = UserCreate
	}
	stands, err := a.mayStillMake(ctx, given.By, needs, account, chain)
	if err != nil || stands {
		return "", err
	}
	return domain.PasswordWithdrawn, nil
}

// mayStillMake reports whether maker can sign in, holds the permission at the other user's place, and holds all permissions
// of the other user. A nil maker is the operator, who may do everything.
//
// Errors: errs.Unavailable.
func (a *Authority) mayStillMake(ctx context.Context, maker *domain.UserID, needs authz.Permission, other ports.Account, chain int) (bool, error) {
	if maker == nil {
		return true, nil
	}
	if chain == 0 { // users who gave each other passwords have no valid maker
		return false, nil
	}
	account, err := a.credentials.ByUser(ctx, *maker)
	if errors.Is(err, domain.ErrUserNotFound) || err == nil && !account.Active {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if refused, err := a.ofGiven(ctx, account, chain-1); err != nil || refused != "" {
		return false, err
	}
	as := authn.With(ctx, authn.Principal{UserID: int64(*maker), SignedIn: true})
	for _, ask := range []func() error{
		func() error { return authz.Require(as, a.authz, needs, other.Place) },
		func() error { return a.authz.RequireAllOf(as, int64(other.UserID)) },
	} {
		if err := ask(); errors.Is(err, authz.ErrForbidden) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	return true, nil
}

// maker returns the caller, who makes something for another user; nil for a caller without an account.
func maker(ctx context.Context) *domain.UserID {
	by := change.From(ctx).Actor
	if by.Kind != change.User {
		return nil
	}
	id := domain.UserID(by.ID)
	return &id
}
