package app

import (
	"sync/atomic"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
)

// maxCachedSessions is the maximum number of cached sessions, about 300 bytes each.
const maxCachedSessions = 100_000

// cachedSession is the part of a session that its check needs. Times are Unix nanoseconds.
type cachedSession struct {
	who         authn.Principal
	idle        int64 // the idle timeout
	changeFrom  int64 // the time from which the password must be changed first
	seen, noted atomic.Int64
}

// noteEvery is how often the use of a session is stored.
const noteEvery = int64(time.Minute)

func newCachedSession(live ports.LiveSession, settings Settings) *cachedSession {
	h := &cachedSession{
		who:        authn.Principal{UserID: int64(live.UserID), SessionID: int64(live.ID), SignedIn: true},
		idle:       int64(settings.sessionLimits().Idle),
		changeFrom: live.Credential.RequiredFrom(settings.Policy).UnixNano(),
	}
	h.seen.Store(live.LastSeenAt.UnixNano())
	h.noted.Store(live.LastSeenAt.UnixNano())
	return h
}

// fresh reports whether the session is within its idle timeout, as far as this server knows: another replica may have seen a
// later use.
func (s *cachedSession) fresh(now time.Time) bool {
	return now.UnixNano()-s.seen.Load() < s.idle
}

// claimNote reports whether this caller is the one to store the use of the session.
func (s *cachedSession) claimNote(now time.Time) bool {
	before := s.noted.Load()
	return now.UnixNano()-before >= noteEvery && s.noted.CompareAndSwap(before, now.UnixNano())
}

func (s *cachedSession) principal(now time.Time) authn.Principal {
	who := s.who
	if now.UnixNano() >= s.changeFrom {
		who.Pending = domain.ErrPasswordChangeRequired
	}
	return who
}
