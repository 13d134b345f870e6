package httpx

import (
	"net/http"
	"strings"
)

// listHeaders may come as several lines, which mean the same as one with commas (RFC 9110, section 5.3).
var listHeaders = []string{"If-Match", "If-None-Match"}

// canonicalPath answers "/x/" as "/x", both being in the contract, and HEAD as GET without its body (RFC 9110,
// section 9.3.2; net/http leaves the body out).
func canonicalPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) > 1 {
			r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
			r.URL.RawPath = strings.TrimSuffix(r.URL.RawPath, "/")
		}
		for _, name := range listHeaders {
			if lines := r.Header[name]; len(lines) > 1 {
				r.Header[name] = []string{strings.Join(lines, ", ")}
			}
		}
		if r.Method == http.MethodHead {
			get := *r // net/http looks at the method of its own copy
			get.Method = http.MethodGet
			r = &get
		}
		next.ServeHTTP(w, r)
	})
}
