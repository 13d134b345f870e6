package app

import (
	"sync/atomic"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
)

// mostHeld bounds the memory for sessions, about 300 bytes each.
const mostHeld = 100_000

// heldSession is what one session's check needs. Times are Unix nanoseconds.
type heldSession struct {
	who         authn.Principal
	idle        int64 // how long it may not be used
	changeFrom  int64 // from when on the password has to be changed first
	seen, noted atomic.Int64
}

// noteEvery is how often it is written down that a session is in use.
const noteEvery = int64(time.Minute)

func hold(live ports.LiveSession, settings Settings) *heldSession {
	h := &heldSession{
		who:        authn.Principal{UserID: int64(live.UserID), SessionID: int64(live.ID), SignedIn: true},
		idle:       int64(settings.sessionLimits().Idle),
		changeFrom: live.Credential.RequiredFrom(settings.Policy).UnixNano(),
	}
	h.seen.Store(live.LastSeenAt.UnixNano())
	h.noted.Store(live.LastSeenAt.UnixNano())
	return h
}

// fresh says whether the session was used lately, as far as is known here: on another replica it may have been used since.
func (s *heldSession) fresh(now time.Time) bool {
	return now.UnixNano()-s.seen.Load() < s.idle
}

// noting says whether it is this caller who writes down that the session is in use.
func (s *heldSession) noting(now time.Time) bool {
	before := s.noted.Load()
	return now.UnixNano()-before >= noteEvery && s.noted.CompareAndSwap(before, now.UnixNano())
}

func (s *heldSession) principal(now time.Time) authn.Principal {
	who := s.who
	if now.UnixNano() >= s.changeFrom {
		who.Pending = domain.ErrPasswordChangeRequired
	}
	return who
}
