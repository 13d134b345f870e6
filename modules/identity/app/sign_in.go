package app

import (
	"context"
	"errors"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/change"
	"erp.internal/platform/text"
)

// SignIn holds the use cases of signing in.
type SignIn struct {
	door        *change.Door
	credentials ports.Credentials
	hasher      ports.Passwords
	records     ports.SignIns
	devices     ports.Devices
	sessions    *Sessions
	authority   *Authority
	settings    Settings
}

// NewSignIn makes the use cases.
func NewSignIn(door *change.Door, credentials ports.Credentials, hasher ports.Passwords, records ports.SignIns, devices ports.Devices, sessions *Sessions, authority *Authority, settings Settings) *SignIn {
	return &SignIn{door: door, credentials: credentials, hasher: hasher, records: records, devices: devices, sessions: sessions, authority: authority, settings: settings}
}

// OpenSession is the command of SignIn.
type OpenSession struct {
	Name     domain.AccountName
	Password string
	Former   []string // tokens of sessions to end: their browser signs in again (ASVS 7.2.4)
	From     domain.Origin
}

// SignIn begins a session with a user's password. The account is looked up before the attempt is counted, since failures under
// all of its names are counted together; that it is another one by then is found by confirm.
//
// Errors: domain.ErrSignInRefused, domain.ErrTooManyAttempts, domain.ErrTooManyAtOnce, domain.ErrTooBusy.
func (s *SignIn) SignIn(ctx context.Context, c OpenSession) (Issued, error) {
	account, err := s.credentials.ByName(ctx, c.Name)
	if err != nil {
		return Issued{}, err
	}
	counter, err := s.counter(ctx, c.Name, account.UserID, c.From)
	if err != nil {
		return Issued{}, err
	}
	by := attempt{account, c.From, counter, domain.WrongPassword, domain.ErrSignInRefused}
	proof, err := s.prove(ctx, by, c.Password)
	if err != nil {
		return Issued{}, err
	}
	ctx = context.WithoutCancel(change.By(ctx, int64(proof.account.UserID))) // the result is stored even if the client has disconnected
	issued, err := change.Do(ctx, s.door, func(ctx context.Context, tx *change.Tx) (Issued, error) {
		account, err := s.confirm(ctx, proof, s.settings.Policy.OneSession)
		if err != nil {
			return Issued{}, err
		}
		if err := s.records.Succeeded(ctx, counter, proof.record(domain.SignedIn)); err != nil {
			return Issued{}, err
		}
		for _, token := range c.Former {
			if err := s.sessions.endToken(ctx, tx, token); err != nil {
				return Issued{}, err
			}
		}
		issued, err := s.sessions.begin(ctx, tx, account, c.From)
		if err != nil {
			return Issued{}, err
		}
		issued.Device, err = s.remember(ctx, proof)
		return issued, err
	})
	if errors.Is(err, errAccountChanged) {
		return Issued{}, s.failed(ctx, by, proof.account, by.wrong, by.refusal)
	}
	if err == nil && !proof.account.SignedIn {
		_ = s.records.NoteLast(ctx, proof.account.UserID) // outside of the transaction, in which others lock the user as well
	}
	if err == nil && proof.outdated {
		s.rehash(ctx, proof.account, c.Password)
	}
	return issued, err
}

// errAccountChanged says that the account was changed since the proof.
var errAccountChanged = errors.New("the account was changed meanwhile")

// confirm locks the account until the transaction ends, checks that the proof is still valid, and returns the current
// account. A giver's authority is checked again: it may have ended while a hash was computed.
//
// Errors: errAccountChanged, errs.Unavailable.
func (s *SignIn) confirm(ctx context.Context, p proof, alone bool) (ports.Account, error) {
	account, good, err := s.credentials.StillGood(ctx, p.account.Credential, alone)
	if err != nil {
		return ports.Account{}, err
	}
	if !good {
		return ports.Account{}, errAccountChanged
	}
	over, err := s.authority.ofPassword(ctx, account)
	if err == nil && over != "" {
		err = errAccountChanged
	}
	return account, err
}

// rehash replaces a hash that is weaker than today's, or of the old skeleton (ASVS 11.4.2). If it fails, the next sign-in
// tries again.
func (s *SignIn) rehash(ctx context.Context, account ports.Account, password string) {
	if hash, err := s.hasher.Hash(ports.WithSource(ctx, ports.SourceUser(account.UserID)), text.Password(password)); err == nil {
		_ = s.credentials.Rehash(ctx, account.UserID, account.Credential.Hash, hash)
	}
}
