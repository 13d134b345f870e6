package journal

import (
	"context"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"erp.internal/platform/change"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
)

// Entry is the journal's row of an event.
type Entry struct {
	ID       int64
	At       time.Time
	Origin   change.Origin
	Kind     string
	Subject  change.Subject
	UserID   *int64 // the user of a subject that belongs to one
	Place    place.Place
	Reason   *string
	Public   jsontext.Value // see change.Kept; nil for none
	Personal jsontext.Value // the same; nil also if it was erased
}

// Filter filters entries.
type Filter struct {
	From, Until *time.Time // by the time of storing; Until is exclusive
	ActorKind   *change.ActorKind
	ActorID     *int64 // of a user
	Operation   string // "" for any
	Kind        string // "" for any; "department." for all kinds with this prefix
	SubjectKind string // "" for any
	SubjectID   *int64
	UserID      *int64      // about the user, or an object of the user
	Place       place.Place // an organization, a department or both
	Search      string      // in operations, kinds and reasons; "" for all
	Scope       place.Scope
}

const entryColumns = `id, at, actor_kind, coalesce(actor_id, 0), coalesce(request_id, ''), coalesce(session_id, 0), coalesce(host(address), ''), operation,
	kind, subject_kind, subject_id, user_id, organization_id, department_id, reason, public, personal`

var entries = pg.List[Entry]{
	Name:    "list the journal",
	ID:      func(e Entry) int64 { return e.ID },
	Columns: map[string]pg.Column[Entry]{"at": pg.TimeColumn("at", func(e Entry) time.Time { return e.At })},
	Fields:  (*Entry).fields,
	Long:    []string{"reason"},
}

func (e *Entry) fields() []any {
	return []any{
		&e.ID, &e.At, &e.Origin.Actor.Kind, &e.Origin.Actor.ID, &e.Origin.RequestID, &e.Origin.SessionID, &e.Origin.Address, &e.Origin.Operation,
		&e.Kind, &e.Subject.Kind, &e.Subject.ID, &e.UserID, pg.NullInt(&e.Place.Organization), pg.NullInt(&e.Place.Department), pg.NullText(&e.Reason),
		(*[]byte)(&e.Public), (*[]byte)(&e.Personal),
	}
}

// List returns a page of the journal; it can be sorted by at.
//
// Errors: page.ErrCursor, errs.Unavailable.
func (j *Journal) List(ctx context.Context, f Filter, request page.Request) (page.Page[Entry], error) {
	query := pg.Build.Select(entryColumns).From("journal.entries")
	if f.From != nil {
		query = query.Where("at >= ?", *f.From)
	}
	if f.Until != nil {
		query = query.Where("at < ?", *f.Until)
	}
	within := pg.Within{Scope: f.Scope, At: f.Place, Organization: "organization_id", Department: "department_id"}
	if f.ActorKind != nil {
		query = query.Where("actor_kind = ?", string(*f.ActorKind))
		if *f.ActorKind != change.User && f.Scope.Everywhere { // they have no id; within places, the planner would expect too few
			within.Null = "actor_id"
		}
	}
	if f.Operation != "" {
		query = query.Where("operation = ?", f.Operation)
	}
	switch begins := strings.HasSuffix(f.Kind, "."); {
	case begins:
		query = query.Where("starts_with(kind, ?)", f.Kind)
	case f.Kind != "":
		query = query.Where("kind = ?", f.Kind)
	}
	if f.SubjectKind != "" {
		query = query.Where("subject_kind = ?", f.SubjectKind)
	}
	for column, id := range map[string]*int64{
		"actor_id": f.ActorID, "subject_id": f.SubjectID, "user_id": f.UserID,
	} {
		if id != nil {
			query = query.Where(column+" = ?", *id)
		}
	}
	if f.Search != "" {
		query = query.Where(pg.Contains(f.Search, "operation", "kind", "reason"))
	}
	return entries.PageWithin(ctx, j.db, query, within, request)
}
