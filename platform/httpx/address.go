package httpx

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// canonicalAddress gives an address of http or https in the one form in which browsers write it and in which it is
// compared (RFC 6454, section 6.1): scheme and host in lower case, names in Punycode without the dot at their end, no
// default port, and a path without dots and a slash at its end. Nothing else may stand in it, such as a password.
func canonicalAddress(s string) (*url.URL, bool) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#") {
		return nil, false
	}
	port, known := defaultPorts[u.Scheme]
	if !known {
		return nil, false
	}
	host, ok := canonicalHost(u.Hostname())
	if !ok {
		return nil, false
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if given := u.Port(); given != "" {
		number, err := strconv.ParseUint(given, 10, 16)
		if err != nil {
			return nil, false
		}
		if given = strconv.FormatUint(number, 10); given != port {
			host += ":" + given
		}
	}
	path := strings.TrimRight(u.JoinPath().Path, "/")
	return &url.URL{Scheme: u.Scheme, Host: host, Path: path}, true
}

// canonicalOrigin gives scheme, host and port of an address that has no path, "" for what is none, such as "null".
func canonicalOrigin(s string) string {
	u, ok := canonicalAddress(s)
	if !ok || u.Path != "" {
		return ""
	}
	return u.String()
}

// names are as browsers look them up (UTS #46); an underscore, which names in containers have, is let through.
var names = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

// canonicalHost gives the one form of a name, or of an address without its brackets.
func canonicalHost(host string) (string, bool) {
	host = strings.TrimSuffix(host, ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return bare(addr).String(), true
	}
	name, err := names.ToASCII(host)
	name = strings.TrimSuffix(name, ".") // which other scripts write with another character
	if err != nil || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
		return "", false
	}
	return name, true
}

// hostOf gives the canonical name in a Host header, "" for what is none.
func hostOf(header string) string {
	host := header
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host, _ = canonicalHost(trimBrackets(host))
	return host
}

func trimBrackets(host string) string {
	if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}

// rebound tells whether a request is for a name that is neither localhost nor known, which is canonical: by DNS rebinding
// a page makes its own name mean this machine, and is then of the same origin. Addresses are no names, and cannot be
// rebound. A request without a Host is no browser's.
func rebound(r *http.Request, known string) bool {
	if r.Host == "" {
		return false
	}
	host := hostOf(r.Host)
	if host != "" && (host == known || host == "localhost") {
		return false
	}
	_, err := netip.ParseAddr(host)
	return err != nil
}
