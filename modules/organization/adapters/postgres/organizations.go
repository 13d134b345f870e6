// Package postgres keeps organizations and departments in Postgres. It is the only package that knows their tables.
package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/cache"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

const (
	organizationsTable  = "organization.organizations"
	organizationColumns = "id, name, description, version, created_at, updated_at"
)

// Organizations implements ports.Organizations.
type Organizations struct {
	storing, deleting *pg.DB
	rows              *pg.Rows[domain.Organization]
	create            pg.Statement
	update            pg.Statement
	remove            pg.Statement
	list              pg.List[domain.Organization]
	searched          *search.Index
}

var _ ports.Organizations = (*Organizations)(nil)

// NewOrganizations makes the repository.
func NewOrganizations(db *pg.DB, hub *cache.Hub) *Organizations {
	live := pg.Build.Select(organizationColumns).From(organizationsTable).Where(pg.Live)
	return &Organizations{
		storing: db.Storing(map[string]error{
			"organizations_name_key":      domain.ErrOrganizationNameTaken,
			"organizations_seen_name_key": domain.ErrOrganizationNameTaken,
		}),
		deleting: db.Deleting(map[string]error{"departments_organization_fk": domain.ErrOrganizationHasDepartments}),
		rows: pg.NewRows(db, hub, pg.RowsOptions[domain.Organization]{
			Name: "organizations", Query: live, Fields: organizationFields, Missing: domain.ErrOrganizationNotFound,
			ID:        func(o *domain.Organization) int64 { return int64(o.ID) },
			Rules:     cache.Rules{domain.OrganizationChanged: cache.OfSubject, domain.OrganizationDeleted: cache.OfSubject},
			ForUpdate: "FOR NO KEY UPDATE",
		}),
		create: pg.Changes("store organization", pg.Build.Insert(organizationsTable).Columns("name", "description", "search", "search_grams").
			Values(squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?"), squirrel.Expr("?")).Suffix("RETURNING "+organizationColumns)),
		update: pg.Changes("change organization", pg.Build.Update(organizationsTable).
			Set("name", squirrel.Expr("?")).Set("description", squirrel.Expr("?")).
			Set("search", squirrel.Expr("?")).Set("search_grams", squirrel.Expr("?")).
			Set("version", squirrel.Expr("version + 1")).Set("updated_at", squirrel.Expr("now()")).
			Where("id = ?").Where("version = ?").Where(pg.Live).Where(pg.Assumed).Suffix("RETURNING "+organizationColumns)),
		remove: pg.Changes("delete organization", pg.Retire(organizationsTable)),
		list: pg.List[domain.Organization]{
			Name: "list organizations",
			ID:   func(o domain.Organization) int64 { return int64(o.ID) },
			Columns: map[string]pg.Column[domain.Organization]{
				"name":       pg.TextColumn("name", func(o domain.Organization) string { return o.Name }),
				"created_at": pg.TimeColumn("created_at", func(o domain.Organization) time.Time { return o.CreatedAt }),
				"updated_at": pg.TimeColumn("updated_at", func(o domain.Organization) time.Time { return o.UpdatedAt }),
			},
			Fields: organizationFields,
			Long:   []string{"description"},
		},
		searched: search.NewIndex(db, organizationsTable, "name", "description"),
	}
}

// Searched is the index by which organizations are searched.
func (r *Organizations) Searched() *search.Index { return r.searched }

// ByID implements ports.Organizations.
func (r *Organizations) ByID(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	return r.rows.ByID(ctx, int64(id))
}

// ForUpdate implements ports.Organizations.
func (r *Organizations) ForUpdate(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	return r.rows.Lock(ctx, int64(id))
}

// ToChange implements ports.Organizations.
func (r *Organizations) ToChange(ctx context.Context, id domain.OrganizationID) (domain.Organization, error) {
	return r.rows.ToChange(ctx, int64(id))
}

// List implements ports.Organizations.
func (r *Organizations) List(ctx context.Context, filter ports.OrganizationFilter, request page.Request) (page.Page[domain.Organization], error) {
	query := pg.Build.Select(organizationColumns).From(organizationsTable)
	if !filter.Deleted {
		query = query.Where(pg.Live)
	}
	list := r.list
	ids, all := visible(filter)
	if !filter.Search.Empty() {
		list, query = search.Listed(r.searched, list, query, !all, filter.Search, "", nil)
	}
	if !all {
		query = query.Where("id = ANY(?)", ids)
	}
	return list.Page(ctx, r.storing, query, request)
}

// Search implements ports.Organizations.
func (r *Organizations) Search(ctx context.Context, q search.Query, scope place.Scope, atLeast int) ([]domain.Organization, error) {
	live := pg.Build.Select(organizationColumns).From(organizationsTable).Where(pg.Live)
	var visible squirrel.Sqlizer
	if !scope.Everywhere {
		visible = squirrel.Expr("id = ANY(?)", scope.Organizations)
	}
	return pg.All(ctx, r.storing, r.searched.Best(q, live, visible, atLeast, "", nil), organizationFields)
}

// visible returns the organizations with the wanted ids that the caller may see; all says that there is no such limit.
func visible(filter ports.OrganizationFilter) (ids []domain.OrganizationID, all bool) {
	if filter.Scope.Everywhere {
		return filter.IDs, filter.IDs == nil
	}
	ids = []domain.OrganizationID{}
	for _, id := range filter.Scope.Organizations {
		if id := domain.OrganizationID(id); filter.IDs == nil || slices.Contains(filter.IDs, id) {
			ids = append(ids, id)
		}
	}
	return ids, false
}

// Create implements ports.Organizations.
func (r *Organizations) Create(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	forms := search.FormsOf(&o.Name, o.Description)
	return pg.One(ctx, r.storing, r.create.With(o.Name, o.Description, forms.Keys, forms.Grams), organizationFields, nil)
}

// Update implements ports.Organizations.
func (r *Organizations) Update(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	forms := search.FormsOf(&o.Name, o.Description)
	return pg.One(ctx, r.storing, r.update.With(o.Name, o.Description, forms.Keys, forms.Grams, int64(o.ID), o.Version, r.storing.Assumption(ctx)), organizationFields, etag.ErrStale)
}

// Delete implements ports.Organizations.
func (r *Organizations) Delete(ctx context.Context, id domain.OrganizationID) error {
	return r.deleting.Remove(ctx, r.remove.With(id), int64(id))
}

func organizationFields(o *domain.Organization) []any {
	return []any{(*int64)(&o.ID), &o.Name, pg.NullText(&o.Description), &o.Version, &o.CreatedAt, &o.UpdatedAt}
}
