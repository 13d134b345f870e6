package httpx

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"
)

const forwardedFor = "X-Forwarded-For"

// proxies are the networks whose X-Forwarded-For headers are trusted.
type proxies []netip.Prefix

// parseProxies reads TRUSTED_PROXIES.
//
// Errors: an entry that is neither an address nor a network.
func parseProxies(entries []string) (proxies, error) {
	var all proxies
	for _, entry := range entries {
		network, ok := parseNetwork(strings.TrimSpace(entry))
		if !ok {
			return nil, fmt.Errorf("TRUSTED_PROXIES: %q is not an address or network: write it like 10.0.0.1 or 10.1.0.0/16", entry)
		}
		all = append(all, network)
	}
	return all, nil
}

// parseNetwork reads "10.0.0.1", "10.1.0.0/16" and the same of IPv6. It ignores the bits behind the mask, and reads an
// IPv4-mapped IPv6 network (RFC 4291, section 2.5.5.2) as the IPv4 network.
func parseNetwork(s string) (netip.Prefix, bool) {
	network, err := netip.ParsePrefix(s)
	if err != nil {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, false
		}
		addr = unmapped(addr)
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	if addr := network.Addr(); addr.Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(addr.Unmap(), network.Bits()-96)
	}
	return network.Masked(), true
}

// trust reports whether addr, which is unmapped, belongs to a trusted proxy.
func (p proxies) trust(addr netip.Addr) bool {
	for _, network := range p {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// client returns the client's address, "" if the connection has none. Without a trusted proxy it is the peer's address.
// Otherwise X-Forwarded-For is read from its end, where the nearest proxy appends, to the first address that is not a
// trusted proxy: anything before that, and any other header, may be forged by the client. An entry that is no address ends
// the search at the proxy that wrote it.
func (p proxies) client(r *http.Request) string {
	if end := strings.LastIndexByte(r.RemoteAddr, ':'); len(p) == 0 && end > 0 && r.RemoteAddr[0] >= '0' && r.RemoteAddr[0] <= '9' {
		return r.RemoteAddr[:end] // IPv4 has one form: no need to parse or to allocate
	}
	addr, ok := peer(r)
	if !ok {
		return ""
	}
	if !p.trust(addr) {
		return addr.String()
	}
	lines := r.Header[forwardedFor]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; rest != ""; {
			entry := rest
			if comma := strings.LastIndexByte(rest, ','); comma >= 0 {
				rest, entry = rest[:comma], rest[comma+1:]
			} else {
				rest = ""
			}
			if entry = strings.Trim(entry, " \t"); entry == "" {
				continue // RFC 9110, section 5.6.1.2: empty list elements are ignored
			}
			next, ok := parseHop(entry)
			if !ok {
				return addr.String()
			}
			if addr = next; !p.trust(addr) {
				return addr.String()
			}
		}
	}
	return addr.String()
}

// peer returns the address at the other end of the connection.
func peer(r *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return unmapped(at.Addr()), err == nil
}

// parseHop reads an entry of X-Forwarded-For: an address with or without a port; some proxies add brackets or quotes.
func parseHop(s string) (netip.Addr, bool) {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if addr, err := netip.ParseAddr(trimBrackets(s)); err == nil && (s[0] != '[' || addr.Is6()) {
		return unmapped(addr), !addr.IsUnspecified()
	}
	at, err := netip.ParseAddrPort(s)
	return unmapped(at.Addr()), err == nil && !at.Addr().IsUnspecified()
}

// unmapped returns the canonical form of an address: IPv4-mapped IPv6 as IPv4, and without a zone, which has a meaning only
// on the machine that wrote it.
func unmapped(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// client returns the client's address. Do not use Gin's ClientIP: it trusts more headers and understands fewer forms.
func (a *API) client(c *gin.Context) string { return a.proxies.client(c.Request) }

// warnOfProxy warns once when a peer that is not a trusted proxy sends X-Forwarded-For: if it is a proxy that is missing
// from TRUSTED_PROXIES, all its users share one address and one limit of failed sign-ins.
func (a *API) warnOfProxy(c *gin.Context) {
	if len(c.Request.Header[forwardedFor]) == 0 {
		return
	}
	addr, ok := peer(c.Request)
	if !ok || a.proxies.trust(addr) {
		return
	}
	a.proxyWarning.Do(func() {
		a.Log.Warn("ignored X-Forwarded-For from an address that is not a trusted proxy: if it is your proxy, add it to TRUSTED_PROXIES; until then all its users share its address",
			zap.String("address", addr.String()))
	})
}
