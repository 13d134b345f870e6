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
	if len(origin.Devices) == 0 {
		return domain.OfStrangers(email, origin), nil
	}
	id, err := s.devices.Known(ctx, email, digests(origin.Devices))
	if err != nil || id == 0 {
		return domain.OfStrangers(email, origin), err
	}
	return domain.OfDevice(id), nil
}

// remember makes the account know the device that proved its password, in the context's transaction, and gives the
// device's token: one that it came with, or a new one. A token that we did not make is never taken over.
//
// Errors: errs.Unavailable.
func (s *SignIn) remember(ctx context.Context, p proof) (token string, err error) {
	token = domain.NewToken()
	used, err := s.devices.Remember(ctx, p.account.UserID, digests(p.by.origin.Devices), domain.Digest(token))
	for _, came := range p.by.origin.Devices {
		if domain.Digest(came) == used {
			token = came
		}
	}
	return token, err
}

func digests(tokens []string) [][32]byte {
	digests := make([][32]byte, len(tokens))
	for i, token := range tokens {
		digests[i] = domain.Digest(token)
	}
	return digests
}
