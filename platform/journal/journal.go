// Package journal keeps what happened, in the transaction in which it happened, and tells every server of it.
package journal

import (
	"context"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"

	"erp.internal/platform/change"
	"erp.internal/platform/pg"
)

// Journal is the table journal.entries: rows are added to it, and never changed or deleted.
type Journal struct {
	db      *pg.DB
	log     *zap.Logger
	add     pg.Statement
	see     pg.Statement
	prepare pg.Statement
	feed
	refusals refusals
}

// New makes the journal.
func New(db *pg.DB, log *zap.Logger) *Journal {
	return &Journal{
		db: db, log: log,
		add: pg.Changes("add to the journal", squirrel.Expr(`INSERT INTO journal.entries (actor_kind, actor_id, request_id, session_id, address, operation,
				kind, subject_kind, subject_id, user_id, organization_id, department_id, reason, public, personal)
			VALUES ($1, nullif($2::bigint, 0), nullif($3, ''), nullif($4::bigint, 0), nullif($5, '')::inet, $6,
				$7, $8, $9, nullif($10::bigint, 0), nullif($11::bigint, 0), nullif($12::bigint, 0), nullif($13, ''), nullif($14, '')::jsonb, nullif($15, '')::jsonb)`)),
		see:     pg.Reads("see the journal", squirrel.Expr(see)),
		prepare: pg.Changes("prepare the journal", squirrel.Expr("SELECT journal.prepare()")),
	}
}

// Append implements change.Journal.
func (j *Journal) Append(ctx context.Context, origin change.Origin, events []change.Event) error {
	for _, e := range events { // a statement for each costs less than one of arrays for the one or few that a change has
		kept, err := e.Kept()
		if err != nil {
			return err
		}
		j.db.AtCommit(ctx, j.add.With(string(origin.Actor.Kind), origin.Actor.ID, origin.RequestID, origin.SessionID, origin.Address, origin.Operation,
			e.Kind, e.Subject.Kind, e.Subject.ID, e.User, e.Organization, e.Department, e.Reason, kept.Public, kept.Personal))
	}
	return nil
}

// Prepare makes room for the months to come. It is called now and then, long before that is needed.
//
// Errors: pg.ErrUnavailable.
func (j *Journal) Prepare(ctx context.Context) error {
	_, err := j.db.Exec(ctx, j.prepare.With())
	return err
}
