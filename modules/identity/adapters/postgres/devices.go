package postgres

import (
	"context"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/pg"
)

// Devices implements ports.Devices.
type Devices struct {
	db                     *pg.DB
	known, remember, prune pg.Statement
}

var _ ports.Devices = (*Devices)(nil)

// NewDevices makes the repository.
func NewDevices(db *pg.DB) *Devices {
	return &Devices{
		db: db,
		known: pg.Static("look up device", squirrel.Expr(`SELECT d.id FROM identity.devices AS d
			WHERE d.token_digest = $2 AND d.last_used_at > now() - make_interval(secs => $3)
				AND d.user_id = (SELECT id FROM identity.users WHERE email_digest = $1 AND deleted_at IS NULL)`)),
		remember: pg.Static("remember device", squirrel.Expr(`WITH came AS (
				SELECT EXISTS (SELECT 1 FROM identity.devices WHERE token_digest = $2 AND last_used_at > now() - make_interval(secs => $4)) AS known
			), device AS (
				SELECT CASE WHEN known THEN $2::bytea ELSE $3::bytea END AS token_digest FROM came
			), stored AS (
				INSERT INTO identity.devices (user_id, token_digest) SELECT $1::bigint, token_digest FROM device
				ON CONFLICT (token_digest, user_id) DO UPDATE SET last_used_at = now()
			), beyond AS (
				DELETE FROM identity.devices WHERE id IN (
					SELECT id FROM identity.devices WHERE user_id = $1 AND token_digest <> (SELECT token_digest FROM device)
					ORDER BY last_used_at DESC, id DESC OFFSET $5)
			)
			SELECT known FROM came`)),
		prune: pg.Static("forget devices", squirrel.Expr("DELETE FROM identity.devices WHERE last_used_at < now() - make_interval(secs => $1)")),
	}
}

// Known implements ports.Devices.
func (r *Devices) Known(ctx context.Context, email domain.Email, tokenDigest [32]byte) (domain.DeviceID, error) {
	digest := email.Digest()
	found, err := pg.All(ctx, r.db, r.known.With(digest[:], tokenDigest[:], domain.DeviceLife.Seconds()), pg.Int)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return domain.DeviceID(found[0]), nil
}

// Remember implements ports.Devices.
func (r *Devices) Remember(ctx context.Context, user domain.UserID, cameWith, newDigest [32]byte) (bool, error) {
	call := r.remember.With(int64(user), cameWith[:], newDigest[:], domain.DeviceLife.Seconds(), domain.MostDevices-1)
	return pg.One(ctx, r.db, call, func(came *bool) []any { return []any{came} }, nil)
}

// Prune implements ports.Devices.
func (r *Devices) Prune(ctx context.Context) error {
	_, err := r.db.Exec(ctx, r.prune.With(domain.DeviceLife.Seconds()))
	return err
}
