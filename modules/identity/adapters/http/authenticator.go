package http

import (
	"errors"
	"net/http"
	"strings"

	"erp.internal/modules/identity/app"
	"erp.internal/modules/identity/domain"
	"erp.internal/platform/authn"
	"erp.internal/platform/httpx"
)

// Authenticator implements authn.Authenticator: a bearer token (RFC 6750, section 2.1), else the cookie. Credentials that
// are for another party, such as a proxy in front of the server, are ignored.
type Authenticator struct {
	sessions *app.Sessions
	cookie   Cookie
}

// NewAuthenticator makes the authenticator.
func NewAuthenticator(sessions *app.Sessions, settings httpx.Settings) *Authenticator {
	return &Authenticator{sessions: sessions, cookie: NewCookie(settings)}
}

// Authenticate implements authn.Authenticator.
func (a *Authenticator) Authenticate(r *http.Request) (authn.Principal, error) {
	token, err := bearer(r)
	if err != nil {
		return authn.Principal{}, err
	}
	if token != "" { // a wrong one is refused: who sends it means it
		return a.sessions.Check(r.Context(), token)
	}
	var principal authn.Principal
	for _, token := range a.cookie.Tokens(r) {
		principal, err = a.sessions.Check(r.Context(), token)
		if !errors.Is(err, domain.ErrSessionOver) {
			return principal, err
		}
	}
	return principal, err
}

// bearer returns the token of ours in the Authorization header, "" where there is none.
//
// Errors: domain.ErrSessionOver for two that differ, since nobody can tell which of them a proxy looked at.
func bearer(r *http.Request) (string, error) {
	var ours string
	for _, header := range r.Header["Authorization"] {
		scheme, token, _ := strings.Cut(strings.Trim(header, " \t"), " ") // case-insensitive (RFC 9110, section 11.1)
		token = strings.TrimLeft(token, " ")
		if !strings.EqualFold(scheme, "bearer") || !meantForUs(token) {
			continue
		}
		if ours != "" && ours != token {
			return "", domain.ErrSessionOver
		}
		ours = token
	}
	return ours, nil
}

// meantForUs reports whether a token is one of ours, or may be one that was copied badly: a token of somebody else's is
// longer, or holds characters that ours never hold, such as the dots of a JSON Web Token. The last character may be any:
// more than a token was copied.
func meantForUs(token string) bool {
	if token == "" || len(token) > 2*domain.TokenLength {
		return false
	}
	for _, b := range []byte(token[:len(token)-1]) {
		if (b|0x20 < 'a' || b|0x20 > 'z') && (b < '0' || b > '9') && b != '-' && b != '_' {
			return false
		}
	}
	return true
}
