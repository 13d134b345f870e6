package app

import (
	"context"

	"erp.internal/modules/identity/domain"
)

// counter returns the counter of a sign-in's failures: the device's own if the account knows the device, so that failures of
// strangers do not lock it out (OWASP, Slow Down Online Guessing Attacks with Device Cookies).
//
// Errors: errs.Unavailable.
func (s *SignIn) counter(ctx context.Context, name domain.AccountName, user domain.UserID, origin domain.Origin) (domain.Counter, error) {
	strangers := domain.OfStrangers(name, user, origin)
	if len(origin.Devices) == 0 {
		return strangers, nil
	}
	id, err := s.devices.Known(ctx, user, digests(origin.Devices))
	if err != nil || id == 0 {
		return strangers, err
	}
	return domain.OfDevice(id), nil
}

// remember stores, in the context's transaction, that the account knows the device, and returns the device's token: one from
// the request, or a new one. Tokens that this server did not make are never stored.
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
