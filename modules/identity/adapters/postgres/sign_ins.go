package postgres

import (
	"context"
	"net/netip"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
)

const (
	signInsTable  = "identity.sign_ins"
	signInColumns = "id, user_id, at, address, user_agent, outcome"
)

// SignIns implements ports.SignIns.
type SignIns struct {
	db                                                      *pg.DB
	reserve, failed, limited, note, release, unlock, forget pg.Statement
	list                                                    pg.List[domain.SignIn]
}

var _ ports.SignIns = (*SignIns)(nil)

// NewSignIns makes the repository.
func NewSignIns(db *pg.DB) *SignIns {
	return &SignIns{
		db: db,
		// What comes from an address beyond its limit does not count for the account. A count goes one beyond the limit and
		// no further, so that taking attempts back brings it below.
		reserve: pg.Static("count attempt", squirrel.Expr(`WITH address AS (
				SELECT until FROM identity.attempts WHERE kind = 'address' AND key = $2 AND count >= $5 AND until > now()
			), account AS (
				INSERT INTO identity.attempts AS a (kind, key, count, until)
				SELECT 'account', $1::bytea, 1, now() + make_interval(secs => $3) WHERE NOT EXISTS (SELECT 1 FROM address)
				ON CONFLICT (kind, key) DO UPDATE SET
					count = CASE WHEN a.until <= now() THEN 1 ELSE least(a.count, $4) + 1 END,
					until = CASE WHEN a.until <= now() THEN excluded.until ELSE a.until END
				RETURNING count, coalesce(locked_until > now(), false) AS locked
			)
			SELECT coalesce((SELECT count FROM account), 0), coalesce((SELECT locked FROM account), false), (SELECT until FROM address)`)),
		// The failure that reaches the account's limit begins the time for which it is locked.
		failed: pg.Static("note failed sign-in", squirrel.Expr(`WITH locked AS (
				UPDATE identity.attempts SET locked_until = now() + make_interval(secs => $8), until = now() + make_interval(secs => $8)
				WHERE kind = 'account' AND key = $1 AND count >= $2 AND coalesce(locked_until <= now(), true)
				RETURNING 1
			), address AS (
				INSERT INTO identity.attempts AS a (kind, key, count, until) VALUES ('address', $7, 1, now() + make_interval(secs => $9))
				ON CONFLICT (kind, key) DO UPDATE SET
					count = CASE WHEN a.until <= now() THEN 1 ELSE a.count + 1 END,
					until = CASE WHEN a.until <= now() OR a.count + 1 = $10 THEN excluded.until ELSE a.until END
			), noted AS (
				INSERT INTO identity.sign_ins (user_id, address, user_agent, outcome) VALUES ($3, $4, $5, $6)
			)
			SELECT count(*) FROM locked`)),
		// One of many that are limited is on record for each minute: whoever sends them need not be able to fill the disk.
		limited: pg.Static("note limited sign-in", squirrel.Expr(`INSERT INTO identity.sign_ins (user_id, address, user_agent, outcome)
			SELECT $1, $2, $3, $4 WHERE NOT EXISTS (
				SELECT 1 FROM identity.sign_ins WHERE address = $2 AND outcome = 'limited' AND at > now() - interval '1 minute')`)),
		note: pg.Static("note sign-in", pg.Build.Insert(signInsTable).Columns("user_id", "address", "user_agent", "outcome").
			Values(squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?"))),
		release: pg.Static("take attempt back", squirrel.Expr(`UPDATE identity.attempts SET count = greatest(count - 1, 0)
			WHERE kind = 'account' AND key = $1`)),
		unlock: pg.Static("unlock account", pg.Build.Delete("identity.attempts").Where("kind = 'account'").Where("key = ?")),
		forget: pg.Static("forget attempts", pg.Build.Delete("identity.attempts").Where("until < now() - interval '1 hour'")),
		list: pg.List[domain.SignIn]{
			Name: "list sign-ins", ID: func(s domain.SignIn) int64 { return s.ID }, Fields: signInFields,
		},
	}
}

// Reserve implements ports.SignIns.
func (r *SignIns) Reserve(ctx context.Context, email domain.Email, origin domain.Origin, limits domain.AttemptLimits) (domain.Verdict, error) {
	digest := email.Digest()
	call := r.reserve.With(digest[:], addressKey(origin), limits.LockFor.Seconds(), limits.Account, limits.Address)
	found, err := pg.One(ctx, r.db, call, func(c *attempts) []any { return []any{&c.count, &c.locked, &c.limitedUntil} }, nil)
	if err != nil {
		return domain.Verdict{}, err
	}
	beyond := found.count > limits.Account
	verdict := domain.Verdict{AccountLocked: found.locked, AccountBusy: beyond && !found.locked, AddressLimited: found.limitedUntil != nil}
	if verdict.AddressLimited {
		verdict.RetryAfter = max(time.Second, time.Until(*found.limitedUntil))
	}
	return verdict, nil
}

// attempts are what counts for one attempt.
type attempts struct {
	count        int
	locked       bool
	limitedUntil *time.Time
}

// Failed implements ports.SignIns.
func (r *SignIns) Failed(ctx context.Context, email domain.Email, s domain.SignIn, limits domain.AttemptLimits) (bool, error) {
	user, from := (*int64)(s.UserID), s.Origin
	if s.Outcome == domain.Limited {
		_, err := r.db.Exec(ctx, r.limited.With(user, from.Address, from.UserAgent, string(s.Outcome)))
		return false, err
	}
	digest := email.Digest()
	call := r.failed.With(digest[:], limits.Account, user, from.Address, from.UserAgent, string(s.Outcome),
		addressKey(from), limits.LockFor.Seconds(), limits.AddressFor.Seconds(), limits.Address)
	n, err := pg.One(ctx, r.db, call, pg.Int, nil)
	return n > 0, err
}

// Succeeded implements ports.SignIns.
func (r *SignIns) Succeeded(ctx context.Context, email domain.Email, s domain.SignIn) error {
	return r.db.InTx(ctx, func(ctx context.Context) error {
		if err := r.Unlock(ctx, email); err != nil {
			return err
		}
		_, err := r.db.Exec(ctx, r.note.With((*int64)(s.UserID), s.Origin.Address, s.Origin.UserAgent, string(s.Outcome)))
		return err
	})
}

// Release implements ports.SignIns.
func (r *SignIns) Release(ctx context.Context, email domain.Email) error {
	digest := email.Digest()
	_, err := r.db.Exec(ctx, r.release.With(digest[:]))
	return err
}

// Unlock implements ports.SignIns.
func (r *SignIns) Unlock(ctx context.Context, email domain.Email) error {
	digest := email.Digest()
	_, err := r.db.Exec(ctx, r.unlock.With(digest[:]))
	return err
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
	_, err := r.db.Exec(ctx, r.forget.With())
	return err
}

// addressKey is what attempts from an address are counted by: an IPv6 address by its /64, since one host has as many
// below that as it likes.
func addressKey(origin domain.Origin) []byte {
	address, err := netip.ParseAddr(origin.Address)
	if err != nil {
		return []byte{}
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.AsSlice()
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return []byte{}
	}
	return prefix.Addr().AsSlice()
}

func signInFields(s *domain.SignIn) []any {
	return []any{&s.ID, &s.UserID, &s.At, &s.Origin.Address, &s.Origin.UserAgent, (*string)(&s.Outcome)}
}
