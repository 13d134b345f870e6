package ports

import (
	"context"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// LiveSession is a session with the data that decides whether it is valid now.
type LiveSession struct {
	domain.Session
	Active     bool // the user may sign in
	Credential domain.Credential
	Place      place.Place // where the user belongs
}

// Account returns the user's account, with the fields that the session has.
func (l LiveSession) Account() Account {
	return Account{UserID: l.UserID, Active: l.Active, Credential: l.Credential, Place: l.Place}
}

// Sessions is the repository of sessions.
type Sessions interface {
	// ByToken returns the session of a token; false if there is none, it has ended, or its user was deleted.
	//
	// Errors: errs.Unavailable.
	ByToken(ctx context.Context, tokenDigest [32]byte) (LiveSession, bool, error)
	// Of returns a page of a user's active sessions whose address or user agent contains search, sorted by id.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	Of(ctx context.Context, user domain.UserID, limits domain.SessionLimits, search string, request page.Request) (page.Page[domain.Session], error)
	// Create stores a new session that lasts for at most total.
	Create(ctx context.Context, user domain.UserID, tokenDigest [32]byte, origin domain.Origin, total time.Duration) (domain.Session, error)
	// Seen stores that a session is in use, unless that was stored within a minute.
	Seen(ctx context.Context, id domain.SessionID) error
	// End ends one session of a user, and reports whether it existed.
	End(ctx context.Context, user domain.UserID, id domain.SessionID) (bool, error)
	// EndAll ends all sessions of a user except one, which may be 0 for none, and reports whether there was any.
	EndAll(ctx context.Context, user domain.UserID, except domain.SessionID) (bool, error)
	// Prune deletes sessions that ended some time ago.
	Prune(ctx context.Context) error
}
