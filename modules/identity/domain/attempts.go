package domain

import "time"

// AttemptLimits bound the attempts to sign in that do not succeed (ASVS 6.3.1).
type AttemptLimits struct {
	Account    int           // at one account, within LockFor
	LockFor    time.Duration // how long an account is locked then
	Address    int           // from one source address, within AddressFor
	AddressFor time.Duration
}

// Verdict says whether an attempt may be evaluated.
type Verdict struct {
	AccountLocked  bool // by failures
	AccountBusy    bool // as many attempts as may fail are being evaluated
	AddressLimited bool
	RetryAfter     time.Duration // of AddressLimited
}
