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

// Authority says whether what one person made for another to sign in with, a reset code or a password, is still good. It
// is as good as its maker: the maker knows it and can become the other user by it, so it is good as long as the maker
// may do that. The question is asked when it is used.
type Authority struct {
	credentials ports.Credentials
	authz       authz.Authorizer
	settings    Settings
}

// NewAuthority makes the rule.
func NewAuthority(credentials ports.Credentials, authorizer authz.Authorizer, settings Settings) *Authority {
	return &Authority{credentials: credentials, authz: authorizer, settings: settings}
}

// longestChain bounds how many people are asked about, each of whom was given a password by the next.
const longestChain = 8

// ofCode gives the outcome that refuses the code of an account's reset, "" for one that is still good: its starter could
// start it now.
//
// Errors: errs.Unavailable.
func (a *Authority) ofCode(ctx context.Context, account ports.Account) (domain.Outcome, error) {
	stands, err := a.stands(ctx, account.CodeBy, UserResetPassword, account, longestChain)
	if err != nil || stands {
		return "", err
	}
	return domain.CodeWithdrawn, nil
}

// ofPassword gives the outcome that refuses the password of an account, "" for one that is still good: its owner chose
// it, or it was given not too long ago by somebody who could give it now.
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
	if account.Credential.MustChange == domain.Marked { // it came with the user
		needs = UserCreate
	}
	stands, err := a.stands(ctx, given.By, needs, account, chain)
	if err != nil || stands {
		return "", err
	}
	return domain.PasswordWithdrawn, nil
}

// stands says whether maker can sign in, holds the permission where the other belongs, and holds all that the other
// holds. A nil maker is the operator, who may everything.
//
// Errors: errs.Unavailable.
func (a *Authority) stands(ctx context.Context, maker *domain.UserID, needs authz.Permission, other ports.Account, chain int) (bool, error) {
	if maker == nil {
		return true, nil
	}
	if chain == 0 { // people who gave each other passwords have theirs from nobody
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

// maker gives the caller, who makes something for somebody else; nil for one who is no user.
func maker(ctx context.Context) *domain.UserID {
	by := change.From(ctx).Actor
	if by.Kind != change.User {
		return nil
	}
	id := domain.UserID(by.ID)
	return &id
}
