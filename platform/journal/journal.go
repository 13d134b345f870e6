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
			SELECT $1, nullif($2::bigint, 0), nullif($3, ''), nullif($4::bigint, 0), nullif($5, '')::inet, $6,
				e.kind, e.subject_kind, e.subject_id, nullif(e.user_id, 0), nullif(e.organization_id, 0), nullif(e.department_id, 0),
				nullif(e.reason, ''), nullif(e.public, '')::jsonb, nullif(e.personal, '')::jsonb
			FROM unnest($7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[])
				AS e (kind, subject_kind, subject_id, user_id, organization_id, department_id, reason, public, personal)`)),
		see:     pg.Reads("see the journal", squirrel.Expr(see)),
		prepare: pg.Changes("prepare the journal", squirrel.Expr("SELECT journal.prepare()")),
	}
}

// Append implements change.Journal.
func (j *Journal) Append(ctx context.Context, origin change.Origin, events []change.Event) error {
	var kinds, subjects, reasons, publics, personals []string
	var ids, users, organizations, departments []int64
	for _, e := range events {
		kept, err := e.Kept()
		if err != nil {
			return err
		}
		kinds, subjects, ids = append(kinds, e.Kind), append(subjects, e.Subject.Kind), append(ids, e.Subject.ID)
		users, organizations, departments = append(users, e.User), append(organizations, e.Organization), append(departments, e.Department)
		reasons, publics, personals = append(reasons, e.Reason), append(publics, kept.Public), append(personals, kept.Personal)
	}
	j.db.AtCommit(ctx, j.add.With(string(origin.Actor.Kind), origin.Actor.ID, origin.RequestID, origin.SessionID, origin.Address, origin.Operation,
		kinds, subjects, ids, users, organizations, departments, reasons, publics, personals))
	return nil
}

// Prepare makes room for the months to come. It is called now and then, long before that is needed.
//
// Errors: pg.ErrUnavailable.
func (j *Journal) Prepare(ctx context.Context) error {
	_, err := j.db.Exec(ctx, j.prepare.With())
	return err
}
