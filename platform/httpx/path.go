package httpx

import (
	"net/http"
	"strings"
)

// listHeaders may be sent as several lines, which mean the same as one line with commas (RFC 9110, section 5.3).
var listHeaders = []string{"If-Match", "If-None-Match"}

// canonicalPath handles "/x/" as "/x", since both are in the contract, and HEAD as GET without its body (RFC 9110,
// section 9.3.2; net/http omits the body).
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
			get := *r // net/http reads the method of the original
			get.Method = http.MethodGet
			r = &get
		}
		next.ServeHTTP(w, r)
	})
}
