package postgres

import (
	"context"
	"errors"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/cache"
	"erp.internal/platform/pg"
)

// Directory implements ports.Directory.
type Directory struct {
	db                                    *pg.DB
	people                                *pg.Rows[ports.Person]
	byIDs, deactivated, byEmail, byNumber pg.Statement
}

var _ ports.Directory = (*Directory)(nil)

// NewDirectory makes the directory.
func NewDirectory(db *pg.DB, hub *cache.Hub) *Directory {
	person := pg.Build.
		Select("id", "u.email", "u.full_name", "u.employee_number", "u.organization_id", "u.department_id", "u.is_active", "u.deleted_at IS NOT NULL").
		From(usersTable + " AS u")
	return &Directory{
		db: db,
		people: pg.NewRows(db, hub, pg.RowsOptions[ports.Person]{
			Name: "people", Query: person, Fields: personFields, Missing: domain.ErrUserNotFound,
			ID: func(p *ports.Person) int64 { return p.ID }, Rules: userRules,
		}),
		byIDs: pg.Reads("look up users", person.Where("id = ANY(?)")),
		deactivated: pg.Reads("look up deactivated users", pg.Build.Select("id").From(usersTable).
			Where("NOT is_active").Where(pg.Live)),
		byEmail:  pg.Reads("look up email", person.Where("u.email_digest = ?").Where("u.deleted_at IS NULL")),
		byNumber: pg.Reads("look up employee number", person.Where(numbered).Where("u.deleted_at IS NULL").Limit(2)),
	}
}

// People implements ports.Directory.
func (d *Directory) People(ctx context.Context, users ...int64) ([]ports.Person, error) {
	if len(users) == 1 {
		person, err := d.people.ByID(ctx, users[0])
		if errors.Is(err, domain.ErrUserNotFound) {
			return nil, nil
		}
		return []ports.Person{person}, err
	}
	return pg.All(ctx, d.db, d.byIDs.With(users), personFields)
}

// Deactivated implements ports.Directory.
func (d *Directory) Deactivated(ctx context.Context) ([]int64, error) {
	return pg.All(ctx, d.db, d.deactivated.With(), pg.Int)
}

// PersonByName implements ports.Directory.
func (d *Directory) PersonByName(ctx context.Context, name string, organization *int64) (ports.Person, bool, error) {
	found, err := pg.All(ctx, d.db, named(domain.ParseAccountName(name, organization), d.byEmail, d.byNumber), personFields)
	if err != nil || len(found) != 1 {
		return ports.Person{}, false, err
	}
	return found[0], true, nil
}

// numbered is the condition for users, as u, with the key of an employee number, of an organization if there is one.
const numbered = "u.employee_number_key = ? AND coalesce(u.organization_id, 0) = coalesce(?, u.organization_id, 0)"

// named returns the call that reads the users with a name; of a name that is neither an email nor an employee number, it reads
// none.
func named(name domain.AccountName, byEmail, byNumber pg.Statement) pg.Call {
	if name.NumberKey != "" {
		return byNumber.With(name.NumberKey, name.Organization)
	}
	digest := name.Digest()
	return byEmail.With(digest[:])
}

func personFields(a *ports.Person) []any {
	return []any{&a.ID, pg.TextOrNone(&a.Email), pg.NullText(&a.FullName), pg.NullText(&a.EmployeeNumber), pg.NullInt(&a.Place.Organization), pg.NullInt(&a.Place.Department), &a.Active, &a.Deleted}
}
