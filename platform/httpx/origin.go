package httpx

import (
	"net"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"erp.internal/platform/errs"
)

// The answers to pages of other origins.
var (
	errCrossOrigin = errs.New(errs.Forbidden, "cross_origin", "Pages of other origins may not change anything; list trusted origins in CORS_ORIGINS")
	errUnknownHost = errs.New(errs.Forbidden, "unknown_host", "The server does not answer to this host name; set PUBLIC_URL to the name that users type")
	errAdminHost   = errs.New(errs.Forbidden, "unknown_host", "This port answers only to IP addresses, localhost and the host in ADMIN_ADDR")
)

// sameOrigin refuses unsafe requests that a browser sends for a page of another origin (CSRF, ASVS 3.5.1). Programs other
// than browsers send neither Origin nor Sec-Fetch-Site and pass.
func (a *API) sameOrigin() gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	trusted := a.Settings.CORSOrigins
	if public, ok := canonicalAddress(a.Settings.PublicURL); ok { // a proxy may have replaced the Host
		trusted = append([]string{public.Scheme + "://" + public.Host}, trusted...)
	}
	for _, origin := range trusted {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			a.faults = append(a.faults, err)
		}
	}
	return func(c *gin.Context) {
		if protection.Check(c.Request) != nil && protection.Check(canonicalProbe(c.Request)) != nil {
			a.write(c, problemOf(errCrossOrigin))
		}
	}
}

// canonicalProbe copies the parts of a request that name the origin of its page, with canonical addresses: some clients
// and proxies send other forms.
func canonicalProbe(r *http.Request) *http.Request {
	probe := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: http.Header{}}
	for _, name := range []string{"Sec-Fetch-Site", "Origin"} {
		if values := r.Header[name]; len(values) > 0 {
			probe.Header[name] = values
		}
	}
	origin := canonicalOrigin(r.Header.Get("Origin"))
	if origin == "" {
		return probe
	}
	probe.Header.Set("Origin", origin)
	scheme, _, _ := strings.Cut(origin, "://")
	if host, ok := canonicalAddress(scheme + "://" + r.Host); ok {
		probe.Host = host.Host
	}
	return probe
}

// corsOrigins returns a function that reports whether CORS_ORIGINS lists an origin.
func (a *API) corsOrigins() func(origin string) bool {
	allowed := map[string]bool{}
	for _, origin := range a.Settings.CORSOrigins {
		allowed[origin] = true
	}
	return func(origin string) bool {
		origin = canonicalOrigin(origin)
		return origin != "" && allowed[origin]
	}
}

// knownHost refuses requests for unknown host names while the server runs without sign-in (--open).
func (a *API) knownHost() gin.HandlerFunc {
	known := "localhost"
	if public, ok := canonicalAddress(a.Settings.PublicURL); ok {
		known = public.Hostname()
	}
	return func(c *gin.Context) {
		if a.Open && isRebinding(c.Request, known) {
			a.write(c, problemOf(errUnknownHost))
		}
	}
}

// OnlyAt passes only requests whose Host is an IP address, localhost, or the host of addr (host:port). The handler next
// authenticates nobody, so DNS rebinding must not let a web page reach it.
func OnlyAt(addr string, next http.Handler) http.Handler {
	host, _, _ := net.SplitHostPort(addr)
	known, _ := canonicalHost(host)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isRebinding(r, known) {
			next.ServeHTTP(w, r)
			return
		}
		p := problemOf(errAdminHost)
		w.Header().Set("Content-Type", problemType)
		w.WriteHeader(p.Status)
		_ = json.MarshalWrite(w, p) // fails only when the client has disconnected
	})
}
