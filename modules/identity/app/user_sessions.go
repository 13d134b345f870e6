package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/change"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
)

// SignIns returns a page of a user's sign-in attempts whose address or user agent contains search.
//
// Errors: domain.ErrUserNotFound, page.ErrCursor, authz.ErrForbidden.
func (u *Users) SignIns(ctx context.Context, id domain.UserID, search string, request page.Request) (page.Page[domain.SignIn], error) {
	if err := u.mayFollow(ctx, id); err != nil {
		return page.Page[domain.SignIn]{}, err
	}
	return u.signIns.Of(ctx, id, search, request)
}

// Sessions returns a page of a user's sessions.
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) Sessions(ctx context.Context, id domain.UserID, search string, request page.Request) (page.Page[domain.Session], error) {
	if err := u.mayFollow(ctx, id); err != nil {
		return page.Page[domain.Session]{}, err
	}
	return u.sessions.of(ctx, id, search, request)
}

// mayFollow checks that the caller may see the sessions and sign-in attempts of a user.
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) mayFollow(ctx context.Context, id domain.UserID) error {
	user, err := u.repo.ByID(ctx, id)
	if err != nil {
		return err
	}
	return u.require(ctx, SessionRead, user)
}

// EndSessions is the command of EndSessions.
type EndSessions struct{ User domain.UserID }

// EndSessions ends all sessions of a user (ASVS 7.4.5).
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) EndSessions(ctx context.Context, c EndSessions) error {
	_, err := change.InTurn(ctx, u.door, turn(c.User), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		user, err := u.lock(ctx, UserEndSessions, c.User, etag.Condition{})
		if err != nil {
			return none, err
		}
		return none, u.sessions.endAll(ctx, tx, user, 0)
	})
	return err
}

// EndSession is the command of EndSession.
type EndSession struct {
	User    domain.UserID
	Session domain.SessionID
}

// EndSession ends one session of a user (ASVS 7.4.5).
//
// Errors: domain.ErrUserNotFound, domain.ErrSessionNotFound, authz.ErrForbidden.
func (u *Users) EndSession(ctx context.Context, c EndSession) error {
	_, err := change.InTurn(ctx, u.door, turn(c.User), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		user, err := u.lock(ctx, UserEndSessions, c.User, etag.Condition{})
		if err != nil {
			return none, err
		}
		return none, u.sessions.end(ctx, tx, user, c.Session)
	})
	return err
}
