package postgres

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/pg"
)

// Credentials implements ports.Credentials.
type Credentials struct {
	db                                                   *pg.DB
	byEmail, byNumber, byUser                            pg.Statement
	hold, holdAlone, goesOn, former                      pg.Statement
	store, rehash                                        pg.Statement
	startReset, redeemReset, deleteReset, deletePassword pg.Statement
	deleteFormer, deleteDevices, deleteResets, prune     pg.Statement
}

var _ ports.Credentials = (*Credentials)(nil)

// NewCredentials makes the repository.
func NewCredentials(db *pg.DB) *Credentials {
	account := pg.Build.
		Select("u.id", "u.email", "u.email_digest", "u.full_name", "u.employee_number", "u.phone", "u.is_active",
			"coalesce(c.hash, '')", "coalesce(c.must_change, 'no')", "coalesce(c.changed_at, now())",
			"CASE WHEN r.expires_at > now() THEN r.code_digest END",
			"r.started_by", "u.organization_id", "u.department_id", "c.given_by", givenAt,
			"u.last_sign_in_at > now() - interval '1 minute'").
		From(usersTable + " AS u").
		LeftJoin("identity.credentials AS c ON c.user_id = u.id").
		LeftJoin("identity.password_resets AS r ON r.user_id = u.id").
		Where("u.deleted_at IS NULL")
	return &Credentials{
		db:        db,
		byEmail:   pg.Reads("load account by email", account.Where("u.email_digest = ?")),
		byNumber:  pg.Reads("load account by employee number", account.Where(numbered).Limit(2)),
		byUser:    pg.Reads("load account", account.Where("u.id = ?")),
		hold:      pg.Reads("hold account", squirrel.Expr(holding+" FOR SHARE")),
		holdAlone: pg.Reads("hold account alone", squirrel.Expr(holding+" FOR NO KEY UPDATE")),
		goesOn: pg.Reads("look up session that goes on", pg.Build.Select("id").From(sessionsTable).
			Where("id = ?").Where("user_id = ?").Where("ended_at IS NULL")),
		former: pg.Reads("load former passwords", pg.Build.Select("hash").From("identity.former_passwords").
			Where("user_id = ?").OrderBy("id DESC").Suffix("LIMIT ?")),
		store: pg.Changes("store password", squirrel.Expr(`WITH before AS (
				SELECT hash FROM identity.credentials WHERE user_id = $1
			), kept AS (
				INSERT INTO identity.former_passwords (user_id, hash) SELECT $1, hash FROM before WHERE $4::int > 0
			), old AS (
				DELETE FROM identity.former_passwords WHERE user_id = $1 AND id NOT IN (
					SELECT id FROM identity.former_passwords WHERE user_id = $1 ORDER BY id DESC LIMIT greatest($4::int - 1, 0))
			), started AS (
				DELETE FROM identity.password_resets WHERE user_id = $1 OR started_by = $1
			), known AS (
				DELETE FROM identity.devices WHERE user_id = $1
			)
			INSERT INTO identity.credentials (user_id, hash, must_change, given_by, given_at)
			VALUES ($1, $2, $3, $5, CASE WHEN $3 <> 'no' THEN now() END)
			ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, must_change = excluded.must_change, changed_at = now(),
				given_by = excluded.given_by, given_at = excluded.given_at`)),
		rehash: pg.Changes("replace hash", pg.Build.Update("identity.credentials").Set("hash", squirrel.Expr("?")).
			Where("user_id = ?").Where("hash = ?")),
		startReset: pg.Changes("start password reset", squirrel.Expr(`INSERT INTO identity.password_resets (user_id, code_digest, started_by, expires_at)
			VALUES ($1, $2, $3, now() + make_interval(secs => $4))
			ON CONFLICT (user_id) DO UPDATE SET code_digest = excluded.code_digest, started_by = excluded.started_by,
				started_at = now(), expires_at = excluded.expires_at
			RETURNING expires_at`)),
		redeemReset: pg.Changes("redeem password reset", pg.Build.Delete("identity.password_resets").
			Where("user_id = ?").Where("code_digest = ?").Where("expires_at > now()")),
		prune: pg.Changes("delete password resets", pg.Build.Delete("identity.password_resets").Where("expires_at < now() - interval '1 day'")),
		deleteResets: pg.Changes("delete password resets of a user", pg.Build.Delete("identity.password_resets").
			Where("user_id = ? OR started_by = ?")),
		deleteReset:    pg.Changes("delete password reset", pg.Build.Delete("identity.password_resets").Where("user_id = ?")),
		deletePassword: pg.Changes("delete password", pg.Build.Delete("identity.credentials").Where("user_id = ?")),
		deleteDevices:  pg.Changes("delete user's devices", pg.Build.Delete("identity.devices").Where("user_id = ?")),
		deleteFormer:   pg.Changes("delete former passwords", pg.Build.Delete("identity.former_passwords").Where("user_id = ?")),
	}
}

// ByName implements ports.Credentials.
func (r *Credentials) ByName(ctx context.Context, name domain.AccountName) (ports.Account, error) {
	found, err := pg.All(ctx, r.db, named(name, r.byEmail, r.byNumber), accountFields)
	if err != nil || len(found) != 1 {
		return ports.Account{}, err
	}
	return found[0].whole(), nil
}

// ByUser implements ports.Credentials.
func (r *Credentials) ByUser(ctx context.Context, user domain.UserID) (ports.Account, error) {
	return r.account(ctx, r.byUser.With(int64(user)))
}

// holding locks an active user; the password and the session are looked at in a statement of their own, which sees what
// was stored while the lock was waited for.
const holding = "SELECT id FROM identity.users WHERE id = $1 AND is_active AND deleted_at IS NULL"

// StillGood implements ports.Credentials.
func (r *Credentials) StillGood(ctx context.Context, proved domain.Credential, alone bool) (ports.Account, bool, error) {
	statement := r.hold
	if alone {
		statement = r.holdAlone
	}
	if active, err := r.finds(ctx, statement.With(int64(proved.UserID))); err != nil || !active {
		return ports.Account{}, false, err
	}
	account, err := r.ByUser(ctx, proved.UserID)
	return account, err == nil && account.Credential.ChangedAt.Equal(proved.ChangedAt), err
}

// StillSignedIn implements ports.Credentials.
func (r *Credentials) StillSignedIn(ctx context.Context, user domain.UserID, session domain.SessionID) (bool, error) {
	if active, err := r.finds(ctx, r.hold.With(int64(user))); err != nil || !active {
		return false, err
	}
	return r.finds(ctx, r.goesOn.With(int64(session), int64(user)))
}

func (r *Credentials) finds(ctx context.Context, call pg.Call) (bool, error) {
	found, err := pg.All(ctx, r.db, call, pg.Int)
	return len(found) > 0, err
}

// Former implements ports.Credentials.
func (r *Credentials) Former(ctx context.Context, user domain.UserID, most int) ([]string, error) {
	return pg.All(ctx, r.db, r.former.With(int64(user), most), func(hash *string) []any { return []any{hash} })
}

// Store implements ports.Credentials.
func (r *Credentials) Store(ctx context.Context, c domain.Credential) error {
	_, err := r.db.Exec(ctx, r.store.With(int64(c.UserID), c.Hash, string(c.MustChange), c.Former, (*int64)(c.GivenBy)))
	return err
}

// Rehash implements ports.Credentials.
func (r *Credentials) Rehash(ctx context.Context, user domain.UserID, old, hash string) error {
	_, err := r.db.Exec(ctx, r.rehash.With(hash, int64(user), old))
	return err
}

// StartReset implements ports.Credentials.
func (r *Credentials) StartReset(ctx context.Context, user domain.UserID, codeDigest [32]byte, startedBy *domain.UserID, validity time.Duration) (time.Time, error) {
	call := r.startReset.With(int64(user), codeDigest[:], (*int64)(startedBy), validity.Seconds())
	return pg.One(ctx, r.db, call, func(t *time.Time) []any { return []any{t} }, nil)
}

// RedeemReset implements ports.Credentials.
func (r *Credentials) RedeemReset(ctx context.Context, user domain.UserID, codeDigest [32]byte) (redeemed bool, err error) {
	n, err := r.db.Exec(ctx, r.redeemReset.With(int64(user), codeDigest[:]))
	return n > 0, err
}

// CancelReset implements ports.Credentials.
func (r *Credentials) CancelReset(ctx context.Context, user domain.UserID) (cancelled bool, err error) {
	n, err := r.db.Exec(ctx, r.deleteReset.With(int64(user)))
	return n > 0, err
}

// CancelResetsOf implements ports.Credentials.
func (r *Credentials) CancelResetsOf(ctx context.Context, user domain.UserID) error {
	_, err := r.db.Exec(ctx, r.deleteResets.With(int64(user), int64(user)))
	return err
}

// DeleteAll implements ports.Credentials.
func (r *Credentials) DeleteAll(ctx context.Context, user domain.UserID) error {
	if err := r.CancelResetsOf(ctx, user); err != nil {
		return err
	}
	for _, statement := range []pg.Statement{r.deletePassword, r.deleteFormer, r.deleteDevices} {
		if _, err := r.db.Exec(ctx, statement.With(int64(user))); err != nil {
			return err
		}
	}
	return nil
}

// Prune implements ports.Credentials.
func (r *Credentials) Prune(ctx context.Context) error {
	_, err := r.db.Exec(ctx, r.prune.With())
	return err
}

func (r *Credentials) account(ctx context.Context, call pg.Call) (ports.Account, error) {
	row, err := pg.One(ctx, r.db, call, accountFields, domain.ErrUserNotFound)
	if err != nil {
		return ports.Account{}, err
	}
	return row.whole(), nil
}

// givenAt is when a password was given, of credentials as c.
const givenAt = "coalesce(c.given_at, c.changed_at, now())"

// accountRow is an account as columns hold it.
type accountRow struct {
	account ports.Account
	email   string
	digest  []byte
}

func (r accountRow) whole() ports.Account {
	r.account.Email = emailOf(r.email, r.digest)
	r.account.Credential.UserID = r.account.UserID
	return r.account
}

func accountFields(r *accountRow) []any {
	a := &r.account
	return []any{
		(*int64)(&a.UserID), pg.TextOrNone(&r.email), &r.digest, pg.NullText(&a.FullName), pg.NullText(&a.EmployeeNumber), pg.NullText(&a.Phone), &a.Active,
		&a.Credential.Hash, (*string)(&a.Credential.MustChange), &a.Credential.ChangedAt, &a.CodeDigest, &a.CodeBy,
		pg.NullInt(&a.Place.Organization), pg.NullInt(&a.Place.Department), &a.Credential.GivenBy, &a.Credential.GivenAt,
		&a.SignedIn,
	}
}
