package http

import (
	"net/http"
	"time"

	"erp.internal/modules/identity/domain"
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

// mostTokens is how many cookies of our name are looked at.
const mostTokens = 8

// Tokens returns the tokens that a request carries. There may be several: a browser also sends a cookie of our name that
// another host of the domain set, or a page for another path, and in no order that says whose it is (RFC 6265, section
// 4.2.2). A value that is no token of ours is given only where no other is: it is a credential too, and no good.
func (c Cookie) Tokens(r *http.Request) []string {
	var tokens, others []string
	for _, cookie := range r.CookiesNamed(c.name) {
		switch {
		case len(cookie.Value) == domain.TokenLength && len(tokens) < mostTokens:
			tokens = append(tokens, cookie.Value)
		case cookie.Value != "":
			others = append(others, cookie.Value)
		}
	}
	if len(tokens) == 0 && len(others) > 0 {
		return others[:1]
	}
	return tokens
}

// Set returns the header that makes a browser keep a token for a time.
func (c Cookie) Set(token string, until time.Time) string {
	return c.header(token, until, 0)
}

// Clear returns the header that makes a browser forget the token.
func (c Cookie) Clear() string { return c.header("", time.Time{}, -1) }

func (c Cookie) header(value string, until time.Time, maxAge int) string {
	cookie := http.Cookie{ //nolint:gosec // Secure wherever users come by https
		Name: c.name, Value: value, Path: "/", Expires: until, MaxAge: maxAge,
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteStrictMode,
	}
	return cookie.String()
}
