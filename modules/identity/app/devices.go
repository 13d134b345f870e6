package app

import (
	"context"

	"erp.internal/modules/identity/domain"
)

// counter gives what a sign-in's failures are counted by: the device's own, where the account knows the device, so that
// failures of strangers do not shut it out (OWASP, Slow Down Online Guessing Attacks with Device Cookies).
//
// Errors: errs.Unavailable.
func (s *SignIn) counter(ctx context.Context, email domain.Email, origin domain.Origin) (domain.Counter, error) {
	if len(origin.Device) != domain.TokenLength {
		return domain.OfStrangers(email, origin), nil
	}
	id, err := s.devices.Known(ctx, email, domain.Digest(origin.Device))
	if err != nil || id == 0 {
		return domain.OfStrangers(email, origin), err
	}
	return domain.OfDevice(id), nil
}

// remember makes the account know the device that proved its password, in the context's transaction, and gives the
// device's token: the one that it came with, or a new one. A token that we did not make is never taken over.
//
// Errors: errs.Unavailable.
func (s *SignIn) remember(ctx context.Context, p proof) (token string, err error) {
	token = domain.NewToken()
	came, err := s.devices.Remember(ctx, p.account.UserID, domain.Digest(p.by.origin.Device), domain.Digest(token))
	if came {
		token = p.by.origin.Device
	}
	return token, err
}
