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
		known: pg.Reads("look up device", squirrel.Expr(`SELECT d.id FROM identity.devices AS d
			WHERE d.token_digest = ANY($2) AND d.last_used_at > now() - make_interval(secs => $3)
				AND d.user_id = $1
			ORDER BY d.last_used_at DESC, d.id DESC LIMIT 1`)),
		remember: pg.Changes("remember device", squirrel.Expr(`WITH came AS (
				SELECT token_digest FROM identity.devices WHERE token_digest = ANY($2) AND last_used_at > now() - make_interval(secs => $4)
				ORDER BY user_id = $1 DESC, last_used_at DESC, id DESC LIMIT 1
			), device AS (
				SELECT coalesce((SELECT token_digest FROM came), $3::bytea) AS token_digest
			), stored AS (
				INSERT INTO identity.devices (user_id, token_digest) SELECT $1::bigint, token_digest FROM device
				ON CONFLICT (token_digest, user_id) DO UPDATE SET last_used_at = now()
			), beyond AS (
				DELETE FROM identity.devices WHERE id IN (
					SELECT id FROM identity.devices WHERE user_id = $1 AND token_digest <> (SELECT token_digest FROM device)
					ORDER BY last_used_at DESC, id DESC OFFSET $5)
			)
			SELECT token_digest FROM device`)),
		prune: pg.Changes("delete devices", squirrel.Expr("DELETE FROM identity.devices WHERE last_used_at < now() - make_interval(secs => $1)")),
	}
}

// Known implements ports.Devices.
func (r *Devices) Known(ctx context.Context, user domain.UserID, tokenDigests [][32]byte) (domain.DeviceID, error) {
	found, err := pg.All(ctx, r.db, r.known.With(int64(user), bytesOf(tokenDigests), domain.DeviceLife.Seconds()), pg.Int)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return domain.DeviceID(found[0]), nil
}

// Remember implements ports.Devices.
func (r *Devices) Remember(ctx context.Context, user domain.UserID, cameWith [][32]byte, newDigest [32]byte) ([32]byte, error) {
	call := r.remember.With(int64(user), bytesOf(cameWith), newDigest[:], domain.DeviceLife.Seconds(), domain.MostDevices-1)
	used, err := pg.One(ctx, r.db, call, func(used *[]byte) []any { return []any{used} }, nil)
	if err != nil {
		return [32]byte{}, err
	}
	return [32]byte(used), nil
}

// bytesOf returns digests as Postgres takes them.
func bytesOf(digests [][32]byte) [][]byte {
	as := make([][]byte, len(digests))
	for i := range digests {
		as[i] = digests[i][:]
	}
	return as
}

// Prune implements ports.Devices.
func (r *Devices) Prune(ctx context.Context) error {
	_, err := r.db.Exec(ctx, r.prune.With(domain.DeviceLife.Seconds()))
	return err
}
