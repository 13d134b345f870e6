package authn

import "net/http"

// Open takes everybody for the system administrator.
type Open struct{}

// Authenticate never fails.
func (Open) Authenticate(*http.Request) (Principal, error) {
	return Principal{SignedIn: true, Unrestricted: true}, nil
}

// OpenTo takes whoever carries no credential for the system administrator, and leaves the others to next.
func OpenTo(next Authenticator) Authenticator { return openTo{next} }

type openTo struct{ next Authenticator }

// Authenticate implements Authenticator.
func (o openTo) Authenticate(r *http.Request) (Principal, error) {
	principal, err := o.next.Authenticate(r)
	if err == nil && !principal.SignedIn {
		return Open{}.Authenticate(r)
	}
	return principal, err
}
