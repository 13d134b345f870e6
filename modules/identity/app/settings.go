// Package app holds the use cases of users and administrators, one type for each kind of object.
//
// All changes go through the change.Door and are in the journal. Bookkeeping does not: when a session was last used, sign-in
// attempts and their counts, a new hash of the same password, known devices, and pruning.
package app

import (
	"errors"
	"time"

	"erp.internal/modules/identity/domain"
)

// Settings of passwords, sign-in and sessions.
type Settings struct {
	Policy          domain.PasswordPolicy `env:"PASSWORD_POLICY" envDefault:"default" want:"default or kr-public" doc:"'default' follows OWASP ASVS 5.0; 'kr-public' adds the rules for Korean public institutions"`
	SessionIdle     time.Duration         `env:"SESSION_IDLE" envDefault:"30m" want:"a duration such as 30m" doc:"how long a session lasts without a request"`
	SessionTTL      time.Duration         `env:"SESSION_TTL" envDefault:"12h" want:"a duration such as 12h" doc:"how long a session lasts in any case"`
	GivenTTL        time.Duration         `env:"GIVEN_PASSWORD_TTL" envDefault:"72h" want:"a duration such as 72h" doc:"how long a password is valid that somebody else chose, unless its user changes it"`
	AddressAttempts int                   `env:"SIGN_IN_ATTEMPTS_PER_ADDRESS" envDefault:"100" want:"a number of failures within 15 minutes" doc:"how many attempts from one address may fail within 15 minutes. Then the address has to wait"`
}

// addressWindow is the period of AddressAttempts.
const addressWindow = 15 * time.Minute

// Check validates the settings.
//
// Errors: every setting that cannot be used, one line for each.
func (s Settings) Check() error {
	var wrong []error
	if s.SessionIdle < time.Minute {
		wrong = append(wrong, errors.New("SESSION_IDLE: it is below a minute: set it to a duration such as 30m"))
	}
	if s.SessionTTL < s.SessionIdle {
		wrong = append(wrong, errors.New("SESSION_TTL: it is below SESSION_IDLE: set it to a duration such as 12h"))
	}
	if s.GivenTTL < time.Minute {
		wrong = append(wrong, errors.New("GIVEN_PASSWORD_TTL: it is below a minute: set it to a duration such as 72h"))
	}
	if s.AddressAttempts < 1 {
		wrong = append(wrong, errors.New("SIGN_IN_ATTEMPTS_PER_ADDRESS: it is below 1: set it to a number such as 100"))
	}
	return errors.Join(wrong...)
}

// sessionLimits returns the limits of the settings, or shorter ones of the policy.
func (s Settings) sessionLimits() domain.SessionLimits {
	return domain.SessionLimits{Idle: s.SessionIdle, Total: s.SessionTTL}.Under(s.Policy)
}

// givenUntil returns when a given password expires unless it is changed.
func (s Settings) givenUntil(g domain.Given) time.Time { return g.At.Add(s.GivenTTL) }

func (s Settings) givenOver(g domain.Given) bool { return !time.Now().Before(s.givenUntil(g)) }

func (s Settings) attemptLimits() domain.AttemptLimits {
	return domain.AttemptLimits{Account: s.Policy.Attempts, LockFor: s.Policy.LockFor, Address: s.AddressAttempts, AddressFor: addressWindow}
}
