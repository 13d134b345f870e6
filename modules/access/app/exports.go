package app

import (
	"context"
	"iter"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	identityports "erp.internal/modules/identity/ports"
	"erp.internal/platform/page"
)

// Exports are the use cases that export the ledger with names.
type Exports struct{ grants *Grants }

// NewExports makes the use cases.
func NewExports(grants *Grants) *Exports { return &Exports{grants} }

// Entry is a grant with the names of its objects; "" for deleted ones.
type Entry struct {
	Shown
	User                     identityports.Person
	Role                     string
	Organization, Department string
	GranterEmail, EnderEmail string
}

// exportPage is how many grants are in memory at a time.
const exportPage = 1000

// Begin returns all matching grants that the caller may see, the oldest first. Errors in the query are returned before the
// first entry; an error during the export is the last element of the sequence.
//
// Errors: errs.Invalid, errs.Unavailable.
func (e *Exports) Begin(ctx context.Context, wanted GrantQuery) (iter.Seq2[Entry, error], error) {
	filter, err := e.grants.filter(ctx, wanted)
	if err != nil {
		return nil, err
	}
	request := page.Request{Limit: exportPage, Sort: page.Sort{Field: "id"}}
	first, err := e.page(ctx, filter, request)
	if err != nil {
		return nil, err
	}
	return func(yield func(Entry, error) bool) {
		for entries := first; ; {
			for _, entry := range entries.Items {
				if !yield(entry, nil) {
					return
				}
			}
			if entries.Next == nil {
				return
			}
			request.After = entries.Next
			if entries, err = e.page(ctx, filter, request); err != nil {
				yield(Entry{}, err)
				return
			}
		}
	}, nil
}

func (e *Exports) page(ctx context.Context, filter ports.GrantFilter, request page.Request) (page.Page[Entry], error) {
	found, err := e.grants.page(ctx, filter, request)
	if err != nil {
		return page.Page[Entry]{}, err
	}
	var users, organizations, departments []int64
	var roles []domain.RoleID
	for _, g := range found.Items {
		users = append(users, g.UserID, orZero(g.GrantedBy), orZero(g.EndedBy))
		roles = append(roles, g.RoleID)
		organizations = append(organizations, g.Place.Organization)
		departments = append(departments, g.Place.Department)
	}
	people, err := e.grants.people.People(ctx, users...)
	if err != nil {
		return page.Page[Entry]{}, err
	}
	of := make(map[int64]identityports.Person, len(people))
	for _, p := range people {
		of[p.ID] = p
	}
	names, err := e.grants.roles.Names(ctx, roles...)
	if err != nil {
		return page.Page[Entry]{}, err
	}
	places, err := e.grants.places.Names(ctx, organizations, departments)
	if err != nil {
		return page.Page[Entry]{}, err
	}
	entries := make([]Entry, len(found.Items))
	for i, g := range found.Items {
		entries[i] = Entry{
			Shown: g, User: of[g.UserID], Role: names[g.RoleID],
			Organization: places.Organizations[g.Place.Organization], Department: places.Departments[g.Place.Department],
			GranterEmail: of[orZero(g.GrantedBy)].Email, EnderEmail: of[orZero(g.EndedBy)].Email,
		}
	}
	return page.Page[Entry]{Items: entries, Next: found.Next}, nil
}
