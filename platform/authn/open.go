package authn

import "net/http"

// Open takes everybody for a signed-in principal. It stands in until the identity module is there, and says so in
// every log line at start.
type Open struct{}

// Authenticate never fails.
func (Open) Authenticate(*http.Request) (Principal, error) { return Principal{SignedIn: true}, nil }
