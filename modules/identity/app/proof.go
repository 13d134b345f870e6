package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
)

// attempt is an attempt to prove an identity.
type attempt struct {
	account ports.Account // that was named; the zero Account for a name of nobody
	origin  domain.Origin
	counter domain.Counter
	wrong   domain.Outcome // for a wrong secret
	refusal error
}

// source returns the source on whose behalf the password is hashed.
func (a attempt) source(ctx context.Context, v domain.Verdict) ports.Source {
	switch a.counter.Kind {
	case domain.DeviceCounter:
		return ports.SourceDevice(a.counter)
	case domain.SessionCounter:
		return ports.SourceOf(ctx)
	default:
		return ports.SourceNetwork(a.counter.Network, v.KnownNetwork)
	}
}

// proof is an account whose secret the caller has proved to know.
type proof struct {
	account  ports.Account
	by       attempt
	outdated bool           // the secret's hash should be replaced
	madeBy   *domain.UserID // who made the secret, if not its owner; nil for the operator
}

func (p proof) record(outcome domain.Outcome) domain.SignIn {
	return domain.SignIn{UserID: &p.account.UserID, Origin: p.by.origin, Outcome: outcome, MadeBy: p.madeBy}
}

// prove checks the password of an account that may sign in. An attempt is counted before it is evaluated, so that of many
// concurrent attempts no more are evaluated than the limits allow (ASVS 6.3.1); the caller records a success. An unknown
// name, a wrong password, an expired given one, a locked and a deactivated account are refused alike, after the same work
// (ASVS 6.3.8); only signed-in callers learn of the limit.
//
// Errors: the attempt's refusal, domain.ErrTooManyAttempts, domain.ErrTooManyAtOnce, domain.ErrTooBusy, errs.Unavailable.
func (s *SignIn) prove(ctx context.Context, by attempt, password string) (proof, error) {
	verdict, err := s.records.Reserve(ctx, by.counter, s.settings.attemptLimits())
	if err != nil {
		return proof{}, err
	}
	noting := context.WithoutCancel(ctx) // an attempt is recorded even if the client disconnects
	account := by.account
	switch {
	case verdict.AddressLimited:
		return proof{}, s.failed(noting, by, account, domain.Limited, tooMany(verdict))
	case verdict.Busy: // they are not evaluated yet and may all be right
		return proof{}, domain.ErrTooManyAtOnce
	case verdict.Locked && by.counter.Kind == domain.SessionCounter:
		return proof{}, tooMany(verdict)
	}
	attempted := account.Credential.Hash
	if verdict.Locked {
		attempted = "" // the password is not checked
	}
	matches, outdated, err := verify(ports.WithSource(ctx, by.source(ctx, verdict)), s.hasher, password, attempted)
	var over domain.Outcome
	if err == nil && matches {
		over, err = s.authority.ofPassword(noting, account)
	}
	if err != nil {
		_ = s.records.Release(noting, by.counter) // or a busy server would lock accounts
		return proof{}, err
	}
	switch {
	case account.UserID == 0:
		return proof{}, s.failed(noting, by, account, domain.UnknownName, by.refusal)
	case verdict.Locked:
		return proof{}, s.failed(noting, by, account, domain.Locked, by.refusal)
	case !account.Active:
		return proof{}, s.failed(noting, by, account, domain.Inactive, by.refusal)
	case !matches:
		return proof{}, s.failed(noting, by, account, by.wrong, by.refusal)
	case over != "":
		return proof{}, s.failed(noting, by, account, over, by.refusal)
	}
	return proof{account: account, by: by, outdated: outdated, madeBy: account.Credential.GivenBy}, nil
}

// proveCode is prove for the one-time code of a reset. The right code is accepted whatever others failed at: its 100 random
// bits need no limit against guessing (ASVS 6.6.3), and with a limit strangers could prevent the user from redeeming it. Only
// the number of wrong codes for each network is limited.
//
// Errors: the attempt's refusal, domain.ErrTooManyAttempts, errs.Unavailable.
func (s *SignIn) proveCode(ctx context.Context, by attempt, isOf func(ports.Account) bool) (proof, error) {
	verdict, err := s.records.Reserve(ctx, by.counter, s.settings.attemptLimits())
	if err != nil {
		return proof{}, err
	}
	ctx = context.WithoutCancel(ctx)
	account := by.account
	right, over := isOf(account), domain.Outcome("")
	if right {
		if over, err = s.authority.ofCode(ctx, account); err != nil {
			_ = s.records.Release(ctx, by.counter)
			return proof{}, err
		}
	}
	switch {
	case right && account.Active && over == "":
		return proof{account: account, by: by, madeBy: account.CodeBy}, nil
	case verdict.AddressLimited:
		return proof{}, s.failed(ctx, by, account, domain.Limited, tooMany(verdict))
	case account.UserID == 0:
		return proof{}, s.failed(ctx, by, account, domain.UnknownName, by.refusal)
	case !account.Active:
		return proof{}, s.failed(ctx, by, account, domain.Inactive, by.refusal)
	case right:
		return proof{}, s.failed(ctx, by, account, over, by.refusal)
	default:
		return proof{}, s.failed(ctx, by, account, by.wrong, by.refusal)
	}
}

func tooMany(v domain.Verdict) error {
	limited := *domain.ErrTooManyAttempts
	limited.RetryAfter = v.RetryAfter
	return &limited
}

// failed records a failed attempt and returns the refusal.
func (s *SignIn) failed(ctx context.Context, by attempt, account ports.Account, outcome domain.Outcome, refusal error) error {
	record := domain.SignIn{Origin: by.origin, Outcome: outcome}
	if account.UserID != 0 {
		record.UserID = &account.UserID
	}
	if err := s.records.Failed(ctx, by.counter, record, s.settings.attemptLimits()); err != nil {
		return err
	}
	return refusal
}
