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
	signInsTable  = "identity.sign_ins"
	signInColumns = "id, user_id, at, address, user_agent, outcome, made_by"
)

// SignIns implements ports.SignIns.
type SignIns struct {
	db                                                                      *pg.DB
	reserve, failed, limited, note, last, release, succeeded, unlock, prune pg.Statement
	list                                                                    pg.List[domain.SignIn]
}

var _ ports.SignIns = (*SignIns)(nil)

// NewSignIns makes the repository.
func NewSignIns(db *pg.DB) *SignIns {
	return &SignIns{
		db: db,
		// What comes from a network beyond its limit counts for nothing else. A count goes one beyond the limit and no
		// further, so that taking attempts back brings it below. Every statement takes the count of the name before that of the
		// account, so that two of them cannot wait for each other.
		reserve: pg.Changes("count attempt", squirrel.Expr(`WITH address AS (
				SELECT until FROM identity.attempts WHERE kind = 'address' AND key = $3 AND count >= $6 AND until > now()
			), counted AS (
				INSERT INTO identity.attempts AS a (kind, key, count, until)
				SELECT $1::text, $2::bytea, 1, now() + make_interval(secs => $4) WHERE $1 <> '' AND NOT EXISTS (SELECT 1 FROM address)
				ON CONFLICT (kind, key) DO UPDATE SET
					count = CASE WHEN a.until <= now() THEN 1 ELSE least(a.count, $5) + 1 END,
					until = CASE WHEN a.until <= now() THEN excluded.until ELSE a.until END
				RETURNING count, CASE WHEN locked_until > now() THEN locked_until END AS locked_until
			), account AS (
				INSERT INTO identity.attempts AS a (kind, key, count, until)
				SELECT 'user', $8::bytea, 1, now() + make_interval(secs => $4) FROM counted WHERE $8::bytea IS NOT NULL
				ON CONFLICT (kind, key) DO UPDATE SET
					count = CASE WHEN a.until <= now() THEN 1 ELSE least(a.count, $5) + 1 END,
					until = CASE WHEN a.until <= now() THEN excluded.until ELSE a.until END
				RETURNING count, CASE WHEN locked_until > now() THEN locked_until END AS locked_until
			)
			SELECT coalesce((SELECT count FROM counted), 0), (SELECT locked_until FROM counted),
				coalesce((SELECT count FROM account), 0), (SELECT locked_until FROM account), (SELECT until FROM address),
				EXISTS (SELECT 1 FROM identity.sign_ins WHERE network = $3 AND at > now() - make_interval(secs => $7))`)),
		// The failure that reaches the limit begins the time for which no more are taken.
		failed: pg.Changes("note failed sign-in", squirrel.Expr(`WITH locked AS (
				UPDATE identity.attempts SET locked_until = now() + make_interval(secs => $9), until = now() + make_interval(secs => $9)
				WHERE kind = $1 AND key = $2 AND count >= $3 AND coalesce(locked_until <= now(), true) RETURNING key
			), account AS (
				UPDATE identity.attempts SET locked_until = now() + make_interval(secs => $9), until = now() + make_interval(secs => $9)
				WHERE kind = 'user' AND key = $12::bytea AND count >= $3 AND coalesce(locked_until <= now(), true) AND (SELECT count(*) FROM locked) >= 0
			), address AS (
				INSERT INTO identity.attempts AS a (kind, key, count, until)
				SELECT 'address', $8::bytea, 1, now() + make_interval(secs => $10) WHERE $8::bytea IS NOT NULL
				ON CONFLICT (kind, key) DO UPDATE SET
					count = CASE WHEN a.until <= now() THEN 1 ELSE a.count + 1 END,
					until = CASE WHEN a.until <= now() OR a.count + 1 = $11 THEN excluded.until ELSE a.until END
			)
			INSERT INTO identity.sign_ins (user_id, address, user_agent, outcome) VALUES ($4, $5, $6, $7)`)),
		// Of limited attempts one is recorded for each minute, so that a flood cannot fill the disk.
		limited: pg.Changes("note limited sign-in", squirrel.Expr(`INSERT INTO identity.sign_ins (user_id, address, user_agent, outcome)
			SELECT $1, $2, $3, $4 WHERE NOT EXISTS (
				SELECT 1 FROM identity.sign_ins WHERE address = $2 AND outcome = 'limited' AND at > now() - interval '1 minute')`)),
		note: pg.Changes("note sign-in", pg.Build.Insert(signInsTable).Columns("user_id", "address", "user_agent", "outcome", "made_by", "network").
			Values(squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?"))),
		last: pg.Changes("note last sign-in", pg.Build.Update(usersTable).Set("last_sign_in_at", squirrel.Expr("now()")).
			Where("id = ?").Where(pg.Live).Where("last_sign_in_at < now() - interval '1 minute'")),
		release: pg.Changes("take attempt back", squirrel.Expr(`WITH counted AS (
				UPDATE identity.attempts SET count = greatest(count - 1, 0) WHERE kind = $1 AND key = $2 RETURNING key
			)
			UPDATE identity.attempts SET count = greatest(count - 1, 0)
			WHERE kind = 'user' AND key = $3::bytea AND (SELECT count(*) FROM counted) >= 0`)),
		succeeded: pg.Changes("delete failures", squirrel.Expr(`WITH counted AS (
				DELETE FROM identity.attempts WHERE kind = $1 AND key = $2 RETURNING key
			)
			DELETE FROM identity.attempts WHERE kind = 'user' AND key = $3::bytea AND (SELECT count(*) FROM counted) >= 0`)),
		// Also what the user failed at themselves, from a known device or in a session.
		unlock: pg.Changes("unlock account", squirrel.Expr(`WITH named AS (
				DELETE FROM identity.attempts WHERE kind = 'account' AND key = ANY($2) RETURNING key
			), account AS (
				DELETE FROM identity.attempts WHERE (SELECT count(*) FROM named) >= 0 AND (kind = 'user' AND key = int8send($1::bigint)
					OR kind = 'device' AND key IN (SELECT int8send(id) FROM identity.devices WHERE user_id = $1)
					OR kind = 'session' AND key IN (SELECT int8send(id) FROM identity.sessions WHERE user_id = $1 AND ended_at IS NULL)) RETURNING key
			)
			SELECT 1 FROM named UNION ALL SELECT 1 FROM account`)),
		prune: pg.Changes("delete attempts", pg.Build.Delete("identity.attempts").Where("until < now() - interval '1 hour'")),
		list: pg.List[domain.SignIn]{
			Name: "list sign-ins", ID: func(s domain.SignIn) int64 { return s.ID }, Fields: signInFields,
		},
	}
}

// Reserve implements ports.SignIns.
func (r *SignIns) Reserve(ctx context.Context, by domain.Counter, limits domain.AttemptLimits) (domain.Verdict, error) {
	call := r.reserve.With(string(by.Kind), by.Key, by.Network, limits.LockFor.Seconds(), limits.Account, limits.Address, domain.NetworkLife.Seconds(), by.Account)
	found, err := pg.One(ctx, r.db, call, func(c *attempts) []any {
		return []any{&c.count, &c.lockedUntil, &c.ofAccount, &c.accountLockedUntil, &c.limitedUntil, &c.knownNetwork}
	}, nil)
	if err != nil {
		return domain.Verdict{}, err
	}
	verdict := domain.Verdict{Locked: found.lockedUntil != nil, AddressLimited: found.limitedUntil != nil, KnownNetwork: found.knownNetwork}
	verdict.Busy = found.count > limits.Account && !verdict.Locked
	if by.Account != nil { // else an answer that it is busy would tell that attempts with another name were at the same account
		verdict.Locked = found.accountLockedUntil != nil || found.ofAccount > limits.Account
	}
	for _, until := range []*time.Time{found.lockedUntil, found.accountLockedUntil, found.limitedUntil} {
		if until != nil {
			verdict.RetryAfter = max(time.Second, time.Until(*until))
		}
	}
	return verdict, nil
}

// attempts are what counts for one attempt.
type attempts struct {
	count, ofAccount                              int
	lockedUntil, accountLockedUntil, limitedUntil *time.Time
	knownNetwork                                  bool
}

// Failed implements ports.SignIns.
func (r *SignIns) Failed(ctx context.Context, by domain.Counter, s domain.SignIn, limits domain.AttemptLimits) error {
	user, from := (*int64)(s.UserID), s.Origin
	call := r.limited.With(user, from.Address, from.UserAgent, string(s.Outcome))
	if s.Outcome != domain.Limited {
		call = r.failed.With(string(by.Kind), by.Key, limits.Account, user, from.Address, from.UserAgent, string(s.Outcome),
			by.Network, limits.LockFor.Seconds(), limits.AddressFor.Seconds(), limits.Address, by.Account)
	}
	_, err := r.db.Exec(ctx, call)
	return err
}

// Succeeded implements ports.SignIns.
func (r *SignIns) Succeeded(ctx context.Context, by domain.Counter, s domain.SignIn) error {
	return r.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := r.db.Exec(ctx, r.succeeded.With(string(by.Kind), by.Key, by.Account)); err != nil {
			return err
		}
		_, err := r.db.Exec(ctx, r.note.With((*int64)(s.UserID), s.Origin.Address, s.Origin.UserAgent, string(s.Outcome), (*int64)(s.MadeBy), s.Origin.Network()))
		return err
	})
}

// NoteLast implements ports.SignIns.
func (r *SignIns) NoteLast(ctx context.Context, user domain.UserID) error {
	_, err := r.db.Exec(ctx, r.last.With(int64(user)))
	return err
}

// Release implements ports.SignIns.
func (r *SignIns) Release(ctx context.Context, by domain.Counter) error {
	_, err := r.db.Exec(ctx, r.release.With(string(by.Kind), by.Key, by.Account))
	return err
}

// Unlock implements ports.SignIns.
func (r *SignIns) Unlock(ctx context.Context, user domain.User) (unlocked bool, err error) {
	var digests [][32]byte
	for _, name := range user.Names() {
		digests = append(digests, name.Digest())
	}
	deleted, err := pg.All(ctx, r.db, r.unlock.With(int64(user.ID), bytesOf(digests)), pg.Int)
	return len(deleted) > 0, err
}

// Of implements ports.SignIns.
func (r *SignIns) Of(ctx context.Context, user domain.UserID, search string, request page.Request) (page.Page[domain.SignIn], error) {
	query := pg.Build.Select(signInColumns).From(signInsTable).Where("user_id = ?", int64(user))
	if search != "" {
		query = query.Where(pg.Contains(search, "address", "user_agent"))
	}
	return r.list.Page(ctx, r.db, query, request)
}

// Prune implements ports.SignIns.
func (r *SignIns) Prune(ctx context.Context) error {
	_, err := r.db.Exec(ctx, r.prune.With())
	return err
}

func signInFields(s *domain.SignIn) []any {
	return []any{&s.ID, &s.UserID, &s.At, &s.Origin.Address, &s.Origin.UserAgent, (*string)(&s.Outcome), &s.MadeBy}
}
