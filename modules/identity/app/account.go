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

// errWrongCurrent answers a change of password whose present one is wrong.
var errWrongCurrent = errs.Violation("current_password", "wrong", "is not the present password")

// adminsChange is said of what is sent of one's own account and is not as it was read.
const adminsChange = "cannot be changed here: ask an administrator, or leave it as it is"

// Account is what whoever is signed in can do with their own account.
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

// Me is the caller as a user.
type Me struct {
	User               domain.User
	MustChangePassword bool
}

// Me gives the caller.
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

// ChangeAccount is the command of Change. Only the name can become another: the rest has to be what it is, and nil leaves it.
type ChangeAccount struct {
	Change             domain.UserChange
	MustChangePassword *bool
}

// Change changes the caller's name. Everything else, only administrators change.
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

// ChangePassword gives the caller another password and ends their other sessions (ASVS 6.2.3). Failures count for the
// session alone: those of strangers keep nobody from it, and who stole a session cannot guess. It gives the token of the
// device, the only one that is known from now on.
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
	by := attempt{account.Email, c.From, domain.OfSession(session), domain.WrongPassword, errWrongCurrent}
	proof, err := a.signIn.prove(ctx, by, c.Current)
	if err != nil {
		return "", err
	}
	return a.set(ctx, proof, domain.ChangedPassword, c.New, session, func(ctx context.Context, _ *change.Tx) (ports.Account, error) {
		return a.signIn.hold(ctx, proof, true)
	})
}

// set stores a password that its owner chose, ends the owner's sessions but one, and gives the token of the device, which
// the account knows from now on; holds says once more, in the same transaction and before all else, that the proof is good,
// and gives the account as it is now.
//
// Errors: those of PasswordRules.CheckChange, the attempt's refusal, and those of holds but errOvertaken.
func (a *Account) set(ctx context.Context, p proof, outcome domain.Outcome, password string, except domain.SessionID, holds func(context.Context, *change.Tx) (ports.Account, error)) (device string, err error) {
	ctx = ports.WithSource(ctx, ports.SourceUser(p.account.UserID))
	err = a.passwords.CheckChange(ctx, "new_password", password, p.account)
	var credential domain.Credential
	if err == nil {
		credential, err = a.passwords.Credential(ctx, p.account.UserID, password, domain.NoChange)
	}
	ctx = context.WithoutCancel(ctx) // what was proved is noted, also when the caller has gone
	if err != nil {
		_ = a.signIn.records.Release(ctx, p.by.counter) // the proof was right
		return "", err
	}
	device, err = change.Do(ctx, a.door, func(ctx context.Context, tx *change.Tx) (string, error) {
		account, err := holds(ctx, tx)
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
	if errors.Is(err, errOvertaken) {
		return "", a.signIn.failed(ctx, p.by, p.account, p.by.wrong, p.by.refusal)
	}
	return device, err
}

// Sessions gives a page of the caller's sessions whose address or agent contains search (ASVS 7.5.2).
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

// SignOut ends the session that the caller came with (ASVS 7.4.1).
//
// Errors: authn.ErrNotSignedIn.
func (a *Account) SignOut(ctx context.Context) error {
	return a.EndSession(ctx, EndOwnSession{Session: callersSession(ctx)})
}

// SignIns gives a page of the attempts to sign in as the caller whose address or agent contains search.
//
// Errors: page.ErrCursor, authn.ErrNotSignedIn.
func (a *Account) SignIns(ctx context.Context, search string, request page.Request) (page.Page[domain.SignIn], error) {
	id, err := caller(ctx)
	if err != nil {
		return page.Page[domain.SignIn]{}, err
	}
	return a.signIn.records.Of(ctx, id, search, request)
}

// own is what it means for one's own account that there is no such user: it was deleted a moment ago.
func own(err error) error {
	if errors.Is(err, domain.ErrUserNotFound) {
		return domain.ErrSessionOver
	}
	return err
}

// caller gives the user who asks.
//
// Errors: authn.ErrNotSignedIn, also for one who is let in as the system administrator without being a user.
func caller(ctx context.Context) (domain.UserID, error) {
	by := maker(ctx)
	if by == nil {
		return 0, authn.ErrNotSignedIn
	}
	return *by, nil
}

// callersSession gives the session that the caller came with, 0 for none.
func callersSession(ctx context.Context) domain.SessionID {
	return domain.SessionID(change.From(ctx).SessionID)
}
