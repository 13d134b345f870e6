package postgres

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
)

const (
	sessionsTable  = "identity.sessions"
	sessionColumns = "id, user_id, address, user_agent, created_at, last_seen_at, expires_at"
)

// Sessions implements ports.Sessions.
type Sessions struct {
	db                                        *pg.DB
	byToken, create, seen, end, endAll, prune pg.Statement
	list                                      pg.List[domain.Session]
}

var _ ports.Sessions = (*Sessions)(nil)

// NewSessions makes the repository.
func NewSessions(db *pg.DB) *Sessions {
	ended := pg.Build.Update(sessionsTable).Set("ended_at", squirrel.Expr("now()")).Where("user_id = ?").Where("ended_at IS NULL")
	return &Sessions{
		db: db,
		byToken: pg.Reads("look up session", pg.Build.
			Select("s.id, s.user_id, s.address, s.user_agent, s.created_at, s.last_seen_at, s.expires_at",
				"u.is_active", "coalesce(c.hash, '')", "coalesce(c.must_change, 'no')", "coalesce(c.changed_at, s.created_at)",
				"u.organization_id", "u.department_id", "c.given_by", givenAt).
			From(sessionsTable+" AS s").
			Join(usersTable+" AS u ON u.id = s.user_id").
			LeftJoin("identity.credentials AS c ON c.user_id = u.id").
			Where("s.token_digest = ?").Where("s.ended_at IS NULL").Where("u.deleted_at IS NULL")),
		create: pg.Changes("store session", squirrel.Expr(`INSERT INTO identity.sessions (user_id, token_digest, address, user_agent, expires_at)
			VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5)) RETURNING `+sessionColumns)),
		seen: pg.Changes("note session's use", pg.Build.Update(sessionsTable).Set("last_seen_at", squirrel.Expr("now()")).
			Where("id = ?").Where("last_seen_at < now() - interval '59 seconds'")),
		end:    pg.Changes("end session", ended.Where("id = ?")),
		endAll: pg.Changes("end sessions", ended.Where("id <> ?")),
		prune:  pg.Changes("delete sessions", pg.Build.Delete(sessionsTable).Where("coalesce(ended_at, expires_at) < now() - interval '30 days'")),
		list:   pg.List[domain.Session]{Name: "list sessions", ID: func(s domain.Session) int64 { return int64(s.ID) }, Fields: sessionFields},
	}
}

// ByToken implements ports.Sessions.
func (r *Sessions) ByToken(ctx context.Context, tokenDigest [32]byte) (ports.LiveSession, bool, error) {
	found, err := pg.All(ctx, r.db, r.byToken.With(tokenDigest[:]), liveSessionFields)
	if err != nil || len(found) == 0 {
		return ports.LiveSession{}, false, err
	}
	return found[0], true, nil
}

// Of implements ports.Sessions.
func (r *Sessions) Of(ctx context.Context, user domain.UserID, limits domain.SessionLimits, search string, request page.Request) (page.Page[domain.Session], error) {
	query := pg.Build.Select(sessionColumns).From(sessionsTable).
		Where("user_id = ?", int64(user)).Where("ended_at IS NULL").Where("expires_at > now()").
		Where("last_seen_at > now() - make_interval(secs => ?)", limits.Idle.Seconds())
	if search != "" {
		query = query.Where(pg.Contains(search, "address", "user_agent"))
	}
	return r.list.Page(ctx, r.db, query, request)
}

// Create implements ports.Sessions.
func (r *Sessions) Create(ctx context.Context, user domain.UserID, tokenDigest [32]byte, origin domain.Origin, total time.Duration) (domain.Session, error) {
	return pg.One(ctx, r.db, r.create.With(int64(user), tokenDigest[:], origin.Address, origin.UserAgent, total.Seconds()), sessionFields, nil)
}

// Seen implements ports.Sessions.
func (r *Sessions) Seen(ctx context.Context, id domain.SessionID) error {
	_, err := r.db.Exec(ctx, r.seen.With(int64(id)))
	return err
}

// End implements ports.Sessions.
func (r *Sessions) End(ctx context.Context, user domain.UserID, id domain.SessionID) (bool, error) {
	n, err := r.db.Exec(ctx, r.end.With(int64(user), int64(id)))
	return n > 0, err
}

// EndAll implements ports.Sessions.
func (r *Sessions) EndAll(ctx context.Context, user domain.UserID, except domain.SessionID) (bool, error) {
	n, err := r.db.Exec(ctx, r.endAll.With(int64(user), int64(except)))
	return n > 0, err
}

// Prune implements ports.Sessions.
func (r *Sessions) Prune(ctx context.Context) error {
	_, err := r.db.Exec(ctx, r.prune.With())
	return err
}

func sessionFields(s *domain.Session) []any {
	return []any{(*int64)(&s.ID), (*int64)(&s.UserID), &s.Origin.Address, &s.Origin.UserAgent, &s.CreatedAt, &s.LastSeenAt, &s.ExpiresAt}
}

func liveSessionFields(l *ports.LiveSession) []any {
	return append(sessionFields(&l.Session), &l.Active, &l.Credential.Hash, (*string)(&l.Credential.MustChange), &l.Credential.ChangedAt,
		pg.NullInt(&l.Place.Organization), pg.NullInt(&l.Place.Department), &l.Credential.GivenBy, &l.Credential.GivenAt)
}
