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

// proxies are the networks whose X-Forwarded-For counts.
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

// parseNetwork reads "10.0.0.1", "10.1.0.0/16" and the same of IPv6. Bits behind the mask do not count, and an IPv4
// network that is written in IPv6 (RFC 4291, section 2.5.5.2) is the IPv4 network.
func parseNetwork(s string) (netip.Prefix, bool) {
	network, err := netip.ParsePrefix(s)
	if err != nil {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, false
		}
		addr = bare(addr)
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	if addr := network.Addr(); addr.Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(addr.Unmap(), network.Bits()-96)
	}
	return network.Masked(), true
}

// trust tells whether addr, which is bare, is a proxy's.
func (p proxies) trust(addr netip.Addr) bool {
	for _, network := range p {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// client gives the address that a request came from, "" where the connection has none. Only a trusted proxy may name
// another one than its own: X-Forwarded-For is then read from its end, where the nearest proxy writes, up to the first
// address that is no trusted proxy's. What is left of that one, and any other header, is the client's own claim. An
// entry that is no address ends the walk at the proxy that wrote it: nobody can say who stands behind.
func (p proxies) client(r *http.Request) string {
	if end := strings.LastIndexByte(r.RemoteAddr, ':'); len(p) == 0 && end > 0 && r.RemoteAddr[0] >= '0' && r.RemoteAddr[0] <= '9' {
		return r.RemoteAddr[:end] // IPv4 has one form: nothing to read or to allocate
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
				continue // RFC 9110, section 5.6.1.2: empty elements of lists do not count
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

// peer gives the address at the other end of the connection.
func peer(r *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return bare(at.Addr()), err == nil
}

// parseHop reads an entry of X-Forwarded-For: an address, with a port or without, in brackets or quotes as some proxies
// write it.
func parseHop(s string) (netip.Addr, bool) {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if addr, err := netip.ParseAddr(trimBrackets(s)); err == nil && (s[0] != '[' || addr.Is6()) {
		return bare(addr), !addr.IsUnspecified()
	}
	at, err := netip.ParseAddrPort(s)
	return bare(at.Addr()), err == nil && !at.Addr().IsUnspecified()
}

// bare gives the one form of an address: IPv4 that came as IPv6 as IPv4, and without the name of an interface, which
// means something on the machine that wrote it only.
func bare(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// client is the address that the request came from. There is no other way to learn it: Gin's ClientIP believes more
// headers, and less of what they may hold.
func (a *API) client(c *gin.Context) string { return a.proxies.client(c.Request) }

// warnOfProxy warns once when a peer names somebody else's address and is no trusted proxy: a proxy that is missing from
// TRUSTED_PROXIES makes one client, with one limit of failed sign-ins, of everybody who comes through it.
func (a *API) warnOfProxy(c *gin.Context) {
	if len(c.Request.Header[forwardedFor]) == 0 {
		return
	}
	addr, ok := peer(c.Request)
	if !ok || a.proxies.trust(addr) {
		return
	}
	a.proxyWarning.Do(func() {
		a.Log.Warn("X-Forwarded-For came from an address that is no trusted proxy, and was ignored: if it is your proxy's, add it to TRUSTED_PROXIES; until then all who come through it share its address",
			zap.String("address", addr.String()))
	})
}
