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
	db                                             *pg.DB
	reserve, failed, note, release, unlock, forget pg.Statement
	list                                           pg.List[domain.SignIn]
}

var _ ports.SignIns = (*SignIns)(nil)

// NewSignIns makes the repository.
func NewSignIns(db *pg.DB) *SignIns {
	return &SignIns{
		db: db,
		// The attempt that reaches its limit begins the time for which it holds. What comes from an address beyond its limit
		// does not count for the account. The address comes first each time, so that two never wait for one another.
		reserve: pg.Static("count attempt", squirrel.Expr(`WITH address AS (
				INSERT INTO identity.attempts AS a (kind, key, count, until) VALUES ('address', $2, 1, now() + make_interval(secs => $4))
				ON CONFLICT (kind, key) DO UPDATE SET
					count = CASE WHEN a.until <= now() THEN 1 ELSE a.count + 1 END,
					until = CASE WHEN a.until <= now() OR a.count + 1 = $6 THEN excluded.until ELSE a.until END
				RETURNING kind, count, until
			), account AS (
				INSERT INTO identity.attempts AS a (kind, key, count, until)
				SELECT 'account', $1::bytea, 1, now() + make_interval(secs => $3) FROM address WHERE count <= $6
				ON CONFLICT (kind, key) DO UPDATE SET
					count = CASE WHEN a.until <= now() THEN 1 ELSE a.count + 1 END,
					until = CASE WHEN a.until <= now() OR a.count + 1 = $5 THEN excluded.until ELSE a.until END
				RETURNING kind, count, until
			)
			SELECT * FROM address UNION ALL SELECT * FROM account`)),
		failed: pg.Static("note failed sign-in", squirrel.Expr(`WITH locked AS (
				UPDATE identity.attempts SET locked_until = until
				WHERE kind = 'account' AND key = $1 AND count >= $2 AND until > now() AND locked_until IS DISTINCT FROM until
				RETURNING 1
			), noted AS (
				INSERT INTO identity.sign_ins (user_id, address, user_agent, outcome) VALUES ($3, $4, $5, $6)
			)
			SELECT count(*) FROM locked`)),
		note: pg.Static("note sign-in", pg.Build.Insert(signInsTable).Columns("user_id", "address", "user_agent", "outcome").
			Values(squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?"))),
		release: pg.Static("take attempt back", squirrel.Expr(`UPDATE identity.attempts SET count = greatest(count - 1, 0)
			WHERE kind = $1 AND key = $2`)),
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
	counts, err := pg.All(ctx, r.db, r.reserve.With(digest[:], addressKey(origin), limits.LockFor.Seconds(), limits.AddressFor.Seconds(), limits.Account, limits.Address),
		func(c *attemptCount) []any { return []any{&c.kind, &c.count, &c.until} })
	if err != nil {
		return domain.Verdict{}, err
	}
	var verdict domain.Verdict
	for _, c := range counts {
		switch {
		case c.kind == "account":
			verdict.AccountLocked = c.count > limits.Account
		case c.count > limits.Address:
			verdict.AddressLimited = true
			verdict.RetryAfter = max(time.Second, time.Until(c.until))
		}
	}
	return verdict, nil
}

type attemptCount struct {
	kind  string
	count int
	until time.Time
}

// Failed implements ports.SignIns.
func (r *SignIns) Failed(ctx context.Context, email domain.Email, s domain.SignIn, limits domain.AttemptLimits) (bool, error) {
	digest := email.Digest()
	n, err := pg.One(ctx, r.db, r.failed.With(digest[:], limits.Account, (*int64)(s.UserID), s.Origin.Address, s.Origin.UserAgent, string(s.Outcome)), pg.Int, nil)
	return n > 0, err
}

// Succeeded implements ports.SignIns. As in Reserve, the address comes before the account.
func (r *SignIns) Succeeded(ctx context.Context, email domain.Email, s domain.SignIn) error {
	return r.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := r.db.Exec(ctx, r.release.With("address", addressKey(s.Origin))); err != nil {
			return err
		}
		if err := r.Unlock(ctx, email); err != nil {
			return err
		}
		_, err := r.db.Exec(ctx, r.note.With((*int64)(s.UserID), s.Origin.Address, s.Origin.UserAgent, string(s.Outcome)))
		return err
	})
}

// Release implements ports.SignIns.
func (r *SignIns) Release(ctx context.Context, email domain.Email, origin domain.Origin) error {
	digest := email.Digest()
	if _, err := r.db.Exec(ctx, r.release.With("account", digest[:])); err != nil {
		return err
	}
	_, err := r.db.Exec(ctx, r.release.With("address", addressKey(origin)))
	return err
}

// Unlock implements ports.SignIns.
func (r *SignIns) Unlock(ctx context.Context, email domain.Email) error {
	digest := email.Digest()
	_, err := r.db.Exec(ctx, r.unlock.With(digest[:]))
	return err
}

// Of implements ports.SignIns.
func (r *SignIns) Of(ctx context.Context, user domain.UserID, request page.Request) (page.Page[domain.SignIn], error) {
	return r.list.Page(ctx, r.db, pg.Build.Select(signInColumns).From(signInsTable).Where("user_id = ?", int64(user)), request)
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
