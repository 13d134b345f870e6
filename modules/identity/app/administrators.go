package app

import (
	"context"
	"errors"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
)

// Administrators are the use cases that create administrators, for the operator on the machine of the server.
type Administrators struct {
	door        *change.Door
	users       ports.Users
	credentials ports.Credentials
	passwords   *PasswordRules
	authority   *Authority
}

// NewAdministrators makes the use cases.
func NewAdministrators(door *change.Door, users ports.Users, credentials ports.Credentials, passwords *PasswordRules, authority *Authority) *Administrators {
	return &Administrators{door: door, users: users, credentials: credentials, passwords: passwords, authority: authority}
}

// Administrator is the command of EnsureFirst and Create. Without a password a random one is made, which must be changed
// first (ASVS 6.4.1).
type Administrator struct{ Email, Password string }

// Needed reports whether there has never been a user, so that nobody can sign in.
//
// Errors: errs.Unavailable.
func (a *Administrators) Needed(ctx context.Context) (bool, error) {
	anyUser, err := a.users.Any(ctx)
	return !anyUser, err
}

// ShutOut reports whether none of the users can sign in, since they have no password, or a given one that has expired.
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

// EnsureFirst creates the first user of an installation if there has never been one; of several servers that start at once,
// only one does. It returns the random password, "" for none.
//
// Errors: errs.Invalid, domain.ErrTooBusy, errs.Unavailable.
func (a *Administrators) EnsureFirst(ctx context.Context, given Administrator) (made bool, password string, err error) {
	if needed, err := a.Needed(ctx); err != nil || !needed {
		return false, "", err
	}
	n, err := a.prepare(ctx, given)
	if err != nil {
		return false, "", err
	}
	made, err = change.Do(ctx, a.door, func(ctx context.Context, tx *change.Tx) (bool, error) {
		first, err := a.users.ClaimFirst(ctx)
		if err != nil || !first {
			return false, err
		}
		return true, a.store(ctx, tx, n)
	})
	if !made {
		return false, "", err
	}
	return true, n.random, nil
}

// Create creates another administrator.
//
// Errors: those of EnsureFirst, domain.ErrEmailTaken.
func (a *Administrators) Create(ctx context.Context, given Administrator) (password string, err error) {
	n, err := a.prepare(ctx, given)
	if err != nil {
		return "", err
	}
	return change.Do(ctx, a.door, func(ctx context.Context, tx *change.Tx) (string, error) {
		return n.random, a.store(ctx, tx, n)
	})
}

// newAdministrator is an administrator who is not stored yet.
type newAdministrator struct {
	user       domain.User
	credential domain.Credential
	random     string // the random password, "" if one was given
}

// prepare computes the hash before the transaction begins, so that no lock waits for it.
func (a *Administrators) prepare(ctx context.Context, given Administrator) (newAdministrator, error) {
	var v errs.Violations
	user, err := domain.NewUser(domain.WithEmail(given.Email))
	if err := v.Join(err); err != nil {
		return newAdministrator{}, err
	}
	n := newAdministrator{user: user}
	password, must := given.Password, domain.Marked // the operator knows it
	if password == "" {
		n.random = domain.NewPassword()
		password, must = n.random, domain.Required
	} else if err := v.Join(a.passwords.Check("password", password, user)); err != nil {
		return newAdministrator{}, err
	}
	if err := v.Err(); err != nil {
		return newAdministrator{}, err
	}
	n.credential, err = a.passwords.Credential(ctx, 0, password, must)
	return n, err
}

func (a *Administrators) store(ctx context.Context, tx *change.Tx, n newAdministrator) error {
	user, err := a.users.Create(ctx, n.user)
	if err != nil {
		return err
	}
	tx.Record(user.Created(), user.PasswordGiven(), user.AdministratorMade())
	n.credential.UserID = user.ID
	return a.credentials.Store(ctx, n.credential)
}
