package app

import (
	"context"
	"errors"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/cache"
	"erp.internal/platform/change"
	"erp.internal/platform/page"
)

// Sessions checks session tokens. It caches sessions by the digest of their token.
type Sessions struct {
	repo      ports.Sessions
	authority *Authority
	settings  Settings
	cache     *cache.Cache[[32]byte, *cachedSession] // by the token's digest; the owner is the user
}

// NewSessions makes the use cases. All events that may end a session invalidate the cached sessions of the user.
func NewSessions(repo ports.Sessions, authority *Authority, hub *cache.Hub, settings Settings) *Sessions {
	return &Sessions{repo: repo, authority: authority, settings: settings, cache: cache.New[[32]byte, *cachedSession](hub, "sessions", maxCachedSessions, cache.Rules{
		domain.SessionEnded: cache.OfUser, domain.SessionsEnded: cache.OfUser,
		domain.PasswordGiven: cache.OfUser, domain.PasswordChanged: cache.OfUser,
		domain.UserDeactivated: cache.OfUser, domain.UserDeleted: cache.OfUser,
	})}
}

// Check returns the principal of a session's token (ASVS 7.2.1).
//
// Errors: domain.ErrSessionOver, errs.Unavailable.
func (s *Sessions) Check(ctx context.Context, token string) (authn.Principal, error) {
	if len(token) != domain.TokenLength {
		return authn.Principal{}, domain.ErrSessionOver
	}
	digest := domain.Digest(token)
	now := time.Now()
	if held, found := s.cache.Find(digest, now); found && held.fresh(now) {
		return s.use(ctx, held, now)
	}
	return s.look(ctx, digest)
}

// look loads the session from the database.
func (s *Sessions) look(ctx context.Context, digest [32]byte) (authn.Principal, error) {
	held, err := s.cache.Load(ctx, digest, func(ctx context.Context) (*cachedSession, cache.Policy, error) {
		return s.load(ctx, digest)
	})
	if err != nil {
		return authn.Principal{}, err
	}
	return s.use(ctx, held, time.Now())
}

// load loads a valid session.
//
// Errors: domain.ErrSessionOver, errs.Unavailable.
func (s *Sessions) load(ctx context.Context, digest [32]byte) (*cachedSession, cache.Policy, error) {
	live, found, err := s.repo.ByToken(ctx, digest)
	if err != nil {
		return nil, cache.Policy{}, err
	}
	now := time.Now()
	held := newCachedSession(live, s.settings)
	if !found || !live.Active || !now.Before(live.ExpiresAt) || !held.fresh(now) {
		return nil, cache.Policy{}, domain.ErrSessionOver
	}
	policy := cache.Policy{Owner: held.who.UserID, Expires: live.ExpiresAt}
	if given := live.Credential.Given(); given != nil {
		over, err := s.authority.ofPassword(ctx, live.Account())
		if err != nil {
			return nil, cache.Policy{}, err
		}
		if over != "" {
			return nil, cache.Policy{}, domain.ErrSessionOver
		}
		policy.NoStore = given.By != nil // its giver's authority is checked for each request, since it may end at any moment
	}
	return held, policy, nil
}

// use returns the principal of a valid session, and stores its use at an interval.
func (s *Sessions) use(ctx context.Context, held *cachedSession, now time.Time) (authn.Principal, error) {
	held.seen.Store(now.UnixNano())
	if held.claimNote(now) {
		if err := s.repo.Seen(ctx, domain.SessionID(held.who.SessionID)); err != nil {
			held.noted.Store(0) // the next request tries again
		}
	}
	return held.principal(now), nil
}

// begin creates a session for a user who has proved their identity, in the context's transaction (ASVS 7.2.3, 7.2.4). A
// session by a given password does not outlast the password.
func (s *Sessions) begin(ctx context.Context, tx *change.Tx, account ports.Account, origin domain.Origin) (Issued, error) {
	if s.settings.Policy.OneSession {
		if err := s.endAll(ctx, tx, account.User(), 0); err != nil {
			return Issued{}, err
		}
	}
	total := s.settings.sessionLimits().Total
	if given := account.Credential.Given(); given != nil {
		total = min(total, time.Until(s.settings.givenUntil(*given)))
	}
	token := domain.NewToken()
	session, err := s.repo.Create(ctx, account.UserID, domain.Digest(token), origin, total)
	if err != nil {
		return Issued{}, err
	}
	tx.Record(account.User().SessionOpened(session.ID))
	return Issued{Token: token, Session: session}, nil
}

// Issued is a new session with its token, which is never shown again.
type Issued struct {
	Token   string
	Device  string // the token of the device, known from now on
	Session domain.Session
}

// of returns a page of a user's active sessions.
func (s *Sessions) of(ctx context.Context, user domain.UserID, search string, request page.Request) (page.Page[domain.Session], error) {
	return s.repo.Of(ctx, user, s.settings.sessionLimits(), search, request)
}

// end ends one session of a user.
//
// Errors: domain.ErrSessionNotFound, errs.Unavailable.
func (s *Sessions) end(ctx context.Context, tx *change.Tx, of domain.User, id domain.SessionID) error {
	ended, err := s.repo.End(ctx, of.ID, id)
	if err != nil {
		return err
	}
	if !ended {
		return domain.ErrSessionNotFound
	}
	tx.Record(of.SessionEnded(id))
	return nil
}

// endToken ends the session of a token, if it exists.
func (s *Sessions) endToken(ctx context.Context, tx *change.Tx, token string) error {
	if token == "" {
		return nil
	}
	live, found, err := s.repo.ByToken(ctx, domain.Digest(token))
	if err != nil || !found {
		return err
	}
	if err := s.end(ctx, tx, live.Account().User(), live.ID); !errors.Is(err, domain.ErrSessionNotFound) {
		return err
	}
	return nil
}

// endAll ends all sessions of a user except one, which may be 0 for none.
func (s *Sessions) endAll(ctx context.Context, tx *change.Tx, of domain.User, except domain.SessionID) error {
	ended, err := s.repo.EndAll(ctx, of.ID, except)
	if ended {
		tx.Record(of.SessionsEnded())
	}
	return err
}

// Prune deletes sessions that ended some time ago.
//
// Errors: errs.Unavailable.
func (s *Sessions) Prune(ctx context.Context) error { return s.repo.Prune(ctx) }
