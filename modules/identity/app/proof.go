package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
)

// attempt is what somebody does to prove who they are.
type attempt struct {
	email   domain.Email
	origin  domain.Origin
	counter domain.Counter
	wrong   domain.Outcome // of a secret that is not the account's
	refusal error
}

// source is on whose behalf its password is hashed.
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

// proof is an account whose secret somebody knows.
type proof struct {
	account  ports.Account
	by       attempt
	outdated bool           // the secret's hash should be replaced
	madeBy   *domain.UserID // who made the secret, where its owner did not; nil for the operator
}

func (p proof) record(outcome domain.Outcome) domain.SignIn {
	return domain.SignIn{UserID: &p.account.UserID, Origin: p.by.origin, Outcome: outcome, MadeBy: p.madeBy}
}

// prove finds out whether somebody knows the password of an account that may sign in. An attempt is counted before it is
// evaluated, so that of many at once no more are evaluated than the limits allow (ASVS 6.3.1); one that succeeds is
// noted by the caller. An unknown email, a wrong password, a given one that is over, a locked and a deactivated account
// are refused alike, after the same work (ASVS 6.3.8); somebody who is signed in learns of the limit.
//
// Errors: the attempt's refusal, domain.ErrTooManyAttempts, domain.ErrTooManyAtOnce, domain.ErrTooBusy, errs.Unavailable.
func (s *SignIn) prove(ctx context.Context, by attempt, password string) (proof, error) {
	verdict, err := s.records.Reserve(ctx, by.counter, s.settings.attemptLimits())
	if err != nil {
		return proof{}, err
	}
	noting := context.WithoutCancel(ctx) // an attempt is on record also when the caller does not wait for the answer
	account, err := s.credentials.ByEmail(noting, by.email)
	if err != nil {
		return proof{}, err
	}
	switch {
	case verdict.AddressLimited:
		return proof{}, s.failed(noting, by, account, domain.Limited, tooMany(verdict))
	case verdict.Busy: // nothing is known of these yet: they may all be right
		return proof{}, domain.ErrTooManyAtOnce
	case verdict.Locked && by.counter.Kind == domain.SessionCounter:
		return proof{}, tooMany(verdict)
	}
	attempted := account.Credential.Hash
	if verdict.Locked {
		attempted = "" // the password is not looked at
	}
	matches, outdated, err := verify(ports.WithSource(ctx, by.source(ctx, verdict)), s.hasher, password, attempted)
	var over domain.Outcome
	if err == nil && matches {
		over, err = s.authority.ofPassword(noting, account)
	}
	if err != nil {
		_ = s.records.Release(noting, by.counter) // else a busy server would lock accounts
		return proof{}, err
	}
	switch {
	case account.UserID == 0:
		return proof{}, s.failed(noting, by, account, domain.UnknownEmail, by.refusal)
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

// proveCode is prove for the one-time code of a reset. The right code is taken whatever others failed at: its 100 random
// bits need no limit against guessing (ASVS 6.6.3), and by one strangers could keep the user from redeeming it. What is
// limited, for each network, is how many wrong ones are looked at and noted.
//
// Errors: the attempt's refusal, domain.ErrTooManyAttempts, errs.Unavailable.
func (s *SignIn) proveCode(ctx context.Context, by attempt, isOf func(ports.Account) bool) (proof, error) {
	verdict, err := s.records.Reserve(ctx, by.counter, s.settings.attemptLimits())
	if err != nil {
		return proof{}, err
	}
	ctx = context.WithoutCancel(ctx)
	account, err := s.credentials.ByEmail(ctx, by.email)
	if err != nil {
		return proof{}, err
	}
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
		return proof{}, s.failed(ctx, by, account, domain.UnknownEmail, by.refusal)
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

// failed notes an attempt that did not succeed, and gives the refusal.
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
