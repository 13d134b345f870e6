package domain

import (
	"net/netip"
	"time"
)

// SessionID identifies a session.
type SessionID int64

// Session is one sign-in that goes on.
type Session struct {
	ID         SessionID
	UserID     UserID
	Origin     Origin
	CreatedAt  time.Time
	LastSeenAt time.Time // at most a minute older than the last request
	ExpiresAt  time.Time // however much it is used (ASVS 7.3.2)
}

// Origin is where a request comes from.
type Origin struct {
	Address   string   // of the client, as far as trusted proxies tell
	UserAgent string   // what the client says of itself, cut to MaxUserAgent bytes
	Devices   []string // the tokens by which a device may be known; they open nothing
}

// Network is what attempts from an address are counted by: an IPv6 address by its /64, since one host has as many below
// that as it likes.
func (o Origin) Network() []byte {
	address, err := netip.ParseAddr(o.Address)
	if err != nil {
		return []byte{}
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.AsSlice()
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return []byte{}
	}
	return prefix.Addr().AsSlice()
}

// MaxUserAgent is how much of a User-Agent is kept, in bytes.
const MaxUserAgent = 256

// SessionLimits say when sessions end by themselves.
type SessionLimits struct {
	Idle  time.Duration // without a request (ASVS 7.3.1)
	Total time.Duration // in any case (ASVS 7.3.2)
}

// Under returns the limits where a policy asks for a shorter idle time.
func (l SessionLimits) Under(policy PasswordPolicy) SessionLimits {
	if policy.Idle > 0 && policy.Idle < l.Idle {
		l.Idle = policy.Idle
	}
	return l
}
