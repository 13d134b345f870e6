package httpx

import (
	"net"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"erp.internal/platform/errs"
)

// What a page of somebody else's is answered.
var (
	errCrossOrigin = errs.New(errs.Forbidden, "cross_origin", "A page of another origin may not change anything here; CORS_ORIGINS names those that may")
	errUnknownHost = errs.New(errs.Forbidden, "unknown_host", "The server is not known by this name; PUBLIC_URL says by which it is")
)

// sameOrigin refuses what a browser sends on behalf of another origin's page and would change something (ASVS 3.5.1).
// Programs that are no browsers send neither Origin nor Sec-Fetch-Site, and pass.
func (a *API) sameOrigin() gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	trusted := a.Settings.CORSOrigins
	if public, err := url.Parse(a.Settings.PublicURL); err == nil { // what a proxy may have put another Host on
		trusted = append([]string{public.Scheme + "://" + public.Host}, trusted...)
	}
	for _, origin := range trusted {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			a.faults = append(a.faults, err)
		}
	}
	return func(c *gin.Context) {
		if protection.Check(c.Request) != nil {
			a.write(c, problemOf(errCrossOrigin))
		}
	}
}

// knownHost refuses requests for a name that is not ours, while everybody is let in: by DNS rebinding, a page makes its
// own name mean this machine, and is then of the same origin. Addresses are no names, and cannot be rebound.
func (a *API) knownHost() gin.HandlerFunc {
	known := "localhost"
	if public, err := url.Parse(a.Settings.PublicURL); err == nil {
		known = public.Hostname()
	}
	return func(c *gin.Context) {
		host := c.Request.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if a.Open && host != "" && host != known && host != "localhost" && net.ParseIP(trimBrackets(host)) == nil {
			a.write(c, problemOf(errUnknownHost))
		}
	}
}

func trimBrackets(host string) string {
	if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}
