package app

import (
	"context"
	"errors"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/errs"
	"erp.internal/platform/pg"
)

// Administrators are made from the machine that the server runs on, by whoever runs it.
type Administrators struct {
	tx          pg.Transactor
	users       ports.Users
	credentials ports.Credentials
	passwords   *PasswordRules
	watchers    Watchers
	authority   *Authority
}

// NewAdministrators makes the use cases.
func NewAdministrators(tx pg.Transactor, users ports.Users, credentials ports.Credentials, passwords *PasswordRules, watchers Watchers, authority *Authority) *Administrators {
	return &Administrators{tx: tx, users: users, credentials: credentials, passwords: passwords, watchers: watchers, authority: authority}
}

// Administrator is one who is to be made. Without a password one is made at random, which must be changed first (ASVS
// 6.4.1).
type Administrator struct{ Email, Password string }

// Needed says whether there never was a user, so that nobody can sign in.
//
// Errors: errs.Unavailable.
func (a *Administrators) Needed(ctx context.Context) (bool, error) {
	anyUser, err := a.users.Any(ctx)
	return !anyUser, err
}

// ShutOut says whether none of the users can sign in, since they have no password, or a given one that is over.
//
// Errors: errs.Unavailable.
func (a *Administrators) ShutOut(ctx context.Context, users []int64) (bool, error) {
	for _, user := range users {
		account, err := a.credentials.ByUser(ctx, domain.UserID(user))
		if errors.Is(err, domain.ErrUserNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		over, err := a.authority.ofPassword(ctx, account)
		if err != nil || account.Credential.Hash != "" && over == "" {
			return false, err
		}
	}
	return true, nil
}

// EnsureFirst makes the first user of an installation, if there never was one; of many servers that start at once, one
// does. It gives the password that was made at random, "" for none.
//
// Errors: errs.Invalid, domain.ErrTooBusy, errs.Unavailable.
func (a *Administrators) EnsureFirst(ctx context.Context, given Administrator) (made bool, password string, err error) {
	err = a.tx.InTx(ctx, func(ctx context.Context) error {
		made, password = false, ""
		first, err := a.users.ClaimFirst(ctx)
		if err != nil || !first {
			return err
		}
		password, err = a.create(ctx, given)
		made = err == nil
		return err
	})
	return made, password, err
}

// Create makes another administrator.
//
// Errors: those of EnsureFirst, domain.ErrEmailTaken.
func (a *Administrators) Create(ctx context.Context, given Administrator) (password string, err error) {
	return pg.InTx(ctx, a.tx, func(ctx context.Context) (string, error) { return a.create(ctx, given) })
}

func (a *Administrators) create(ctx context.Context, given Administrator) (random string, err error) {
	var v errs.Violations
	user, err := domain.NewUser(given.Email, nil, nil, nil)
	if err := v.Join(err); err != nil {
		return "", err
	}
	password, change := given.Password, domain.Marked // whoever set it up knows it
	if password == "" {
		random = domain.NewPassword()
		password, change = random, domain.Required
	} else if err := v.Join(a.passwords.Check("password", password, user.Email, nil)); err != nil {
		return "", err
	}
	if err := v.Err(); err != nil {
		return "", err
	}
	if user, err = a.users.Create(ctx, user); err != nil {
		return "", err
	}
	credential, err := a.passwords.Credential(ctx, user.ID, password, change)
	if err != nil {
		return "", err
	}
	if err := a.credentials.Store(ctx, credential); err != nil {
		return "", err
	}
	return random, a.watchers.administratorMade(ctx, user.ID)
}
