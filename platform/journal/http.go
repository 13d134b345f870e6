package journal

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"erp.internal/platform/authz"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/httpx"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// AuditRead is the permission to read the journal, of the whole system or of an organization.
const AuditRead authz.Permission = "audit.read"

func permissions() []authz.Described {
	return []authz.Described{
		{Permission: AuditRead, Least: place.OrganizationLevel, Description: "See the history of changes"},
	}
}

// Routes are the operations of the journal.
type Routes struct {
	journal *Journal
	authz   authz.Authorizer
}

// NewRoutes makes the routes.
func NewRoutes(journal *Journal, authorizer authz.Authorizer) *Routes {
	return &Routes{journal: journal, authz: authorizer}
}

// Name implements httpx.Routes.
func (*Routes) Name() string { return "journal" }

// Change is an entry in answers.
type Change struct {
	ID        int64         `json:"id" example:"4711"`
	At        time.Time     `json:"at" doc:"When the change was stored"`
	Actor     ChangeActor   `json:"actor"`
	Operation string        `json:"operation" example:"move-department" doc:"The id of the operation, a command, or a background task"`
	RequestID *string       `json:"request_id"`
	SessionID *int64        `json:"session_id"`
	Address   *string       `json:"address" example:"192.0.2.7"`
	Kind      string        `json:"kind" example:"department.moved"`
	Subject   ChangeSubject `json:"subject"`
	UserID    *int64        `json:"user_id" doc:"The user that the change is about"`
	place.IDs
	Reason *string        `json:"reason"`
	Fields []ChangedField `json:"fields" nullable:"false" doc:"The changed fields, by name"`
}

// ChangeActor is the actor of a change.
type ChangeActor struct {
	Kind string `json:"kind" enum:"nobody,user,operator,system" doc:"user: a signed-in user; operator: the operator of the server, at the command line; system: the server itself; nobody: a caller who was not signed in"`
	ID   *int64 `json:"id" doc:"The id of a user"`
}

// ChangeSubject is the object of a change.
type ChangeSubject struct {
	Kind string `json:"kind" example:"department"`
	ID   int64  `json:"id" example:"7"`
}

// ChangedField is a field that changed.
type ChangedField struct {
	Name     string `json:"name" example:"parent_id"`
	Before   any    `json:"before" doc:"null for none"`
	After    any    `json:"after" doc:"null for none"`
	Personal bool   `json:"personal" doc:"The field is personal data, which can be erased"`
	Secret   bool   `json:"secret" doc:"The value is secret and not stored"`
}

const nobody = "nobody" // change.Nobody in answers

func changeOf(e Entry) (Change, error) {
	c := Change{
		ID: e.ID, At: e.At, Actor: ChangeActor{Kind: string(e.Origin.Actor.Kind), ID: given(e.Origin.Actor.ID)}, Operation: e.Origin.Operation,
		RequestID: given(e.Origin.RequestID), SessionID: given(e.Origin.SessionID), Address: given(e.Origin.Address),
		Kind: e.Kind, Subject: ChangeSubject{e.Subject.Kind, e.Subject.ID}, UserID: e.UserID,
		IDs: e.Place.IDs(), Reason: e.Reason, Fields: []ChangedField{},
	}
	if c.Actor.Kind == "" {
		c.Actor.Kind = nobody
	}
	for personal, kept := range map[bool]jsontext.Value{false: e.Public, true: e.Personal} {
		if len(kept) == 0 {
			continue
		}
		var pairs map[string][]any
		if err := json.Unmarshal(kept, &pairs); err != nil {
			return Change{}, err
		}
		for _, name := range slices.Sorted(maps.Keys(pairs)) {
			field := ChangedField{Name: name, Personal: personal, Secret: len(pairs[name]) == 0}
			if !field.Secret {
				field.Before, field.After = pairs[name][0], pairs[name][1]
			}
			c.Fields = append(c.Fields, field)
		}
	}
	slices.SortFunc(c.Fields, func(a, b ChangedField) int { return cmp.Compare(a.Name, b.Name) })
	return c, nil
}

// given returns nil for a zero value.
func given[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

type listChanges struct {
	httpx.ListInput
	From           string `query:"from" format:"date-time" doc:"Return only changes from this moment on (RFC 3339)"`
	Until          string `query:"until" format:"date-time" doc:"Return only changes before this moment (RFC 3339)"`
	ActorKind      string `query:"actor_kind" enum:"nobody,user,operator,system" doc:"Return only changes by this kind of actor"`
	ActorID        int64  `query:"actor_id" minimum:"1" doc:"Return only items of this user"`
	Operation      string `query:"operation" maxLength:"100" pattern:"^[A-Za-z0-9_. -]*$" patternDescription:"letters, digits, spaces, _, . and -" doc:"Return only changes by this operation"`
	Kind           string `query:"kind" maxLength:"100" pattern:"^[a-z0-9_.]*$" patternDescription:"small letters, digits, _ and ." doc:"Return only changes of this kind; with a dot at the end, of all kinds with this prefix, such as department."`
	SubjectKind    string `query:"subject_kind" maxLength:"100" pattern:"^[a-z0-9_]*$" patternDescription:"small letters, digits and _" doc:"Return only changes of this kind of object, such as department"`
	SubjectID      int64  `query:"subject_id" minimum:"1" doc:"Return only changes of the object with this id"`
	UserID         int64  `query:"user_id" minimum:"1" doc:"Return only changes about this user, or about an object of the user"`
	OrganizationID int64  `query:"organization_id" minimum:"1" doc:"Return only changes in this organization"`
	DepartmentID   int64  `query:"department_id" minimum:"1" doc:"Return only changes in this department, without its descendants"`
	Sort           string `query:"sort" default:"-at" enum:"at,-at" doc:"Sort field; prefix - for descending order"`
}

func (in *listChanges) filter() (Filter, error) {
	f := Filter{
		Operation: in.Operation, Kind: in.Kind, SubjectKind: in.SubjectKind, SubjectID: given(in.SubjectID), ActorID: given(in.ActorID),
		UserID: given(in.UserID), Place: place.Place{Organization: in.OrganizationID, Department: in.DepartmentID}, Search: in.Q.Text(),
	}
	switch {
	case in.ActorKind == nobody:
		f.ActorKind = new(change.Nobody)
	case in.ActorKind != "":
		f.ActorKind = new(change.ActorKind(in.ActorKind))
	case f.ActorID != nil:
		f.ActorKind = new(change.User)
	}
	var v errs.Violations
	f.From, f.Until = httpx.Moment(&v, "from", in.From), httpx.Moment(&v, "until", in.Until)
	return f, v.Err()
}

// Register implements httpx.Routes.
func (r *Routes) Register(api *httpx.API) {
	const tag = "Changes"
	api.Tag(tag, "The journal: who changed what, when, by which operation, with old and new values.")
	httpx.Register(api, httpx.Operation{
		ID: "list-changes", Method: http.MethodGet, Path: "/changes", Tag: tag, Access: AuditRead,
		Summary: "List changes", Description: "Changes, and refusals of signed-in callers. q searches operations, kinds and reasons.",
	}, func(ctx context.Context, in *listChanges) (*httpx.ListOutput[Change], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		filter, err := in.filter()
		if err != nil {
			return nil, err
		}
		if filter.Scope, err = r.authz.Scope(ctx, AuditRead); err != nil {
			return nil, err
		}
		found, err := r.journal.List(ctx, filter, request)
		if err != nil {
			return nil, err
		}
		changes := make([]Change, len(found.Items))
		for i, e := range found.Items {
			if changes[i], err = changeOf(e); err != nil {
				return nil, err
			}
		}
		return httpx.List(api, &in.ListInput, page.Of(found, changes), func(c Change) Change { return c }), nil
	})
}
