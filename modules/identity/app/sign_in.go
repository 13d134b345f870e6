package app

import (
	"context"
	"errors"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/pg"
)

// SignIn is how people prove who they are.
type SignIn struct {
	tx          pg.Transactor
	credentials ports.Credentials
	hasher      ports.Passwords
	records     ports.SignIns
	sessions    *Sessions
	settings    Settings
}

// NewSignIn makes the use cases.
func NewSignIn(tx pg.Transactor, credentials ports.Credentials, hasher ports.Passwords, records ports.SignIns, sessions *Sessions, settings Settings) *SignIn {
	return &SignIn{tx: tx, credentials: credentials, hasher: hasher, records: records, sessions: sessions, settings: settings}
}

// SignIn begins a session for whoever knows a user's password. The session of a former token, "" for none, ends: its
// browser has signed in again (ASVS 7.2.4).
//
// Errors: domain.ErrSignInRefused, domain.ErrTooManyAttempts, domain.ErrTooManyAtOnce, domain.ErrTooBusy.
func (s *SignIn) SignIn(ctx context.Context, email, password, former string, origin domain.Origin) (Issued, error) {
	address, err := domain.ParseEmail(email)
	if err != nil {
		address = domain.NobodysEmail(email)
	}
	proof, err := s.prove(ctx, address, origin, s.password(password), domain.WrongPassword, domain.ErrSignInRefused)
	if err != nil {
		return Issued{}, err
	}
	ctx = context.WithoutCancel(ctx) // what was proved is noted, also when the caller has gone
	issued, err := pg.InTx(ctx, s.tx, func(ctx context.Context) (Issued, error) {
		if err := s.hold(ctx, proof, s.settings.Policy.OneSession); err != nil {
			return Issued{}, err
		}
		if err := s.records.Succeeded(ctx, address, proof.record(domain.SignedIn)); err != nil {
			return Issued{}, err
		}
		if err := s.sessions.endToken(ctx, former); err != nil {
			return Issued{}, err
		}
		return s.sessions.begin(ctx, proof.account.UserID, origin)
	})
	if errors.Is(err, errOvertaken) {
		return Issued{}, s.failed(ctx, address, proof.account, origin, domain.WrongPassword, domain.ErrSignInRefused)
	}
	if err == nil && proof.outdated {
		s.rehash(ctx, proof.account, password)
	}
	return issued, err
}

// errOvertaken is a proof of what has changed since.
var errOvertaken = errors.New("the account was changed meanwhile")

// hold makes sure that a proof still holds, until the transaction ends.
//
// Errors: errOvertaken, errs.Unavailable.
func (s *SignIn) hold(ctx context.Context, p proof, alone bool) error {
	good, err := s.credentials.StillGood(ctx, p.account.Credential, alone)
	if err == nil && !good {
		return errOvertaken
	}
	return err
}

// rehash replaces a hash that is weaker than today's, or of the old skeleton (ASVS 11.4.2). When it cannot be done
// now the next sign-in does it: this one has succeeded.
func (s *SignIn) rehash(ctx context.Context, account ports.Account, password string) {
	if hash, err := s.hasher.Hash(ctx, password); err == nil {
		_ = s.credentials.Rehash(ctx, account.UserID, account.Credential.Hash, hash)
	}
}

// secret says whether what somebody sent is the secret of an account. It takes as long for an account that is not there.
type secret func(ctx context.Context, account ports.Account) (matches, outdated bool, err error)

func (s *SignIn) password(sent string) secret {
	return func(ctx context.Context, account ports.Account) (bool, bool, error) {
		return s.hasher.Verify(ctx, sent, account.Credential.Hash)
	}
}

// proof is an account whose secret somebody knows.
type proof struct {
	account  ports.Account
	outdated bool // the secret's hash should be replaced
	origin   domain.Origin
}

func (p proof) record(outcome domain.Outcome) domain.SignIn {
	return domain.SignIn{UserID: &p.account.UserID, Origin: p.origin, Outcome: outcome}
}

// prove finds out whether somebody knows the secret of an account that may sign in. An attempt is counted before it is
// evaluated, so that of many at once no more are evaluated than the limits allow (ASVS 6.3.1); one that succeeds is
// noted by the caller. An unknown email, a wrong secret, a locked and a deactivated account are refused alike, after the
// same work (ASVS 6.3.8).
//
// Errors: refusal, domain.ErrTooManyAttempts, domain.ErrTooManyAtOnce, domain.ErrTooBusy, errs.Unavailable.
func (s *SignIn) prove(ctx context.Context, email domain.Email, origin domain.Origin, is secret, wrong domain.Outcome, refusal error) (proof, error) {
	limits := s.settings.attemptLimits()
	verdict, err := s.records.Reserve(ctx, email, origin, limits)
	if err != nil {
		return proof{}, err
	}
	noting := context.WithoutCancel(ctx) // an attempt is on record also when the caller does not wait for the answer
	account, err := s.credentials.ByEmail(noting, email)
	if err != nil {
		return proof{}, err
	}
	switch {
	case verdict.AddressLimited:
		limited := *domain.ErrTooManyAttempts
		limited.RetryAfter = verdict.RetryAfter
		return proof{}, s.failed(noting, email, account, origin, domain.Limited, &limited)
	case verdict.AccountBusy: // nothing is known of these yet: they may all be right
		return proof{}, domain.ErrTooManyAtOnce
	}
	attempted := account
	if verdict.AccountLocked {
		attempted = ports.Account{} // its secret is not looked at
	}
	matches, outdated, err := is(ctx, attempted)
	if err != nil {
		_ = s.records.Release(noting, email) // else a busy server would lock accounts
		return proof{}, err
	}
	switch {
	case account.UserID == 0:
		return proof{}, s.failed(noting, email, account, origin, domain.UnknownEmail, refusal)
	case verdict.AccountLocked:
		return proof{}, s.failed(noting, email, account, origin, domain.Locked, refusal)
	case !account.Active:
		return proof{}, s.failed(noting, email, account, origin, domain.Inactive, refusal)
	case !matches:
		return proof{}, s.failed(noting, email, account, origin, wrong, refusal)
	}
	return proof{account, outdated, origin}, nil
}

// failed notes an attempt that did not succeed. When that locks the account, what is held of it elsewhere is forgotten.
func (s *SignIn) failed(ctx context.Context, email domain.Email, account ports.Account, origin domain.Origin, outcome domain.Outcome, refusal error) error {
	record := domain.SignIn{Origin: origin, Outcome: outcome}
	if account.UserID != 0 {
		record.UserID = &account.UserID
	}
	locked, err := s.records.Failed(ctx, email, record, s.settings.attemptLimits())
	if err != nil {
		return err
	}
	if locked && account.UserID != 0 {
		if err := s.sessions.changed(ctx, account.UserID); err != nil {
			return err
		}
	}
	return refusal
}
