package http

import (
	"net/http"
	"time"

	"erp.internal/platform/httpx"
)

// Cookie is how browsers carry a token (ASVS 3.3.1 to 3.3.4): out of reach of scripts, sent to this site only, and, over
// https, bound to this host.
type Cookie struct {
	name   string
	secure bool
}

// NewCookie makes the cookie of sessions, for the address that users type.
func NewCookie(settings httpx.Settings) Cookie {
	return Cookie{name: settings.SessionCookie(), secure: settings.Secure()}
}

// NewDeviceCookie makes the cookie by which accounts know a device. It opens nothing.
func NewDeviceCookie(settings httpx.Settings) Cookie {
	return Cookie{name: settings.Cookie("device"), secure: settings.Secure()}
}

// Token gives the token that a request carries, "" for none.
func (c Cookie) Token(r *http.Request) string {
	cookie, err := r.Cookie(c.name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Set gives the header that makes a browser keep a token for a time.
func (c Cookie) Set(token string, until time.Time) string {
	return c.header(token, until, 0)
}

// Clear gives the header that makes a browser forget the token.
func (c Cookie) Clear() string { return c.header("", time.Time{}, -1) }

func (c Cookie) header(value string, until time.Time, maxAge int) string {
	cookie := http.Cookie{ //nolint:gosec // Secure wherever users come by https
		Name: c.name, Value: value, Path: "/", Expires: until, MaxAge: maxAge,
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteStrictMode,
	}
	return cookie.String()
}
