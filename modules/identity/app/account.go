package app

import (
	"context"
	"errors"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/errs"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
)

// errWrongCurrent answers a change of password whose present one is wrong.
var errWrongCurrent = errs.Violation("current_password", "wrong", "is not the present password")

// adminsChange is said of what is sent of one's own account and is not as it was read.
const adminsChange = "cannot be changed here: ask an administrator, or send it as it was read"

// Account is what whoever is signed in can do with their own account.
type Account struct {
	tx          pg.Transactor
	users       ports.Users
	credentials ports.Credentials
	passwords   *PasswordRules
	signIn      *SignIn
	sessions    *Sessions
	settings    Settings
}

// NewAccount makes the use cases.
func NewAccount(tx pg.Transactor, users ports.Users, credentials ports.Credentials, passwords *PasswordRules, signIn *SignIn, sessions *Sessions, settings Settings) *Account {
	return &Account{tx: tx, users: users, credentials: credentials, passwords: passwords, signIn: signIn, sessions: sessions, settings: settings}
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

// Change changes the caller's name, nil leaves it. What else is sent of the account, and of mustChange, has to be what
// it is: only administrators change it.
//
// Errors: errs.Invalid, authn.ErrNotSignedIn.
func (a *Account) Change(ctx context.Context, change domain.UserChange, mustChange *bool) (Me, error) {
	id, err := caller(ctx)
	if err != nil {
		return Me{}, err
	}
	return pg.InTurn(ctx, a.tx, turn(id), func(ctx context.Context) (Me, error) {
		user, err := a.users.ForUpdate(ctx, id)
		if err != nil {
			return Me{}, own(err)
		}
		me, err := a.Me(ctx)
		if err != nil {
			return Me{}, err
		}
		var v errs.Violations
		for _, field := range change.Beyond(user) {
			v.Add(field, "cannot_change", adminsChange)
		}
		if mustChange != nil && *mustChange != me.MustChangePassword {
			v.Add("must_change_password", "cannot_change", "cannot be changed here: POST /auth/password takes a new password")
		}
		if err := v.Join(user.Change(domain.UserChange{FullName: change.FullName})); err != nil {
			return Me{}, err
		}
		if err := v.Err(); err != nil || change.FullName == nil {
			return me, err
		}
		me.User, err = a.users.Update(ctx, user)
		return me, err
	})
}

// ChangePassword gives the caller another password and ends their other sessions (ASVS 6.2.3). Failures count for the
// session alone: those of strangers keep nobody from it, and who stole a session cannot guess. It gives the token of the
// device, the only one that is known from now on.
//
// Errors: errs.Invalid, also when current is wrong; domain.ErrTooManyAttempts, domain.ErrTooBusy, authn.ErrNotSignedIn.
func (a *Account) ChangePassword(ctx context.Context, current, password string, origin domain.Origin) (device string, err error) {
	id, err := caller(ctx)
	if err != nil {
		return "", err
	}
	account, err := a.credentials.ByUser(ctx, id)
	if err != nil {
		return "", own(err)
	}
	session := domain.SessionID(authn.From(ctx).SessionID)
	by := attempt{account.Email, origin, domain.OfSession(session), domain.WrongPassword, errWrongCurrent}
	proof, err := a.signIn.prove(ctx, by, current)
	if err != nil {
		return "", err
	}
	return a.set(ctx, proof, domain.PasswordChanged, password, session, func(ctx context.Context) error {
		return a.signIn.hold(ctx, proof, true)
	})
}

// set stores a password that its owner chose, ends the owner's sessions but one, and gives the token of the device, which
// the account knows from now on; holds says once more, in the same transaction and before all else, that the proof is good.
//
// Errors: those of PasswordRules.CheckChange, the attempt's refusal, and those of holds but errOvertaken.
func (a *Account) set(ctx context.Context, p proof, outcome domain.Outcome, password string, except domain.SessionID, holds func(context.Context) error) (device string, err error) {
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
	device, err = pg.InTx(ctx, a.tx, func(ctx context.Context) (string, error) {
		if err := holds(ctx); err != nil {
			return "", err
		}
		if err := a.credentials.Store(ctx, credential); err != nil {
			return "", err
		}
		if err := a.signIn.records.Succeeded(ctx, p.by.counter, p.record(outcome)); err != nil {
			return "", err
		}
		if err := a.sessions.endAll(ctx, p.account.UserID, except); err != nil {
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

// EndSession ends one of the caller's sessions (ASVS 7.5.2).
//
// Errors: domain.ErrSessionNotFound, authn.ErrNotSignedIn.
func (a *Account) EndSession(ctx context.Context, session domain.SessionID) error {
	id, err := caller(ctx)
	if err != nil {
		return err
	}
	return a.sessions.end(ctx, id, session)
}

// SignOut ends the session that the caller came with (ASVS 7.4.1).
//
// Errors: authn.ErrNotSignedIn.
func (a *Account) SignOut(ctx context.Context) error {
	return a.EndSession(ctx, domain.SessionID(authn.From(ctx).SessionID))
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
	who := authn.From(ctx)
	if !who.SignedIn || who.UserID == 0 {
		return 0, authn.ErrNotSignedIn
	}
	return domain.UserID(who.UserID), nil
}
