// Package journal stores the events of changes in their transactions, and delivers them to every server.
package journal

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"

	"erp.internal/platform/change"
	"erp.internal/platform/pg"
)

// Journal is the table journal.entries, which is append-only.
type Journal struct {
	db      *pg.DB
	log     *zap.Logger
	add     pg.Statement
	addWith pg.Statement // the row that is being stored
	see     pg.Statement
	prepare pg.Statement
	feed
	refusals refusals
}

const (
	columns = `INSERT INTO journal.entries (actor_kind, actor_id, request_id, session_id, address, operation,
		kind, subject_kind, subject_id, user_id, organization_id, department_id, reason, public, personal) `
	who  = "$1, nullif($2::bigint, 0), nullif($3, ''), nullif($4::bigint, 0), nullif($5, '')::inet, $6, $7, $8, "
	rest = ", nullif($13, ''), nullif($14, '')::jsonb, nullif($15, '')::jsonb"
)

// New makes the journal.
func New(db *pg.DB, log *zap.Logger) *Journal {
	return &Journal{
		db: db, log: log,
		feed: feed{wake: make(chan struct{}, 1), restAfter: restAfter},
		add: pg.Changes("add to the journal", squirrel.Expr(columns+
			"VALUES ("+who+"$9, nullif($10::bigint, 0), nullif($11::bigint, 0), nullif($12::bigint, 0)"+rest+")")),
		addWith: pg.Changes("add to the journal", squirrel.Expr(columns+
			"SELECT "+who+idOr("$9")+", "+idOr("$10")+", "+idOr("$11")+", "+idOr("$12")+rest+" FROM changed")),
		see:     pg.Reads("see the journal", squirrel.Expr(see)),
		prepare: pg.Changes("prepare the journal", squirrel.Expr("SELECT journal.prepare()")),
	}
}

// idOr is an id, or that of the row which is being stored.
func idOr(id string) string {
	return fmt.Sprintf("CASE %s::bigint WHEN 0 THEN NULL WHEN %d THEN changed.id ELSE %[1]s END", id, change.NewID)
}

// Append implements change.Journal.
func (j *Journal) Append(ctx context.Context, origin change.Origin, events []change.Event) error {
	for _, e := range events { // a statement for each costs less than one of arrays for the one or few that a change has
		entry, err := entryOf(origin, e)
		if err != nil {
			return err
		}
		j.db.AtCommit(ctx, j.add.With(entry...))
	}
	return nil
}

// AppendWith implements change.Journal.
func (j *Journal) AppendWith(ctx context.Context, origin change.Origin, e change.Event) context.Context {
	entry, err := entryOf(origin, e)
	if err != nil { // Append says so
		return ctx
	}
	return j.db.Last(ctx, j.addWith.With(entry...))
}

// entryOf returns the row of an event.
//
// Errors: a value that JSON cannot hold.
func entryOf(origin change.Origin, e change.Event) ([]any, error) {
	kept, err := e.Kept()
	if err != nil {
		return nil, err
	}
	return []any{
		string(origin.Actor.Kind), origin.Actor.ID, origin.RequestID, origin.SessionID, origin.Address, origin.Operation,
		e.Kind, e.Subject.Kind, e.Subject.ID, e.User, e.Place.Organization, e.Place.Department, e.Reason, kept.Public, kept.Personal,
	}, nil
}

// Prepare creates the partitions of the next months. It is called regularly, long before they are needed.
//
// Errors: pg.ErrUnavailable.
func (j *Journal) Prepare(ctx context.Context) error {
	_, err := j.db.Exec(ctx, j.prepare.With())
	return err
}
