package httpx

import (
	"net/http"
	"strings"
)

// canonicalPath answers "/x/" as "/x", both being in the contract, and HEAD as GET without its body (RFC 9110,
// section 9.3.2; net/http leaves the body out).
func canonicalPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) > 1 {
			r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
			r.URL.RawPath = strings.TrimSuffix(r.URL.RawPath, "/")
		}
		if r.Method == http.MethodHead {
			get := *r // net/http looks at the method of its own copy
			get.Method = http.MethodGet
			r = &get
		}
		next.ServeHTTP(w, r)
	})
}
