package app

import (
	"sync"
	"sync/atomic"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
)

// mostHeld bounds the memory for sessions, about 300 bytes each.
const mostHeld = 100_000

// heldSessions are sessions in memory, by the digest of their token.
type heldSessions struct {
	mu      sync.RWMutex
	byToken map[[32]byte]*heldSession
	byUser  map[domain.UserID][][32]byte
	forgets atomic.Uint64 // grows with each forget
}

func newHeldSessions() *heldSessions {
	return &heldSessions{byToken: map[[32]byte]*heldSession{}, byUser: map[domain.UserID][][32]byte{}}
}

// find gives a session, nil when it is not held.
func (h *heldSessions) find(digest [32]byte) *heldSession {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.byToken[digest]
}

// epoch is read before the database is asked: see keep.
func (h *heldSessions) epoch() uint64 { return h.forgets.Load() }

// keep holds a session that was read from the database in the given epoch. When something was forgotten since, what was
// read may be older than that, and is not held.
func (h *heldSessions) keep(digest [32]byte, s *heldSession, epoch uint64, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.forgets.Load() != epoch {
		return
	}
	if len(h.byToken) >= mostHeld {
		h.sweep(now)
	}
	user := domain.UserID(s.who.UserID)
	if _, there := h.byToken[digest]; !there {
		h.byUser[user] = append(h.byUser[user], digest)
	}
	h.byToken[digest] = s
}

// forget drops a user's sessions.
func (h *heldSessions) forget(user domain.UserID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgets.Add(1)
	for _, digest := range h.byUser[user] {
		delete(h.byToken, digest)
	}
	delete(h.byUser, user)
}

// forgetAll drops every session.
func (h *heldSessions) forgetAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgets.Add(1)
	clear(h.byToken)
	clear(h.byUser)
}

// sweep drops the sessions that are over, or all when that is not enough: they are looked up again.
func (h *heldSessions) sweep(now time.Time) {
	h.byUser = map[domain.UserID][][32]byte{}
	for digest, s := range h.byToken {
		if !s.fresh(now) || len(h.byToken) >= mostHeld {
			delete(h.byToken, digest)
			continue
		}
		user := domain.UserID(s.who.UserID)
		h.byUser[user] = append(h.byUser[user], digest)
	}
}

// heldSession is what one session's check needs. Times are Unix nanoseconds.
type heldSession struct {
	who         authn.Principal
	idle        int64 // how long it may not be used
	expires     int64
	lockedUntil int64
	changeFrom  int64 // from when on the password has to be changed first
	seen, noted atomic.Int64
}

// noteEvery is how often it is written down that a session is in use.
const noteEvery = int64(time.Minute)

func hold(live ports.LiveSession, settings Settings) *heldSession {
	h := &heldSession{
		who:        authn.Principal{UserID: int64(live.UserID), SessionID: int64(live.ID), SignedIn: true},
		idle:       int64(settings.sessionLimits().Idle),
		expires:    live.ExpiresAt.UnixNano(),
		changeFrom: live.Credential.RequiredFrom(settings.Policy).UnixNano(),
	}
	if live.LockedUntil != nil {
		h.lockedUntil = live.LockedUntil.UnixNano()
	}
	h.seen.Store(live.LastSeenAt.UnixNano())
	h.noted.Store(live.LastSeenAt.UnixNano())
	return h
}

// fresh says whether the session is within its limits, as far as is known here: on another replica it may have been
// used since.
func (s *heldSession) fresh(now time.Time) bool {
	at := now.UnixNano()
	return at < s.expires && at-s.seen.Load() < s.idle
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
