package app

import (
	"context"

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

// SignIn begins a session for whoever knows a user's password.
//
// Errors: domain.ErrSignInRefused, domain.ErrTooManyAttempts, domain.ErrTooBusy.
func (s *SignIn) SignIn(ctx context.Context, email, password string, origin domain.Origin) (Issued, error) {
	address, err := domain.ParseEmail(email)
	if err != nil {
		address = domain.NobodysEmail(email)
	}
	proof, err := s.prove(ctx, address, origin, s.password(password), domain.WrongPassword, domain.ErrSignInRefused)
	if err != nil {
		return Issued{}, err
	}
	issued, err := pg.InTx(ctx, s.tx, func(ctx context.Context) (Issued, error) {
		good, err := s.credentials.StillGood(ctx, proof.account.UserID, proof.account.Credential.Hash)
		if err != nil {
			return Issued{}, err
		}
		if !good { // changed while it was being looked at
			return Issued{}, domain.ErrSignInRefused
		}
		if err := s.records.Succeeded(ctx, address, proof.record(domain.SignedIn)); err != nil {
			return Issued{}, err
		}
		return s.sessions.begin(ctx, proof.account.UserID, origin)
	})
	if err != nil || !proof.outdated {
		return issued, err
	}
	return issued, s.rehash(ctx, proof.account, password)
}

// rehash replaces a hash that is weaker than today's, or of the old skeleton (ASVS 11.4.2). When there is no time for it
// the next sign-in does it.
func (s *SignIn) rehash(ctx context.Context, account ports.Account, password string) error {
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	return s.credentials.Rehash(ctx, account.UserID, account.Credential.Hash, hash)
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
// Errors: refusal, domain.ErrTooManyAttempts, domain.ErrTooBusy, errs.Unavailable.
func (s *SignIn) prove(ctx context.Context, email domain.Email, origin domain.Origin, is secret, wrong domain.Outcome, refusal error) (proof, error) {
	limits := s.settings.attemptLimits()
	verdict, err := s.records.Reserve(ctx, email, origin, limits)
	if err != nil {
		return proof{}, err
	}
	account, err := s.credentials.ByEmail(ctx, email)
	if err != nil {
		return proof{}, err
	}
	if verdict.AddressLimited {
		limited := *domain.ErrTooManyAttempts
		limited.RetryAfter = verdict.RetryAfter
		return proof{}, s.failed(ctx, email, account, origin, domain.Limited, &limited)
	}
	attempted := account
	if verdict.AccountLocked {
		attempted = ports.Account{} // its secret is not looked at
	}
	matches, outdated, err := is(ctx, attempted)
	if err != nil {
		_ = s.records.Release(context.WithoutCancel(ctx), email, origin) // else a busy server would lock accounts
		return proof{}, err
	}
	switch {
	case account.UserID == 0:
		return proof{}, s.failed(ctx, email, account, origin, domain.UnknownEmail, refusal)
	case verdict.AccountLocked:
		return proof{}, s.failed(ctx, email, account, origin, domain.Locked, refusal)
	case !account.Active:
		return proof{}, s.failed(ctx, email, account, origin, domain.Inactive, refusal)
	case !matches:
		return proof{}, s.failed(ctx, email, account, origin, wrong, refusal)
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
