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

// canonicalAddress returns an http or https URL in the form that browsers write and that origins are compared in (RFC
// 6454, section 6.1): scheme and host in lower case, names in Punycode without a trailing dot, no default port, a cleaned
// path without a trailing slash. It is false for other URLs and for those with a password, a query or a fragment.
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

// canonicalOrigin returns scheme, host and port of a URL without a path, "" for anything else, such as "null".
func canonicalOrigin(s string) string {
	u, ok := canonicalAddress(s)
	if !ok || u.Path != "" {
		return ""
	}
	return u.String()
}

// names maps host names as browsers do before a lookup (UTS #46). Underscores are allowed: names of containers have them.
var names = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

// canonicalHost returns the canonical form of a host name or of an IP address without brackets.
func canonicalHost(host string) (string, bool) {
	host = strings.TrimSuffix(host, ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return unmapped(addr).String(), true
	}
	name, err := names.ToASCII(host)
	name = strings.TrimSuffix(name, ".") // ToASCII may have made a dot of a full stop of another script
	if err != nil || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
		return "", false
	}
	return name, true
}

// hostOf returns the canonical host name of a Host header, "" if it is invalid.
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

// isRebinding reports whether a request may come from DNS rebinding: its Host is a name other than localhost and known (in
// canonical form). An attacker lets a name of their own resolve to this machine, and their page then has the same origin.
// IP addresses cannot be isRebinding, and browsers always send a Host.
func isRebinding(r *http.Request, known string) bool {
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
