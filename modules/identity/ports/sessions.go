package ports

import (
	"context"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// LiveSession is a session with what decides whether it is good now.
type LiveSession struct {
	domain.Session
	Active     bool // the user may sign in
	Credential domain.Credential
	Place      place.Place // where the user belongs
}

// Account gives the user's account, as far as a session tells.
func (l LiveSession) Account() Account {
	return Account{UserID: l.UserID, Active: l.Active, Credential: l.Credential, Place: l.Place}
}

// Sessions keeps sessions.
type Sessions interface {
	// ByToken gives the session of a token, false when there is none, or it was ended, or its user was deleted.
	//
	// Errors: errs.Unavailable.
	ByToken(ctx context.Context, tokenDigest [32]byte) (LiveSession, bool, error)
	// Of gives a page of a user's sessions that were not ended and are within the limits, and whose address or agent
	// contains search, sorted by id.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	Of(ctx context.Context, user domain.UserID, limits domain.SessionLimits, search string, request page.Request) (page.Page[domain.Session], error)
	// Create stores a new session that lasts for at most total.
	Create(ctx context.Context, user domain.UserID, tokenDigest [32]byte, origin domain.Origin, total time.Duration) (domain.Session, error)
	// Seen notes that a session is in use, unless that was noted within a minute.
	Seen(ctx context.Context, id domain.SessionID) error
	// End ends one session of a user, and says whether there was such a one.
	End(ctx context.Context, user domain.UserID, id domain.SessionID) (bool, error)
	// EndAll ends every session of a user but one, which may be 0 for none, and says whether there was any.
	EndAll(ctx context.Context, user domain.UserID, except domain.SessionID) (bool, error)
	// Prune deletes sessions that have been over for some time.
	Prune(ctx context.Context) error
}
