package app

import (
	"context"
	"errors"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/page"
)

// errWrongCurrent answers a change of password with a wrong current one.
var errWrongCurrent = errs.Violation("current_password", "wrong", "is not the current password")

// adminsChange is the message for fields of their own account that users may not change.
const adminsChange = "cannot be changed here: ask an administrator, or leave it as it is"

// Account holds the use cases of users with their own account.
type Account struct {
	door        *change.Door
	users       ports.Users
	credentials ports.Credentials
	passwords   *PasswordRules
	signIn      *SignIn
	sessions    *Sessions
	settings    Settings
}

// NewAccount makes the use cases.
func NewAccount(door *change.Door, users ports.Users, credentials ports.Credentials, passwords *PasswordRules, signIn *SignIn, sessions *Sessions, settings Settings) *Account {
	return &Account{door: door, users: users, credentials: credentials, passwords: passwords, signIn: signIn, sessions: sessions, settings: settings}
}

// Me is the caller's user.
type Me struct {
	User               domain.User
	MustChangePassword bool
}

// Me returns the caller's user.
//
// Errors: authn.ErrNotSignedIn.
func (a *Account) Me(ctx context.Context) (Me, error) {
	id, err := caller(ctx)
	if err != nil {
		return Me{}, err
	}
	user, err := a.users.ByID(ctx, id)
	if err != nil {
		return Me{}, own(err)
	}
	account, err := a.credentials.ByUser(ctx, id)
	if err != nil {
		return Me{}, own(err)
	}
	return Me{User: user, MustChangePassword: account.Credential.ChangeIsDue(a.settings.Policy, time.Now())}, nil
}

// ChangeAccount is the command of Change. Only the name can change: other fields must be nil or unchanged.
type ChangeAccount struct {
	Change             domain.UserChange
	MustChangePassword *bool
}

// Change changes the caller's name. Only administrators change the rest.
//
// Errors: errs.Invalid, authn.ErrNotSignedIn.
func (a *Account) Change(ctx context.Context, c ChangeAccount) (Me, error) {
	id, err := caller(ctx)
	if err != nil {
		return Me{}, err
	}
	return change.InTurn(ctx, a.door, turn(id), func(ctx context.Context, tx *change.Tx) (Me, error) {
		before, err := a.users.ForUpdate(ctx, id)
		if err != nil {
			return Me{}, own(err)
		}
		me, err := a.Me(ctx)
		if err != nil {
			return Me{}, err
		}
		var v errs.Violations
		for _, field := range c.Change.Beyond(before) {
			v.Add(field, "cannot_change", adminsChange)
		}
		if c.MustChangePassword != nil && *c.MustChangePassword != me.MustChangePassword {
			v.Add("must_change_password", "cannot_change", "cannot be changed here: change the password")
		}
		user := before
		if err := v.Join(user.Change(domain.UserChange{FullName: c.Change.FullName})); err != nil {
			return Me{}, err
		}
		changes := user.ChangedFrom(before)
		if err := v.Err(); err != nil || len(changes) == 0 {
			return me, err
		}
		tx.Record(changes...)
		me.User, err = a.users.Update(ctx, user)
		return me, err
	})
}

// ChangePassword is the command of ChangePassword.
type ChangePassword struct {
	Current, New string
	From         domain.Origin
}

// ChangePassword changes the caller's password and ends their other sessions (ASVS 6.2.3). Failures are counted for the
// session alone, so that strangers cannot block it, and a thief of the session cannot guess. It returns the token of the
// device, the only known device from now on.
//
// Errors: errs.Invalid, also when current is wrong; domain.ErrTooManyAttempts, domain.ErrTooBusy, authn.ErrNotSignedIn.
func (a *Account) ChangePassword(ctx context.Context, c ChangePassword) (device string, err error) {
	id, err := caller(ctx)
	if err != nil {
		return "", err
	}
	account, err := a.credentials.ByUser(ctx, id)
	if err != nil {
		return "", own(err)
	}
	session := callersSession(ctx)
	by := attempt{account, c.From, domain.OfSession(session), domain.WrongPassword, errWrongCurrent}
	proof, err := a.signIn.prove(ctx, by, c.Current)
	if err != nil {
		return "", err
	}
	return a.set(ctx, proof, domain.ChangedPassword, c.New, session, func(ctx context.Context, _ *change.Tx) (ports.Account, error) {
		return a.signIn.confirm(ctx, proof, true)
	})
}

// set stores a password that its owner chose, ends the owner's sessions except one, and returns the token of the device, which
// the account knows from now on. confirm, which is called first in the transaction, locks the account and checks that the
// proof is still valid.
//
// Errors: those of PasswordRules.CheckChange, the attempt's refusal, and those of confirm except errAccountChanged.
func (a *Account) set(ctx context.Context, p proof, outcome domain.Outcome, password string, except domain.SessionID, confirm func(context.Context, *change.Tx) (ports.Account, error)) (device string, err error) {
	ctx = ports.WithSource(ctx, ports.SourceUser(p.account.UserID))
	err = a.passwords.CheckChange(ctx, "new_password", password, p.account)
	var credential domain.Credential
	if err == nil {
		credential, err = a.passwords.Credential(ctx, p.account.UserID, password, domain.NoChange)
	}
	ctx = context.WithoutCancel(ctx) // the result is stored even if the client has disconnected
	if err != nil {
		_ = a.signIn.records.Release(ctx, p.by.counter) // the proof was right
		return "", err
	}
	device, err = change.Do(ctx, a.door, func(ctx context.Context, tx *change.Tx) (string, error) {
		account, err := confirm(ctx, tx)
		if err != nil {
			return "", err
		}
		tx.Record(account.User().PasswordChanged())
		if err := a.credentials.Store(ctx, credential); err != nil {
			return "", err
		}
		if err := a.signIn.records.Succeeded(ctx, p.by.counter, p.record(outcome)); err != nil {
			return "", err
		}
		if err := a.sessions.endAll(ctx, tx, account.User(), except); err != nil {
			return "", err
		}
		return a.signIn.remember(ctx, p)
	})
	if errors.Is(err, errAccountChanged) {
		return "", a.signIn.failed(ctx, p.by, p.account, p.by.wrong, p.by.refusal)
	}
	return device, err
}

// Sessions returns a page of the caller's sessions whose address or user agent contains search (ASVS 7.5.2).
//
// Errors: page.ErrCursor, authn.ErrNotSignedIn.
func (a *Account) Sessions(ctx context.Context, search string, request page.Request) (page.Page[domain.Session], error) {
	id, err := caller(ctx)
	if err != nil {
		return page.Page[domain.Session]{}, err
	}
	return a.sessions.of(ctx, id, search, request)
}

// EndOwnSession is the command of EndSession.
type EndOwnSession struct{ Session domain.SessionID }

// EndSession ends one of the caller's sessions (ASVS 7.5.2).
//
// Errors: domain.ErrSessionNotFound, authn.ErrNotSignedIn.
func (a *Account) EndSession(ctx context.Context, c EndOwnSession) error {
	id, err := caller(ctx)
	if err != nil {
		return err
	}
	_, err = change.Do(ctx, a.door, func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		user, err := a.users.ByID(ctx, id)
		if err != nil {
			return none, own(err)
		}
		return none, a.sessions.end(ctx, tx, user, c.Session)
	})
	return err
}

// SignOut ends the session of the request (ASVS 7.4.1).
//
// Errors: authn.ErrNotSignedIn.
func (a *Account) SignOut(ctx context.Context) error {
	return a.EndSession(ctx, EndOwnSession{Session: callersSession(ctx)})
}

// SignIns returns a page of the sign-in attempts for the caller whose address or user agent contains search.
//
// Errors: page.ErrCursor, authn.ErrNotSignedIn.
func (a *Account) SignIns(ctx context.Context, search string, request page.Request) (page.Page[domain.SignIn], error) {
	id, err := caller(ctx)
	if err != nil {
		return page.Page[domain.SignIn]{}, err
	}
	return a.signIn.records.Of(ctx, id, search, request)
}

// own converts the error of a missing user for the caller's own account, which was just deleted.
func own(err error) error {
	if errors.Is(err, domain.ErrUserNotFound) {
		return domain.ErrSessionOver
	}
	return err
}

// caller returns the caller's user id.
//
// Errors: authn.ErrNotSignedIn, also for a caller without an account (--open).
func caller(ctx context.Context) (domain.UserID, error) {
	by := maker(ctx)
	if by == nil {
		return 0, authn.ErrNotSignedIn
	}
	return *by, nil
}

// callersSession returns the session of the request, 0 for none.
func callersSession(ctx context.Context) domain.SessionID {
	return domain.SessionID(change.From(ctx).SessionID)
}
