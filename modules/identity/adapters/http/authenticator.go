package http

import (
	"net/http"
	"strings"

	"erp.internal/modules/identity/app"
	"erp.internal/platform/authn"
	"erp.internal/platform/httpx"
)

// Authenticator implements authn.Authenticator: a bearer token (RFC 6750, section 2.1), else the cookie.
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
	token := bearer(r)
	if token == "" {
		token = a.cookie.Token(r)
	}
	if token == "" {
		return authn.Principal{}, nil
	}
	return a.sessions.Check(r.Context(), token)
}

// notBearer stands for a header that holds something else than a bearer token: it is no session's token, and refused.
const notBearer = "-"

// bearer gives the token of the Authorization header, "" without the header.
func bearer(r *http.Request) string {
	header := r.Header.Get("Authorization")
	if len(header) > 7 && strings.EqualFold(header[:7], "bearer ") {
		return strings.TrimLeft(header[7:], " ")
	}
	if header != "" {
		return notBearer
	}
	return ""
}
