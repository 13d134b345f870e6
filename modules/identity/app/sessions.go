package app

import (
	"context"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
)

// Sessions knows who is signed in. What it has looked up once it keeps in memory, by the digest of the token.
type Sessions struct {
	tx        pg.Transactor
	repo      ports.Sessions
	authority *Authority
	settings  Settings
	held      *pg.Held[[32]byte, *heldSession]
}

// NewSessions makes the use cases.
func NewSessions(tx pg.Transactor, repo ports.Sessions, authority *Authority, changes pg.Changes, settings Settings) *Sessions {
	return &Sessions{tx: tx, repo: repo, authority: authority, settings: settings, held: pg.NewHeld[[32]byte, *heldSession](tx, changes, mostHeld)}
}

// Check gives the principal of a session's token (ASVS 7.2.1).
//
// Errors: domain.ErrSessionOver, errs.Unavailable.
func (s *Sessions) Check(ctx context.Context, token string) (authn.Principal, error) {
	if len(token) != domain.TokenLength {
		return authn.Principal{}, domain.ErrSessionOver
	}
	digest := domain.Digest(token)
	now := time.Now()
	if held, found := s.held.Find(digest, now); found && held.fresh(now) {
		return s.use(ctx, held, now)
	}
	return s.look(ctx, digest)
}

// look asks the database.
func (s *Sessions) look(ctx context.Context, digest [32]byte) (authn.Principal, error) {
	epoch := s.held.Epoch()
	live, there, err := s.repo.ByToken(ctx, digest)
	if err != nil {
		return authn.Principal{}, err
	}
	now := time.Now()
	if !there || !live.Active {
		return authn.Principal{}, domain.ErrSessionOver
	}
	held := hold(live, s.settings)
	if !held.fresh(now) {
		return authn.Principal{}, domain.ErrSessionOver
	}
	if given := live.Credential.Given(); given != nil {
		over, err := s.authority.ofPassword(ctx, live.Account())
		if err != nil {
			return authn.Principal{}, err
		}
		if over != "" {
			return authn.Principal{}, domain.ErrSessionOver
		}
		if given.By != nil { // whose authority is asked again by each request, since it may end at any moment
			return s.use(ctx, held, now)
		}
	}
	principal, err := s.use(ctx, held, now)
	s.held.Keep(ctx, epoch, digest, held.who.UserID, held)
	return principal, err
}

// use gives the principal of a session that is good, and notes now and then that it is in use.
func (s *Sessions) use(ctx context.Context, held *heldSession, now time.Time) (authn.Principal, error) {
	held.seen.Store(now.UnixNano())
	if held.noting(now) {
		if err := s.repo.Seen(ctx, domain.SessionID(held.who.SessionID)); err != nil {
			held.noted.Store(0) // the next request tries again; this one will see for itself what is the matter
		}
	}
	return held.principal(now), nil
}

// begin makes a session for a user who has proved who they are, in the context's transaction (ASVS 7.2.3, 7.2.4). One
// that is opened with a given password does not outlast the password.
func (s *Sessions) begin(ctx context.Context, account ports.Account, origin domain.Origin) (Issued, error) {
	if s.settings.Policy.OneSession {
		if err := s.endAll(ctx, account.UserID, 0); err != nil {
			return Issued{}, err
		}
	}
	total := s.settings.sessionLimits().Total
	if given := account.Credential.Given(); given != nil {
		total = min(total, time.Until(s.settings.givenUntil(*given)))
	}
	token := domain.NewToken()
	session, err := s.repo.Create(ctx, account.UserID, domain.Digest(token), origin, total)
	return Issued{Token: token, Session: session}, err
}

// Issued is a new session with its token, which nobody can learn later.
type Issued struct {
	Token   string
	Device  string // the token of the device, known from now on
	Session domain.Session
}

// of gives a page of a user's sessions that go on.
func (s *Sessions) of(ctx context.Context, user domain.UserID, search string, request page.Request) (page.Page[domain.Session], error) {
	return s.repo.Of(ctx, user, s.settings.sessionLimits(), search, request)
}

// end ends one session of a user.
//
// Errors: domain.ErrSessionNotFound, errs.Unavailable.
func (s *Sessions) end(ctx context.Context, user domain.UserID, id domain.SessionID) error {
	return s.tx.InTx(ctx, func(ctx context.Context) error {
		ended, err := s.repo.End(ctx, user, id)
		if err != nil {
			return err
		}
		if !ended {
			return domain.ErrSessionNotFound
		}
		return s.changed(ctx, user)
	})
}

// endToken ends the session of a token, if there is one.
func (s *Sessions) endToken(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	live, there, err := s.repo.ByToken(ctx, domain.Digest(token))
	if err != nil || !there {
		return err
	}
	if _, err := s.repo.End(ctx, live.UserID, live.ID); err != nil {
		return err
	}
	return s.changed(ctx, live.UserID)
}

// endAll ends every session of a user but one, which may be 0 for none.
func (s *Sessions) endAll(ctx context.Context, user domain.UserID, except domain.SessionID) error {
	return s.tx.InTx(ctx, func(ctx context.Context) error {
		if err := s.repo.EndAll(ctx, user, except); err != nil {
			return err
		}
		return s.changed(ctx, user)
	})
}

// changed makes every replica, this one at once, forget what it holds of a user.
func (s *Sessions) changed(ctx context.Context, user domain.UserID) error {
	return s.held.Changed(ctx, int64(user))
}

// Forget forgets what is held of a user: another replica changed it.
func (s *Sessions) Forget(user int64) { s.held.Forget(user) }

// ForgetAll forgets what is held of everybody: nobody can tell who changed.
func (s *Sessions) ForgetAll() { s.held.ForgetAll() }

// Prune deletes what has been over for some time.
//
// Errors: errs.Unavailable.
func (s *Sessions) Prune(ctx context.Context) error { return s.repo.Prune(ctx) }
