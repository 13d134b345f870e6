package httpx

import (
	"net"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"erp.internal/platform/errs"
)

// What a page of somebody else's is answered.
var (
	errCrossOrigin = errs.New(errs.Forbidden, "cross_origin", "A page of another origin may not change anything here; CORS_ORIGINS names those that may")
	errUnknownHost = errs.New(errs.Forbidden, "unknown_host", "The server is not known by this name; PUBLIC_URL says by which it is")
	errAdminHost   = errs.New(errs.Forbidden, "unknown_host", "This address answers to addresses, localhost and the host in ADMIN_ADDR only")
)

// sameOrigin refuses what a browser sends on behalf of another origin's page and would change something (ASVS 3.5.1).
// Programs that are no browsers send neither Origin nor Sec-Fetch-Site, and pass.
func (a *API) sameOrigin() gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	trusted := a.Settings.CORSOrigins
	if public, ok := canonicalAddress(a.Settings.PublicURL); ok { // what a proxy may have put another Host on
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

// canonicalProbe is what of a request tells whose page sent it, with the addresses in their canonical form: not every
// client and proxy leaves them in it.
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

// corsOrigins tells whether a page of an origin may call the API.
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

// knownHost refuses requests for a name that is not ours, while everybody is let in.
func (a *API) knownHost() gin.HandlerFunc {
	known := "localhost"
	if public, ok := canonicalAddress(a.Settings.PublicURL); ok {
		known = public.Hostname()
	}
	return func(c *gin.Context) {
		if a.Open && rebound(c.Request, known) {
			a.write(c, problemOf(errUnknownHost))
		}
	}
}

// OnlyAt lets only requests through that name an address, localhost, or the host of addr (host:port): what stands behind
// asks nobody who they are, and a page that a colleague has open must not reach it by a name of its own.
func OnlyAt(addr string, next http.Handler) http.Handler {
	host, _, _ := net.SplitHostPort(addr)
	known, _ := canonicalHost(host)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !rebound(r, known) {
			next.ServeHTTP(w, r)
			return
		}
		p := problemOf(errAdminHost)
		w.Header().Set("Content-Type", problemType)
		w.WriteHeader(p.Status)
		_ = json.MarshalWrite(w, p) // the client went away: there is nobody to tell
	})
}
