package postgres

import (
	"context"
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
	departmentsTable  = "organization.departments"
	departmentColumns = "id, organization_id, parent_id, name, code, sort_order, version, created_at, updated_at"
)

// Departments implements ports.Departments.
type Departments struct {
	storing, deleting *pg.DB
	rows              *pg.Rows[domain.Department]
	forUpdate         pg.Statement
	count             pg.Statement
	countBelow        pg.Statement
	lock              pg.Statement
	nodes             pg.Statement
	below             pg.Statement
	top               pg.Statement
	create            pg.Statement
	update            pg.Statement
	reorder           pg.Statement
	remove            pg.Statement
	list              pg.List[domain.Department]
	searched          *search.Index
}

var _ ports.Departments = (*Departments)(nil)

// NewDepartments makes the repository.
func NewDepartments(db *pg.DB, hub *cache.Hub) *Departments {
	live := pg.Build.Select(departmentColumns).From(departmentsTable).Where(pg.Live)
	count := pg.Build.Select("count(*)").From(departmentsTable)
	value := squirrel.Expr("?")
	return &Departments{
		storing: db.Storing(map[string]error{
			"departments_code_key":        domain.ErrDepartmentCodeTaken,
			"departments_seen_code_key":   domain.ErrDepartmentCodeTaken,
			"departments_organization_fk": domain.ErrUnknownOrganization,
			"departments_parent_fk":       domain.ErrUnknownParent,
			"departments_not_own_parent":  domain.ErrMoveIntoOwnSubtree,
		}),
		deleting: db.Deleting(map[string]error{"departments_parent_fk": domain.ErrDepartmentHasChildren}),
		rows: pg.NewRows(db, hub, pg.RowsOptions[domain.Department]{
			Name: "departments", Query: live, Fields: departmentFields, Missing: domain.ErrDepartmentNotFound,
			ID:    func(d *domain.Department) int64 { return int64(d.ID) },
			Owner: func(d *domain.Department) int64 { return int64(d.OrganizationID) }, // a change may renumber siblings
			Rules: cache.Rules{
				domain.DepartmentCreated: cache.OfOrganization, domain.DepartmentChanged: cache.OfOrganization,
				domain.DepartmentMoved: cache.OfOrganization, domain.DepartmentDeleted: cache.OfOrganization,
			},
		}),
		forUpdate:  pg.Reads("lock department", live.Where("id = ?").Suffix("FOR NO KEY UPDATE")),
		count:      pg.Reads("count departments", count.Where("live_organization_id = ?")),
		countBelow: pg.Reads("count departments below", count.Where("live_parent_id = ?")),
		lock: pg.Reads("lock department tree", pg.Build.Select("id").From(organizationsTable).Where("id = ?").Where(pg.Live).
			Suffix("FOR NO KEY UPDATE")),
		nodes: pg.Reads("load department tree", pg.Build.Select("id", "parent_id", "sort_order").From(departmentsTable).
			Where("live_organization_id = ?")),
		below: pg.Reads("load department tree around a parent", squirrel.Expr(around+"= $2")),
		top:   pg.Reads("load department tree around the top", squirrel.Expr(around+"IS NULL")),
		create: pg.Changes("store department", pg.Build.Insert(departmentsTable).
			Columns("organization_id", "parent_id", "name", "code", "search", "search_grams", "sort_order").
			Values(value, value, value, value, value, value, value).Suffix("RETURNING "+departmentColumns)),
		update: pg.Changes("change department", pg.Build.Update(departmentsTable).
			Set("parent_id", value).Set("name", value).Set("code", value).Set("search", value).Set("search_grams", value).Set("sort_order", value).
			Set("version", squirrel.Expr("version + 1")).Set("updated_at", squirrel.Expr("now()")).
			Where("id = ?").Where("version = ?").Where(pg.Live).Suffix("RETURNING "+departmentColumns)),
		reorder: pg.Changes("reorder departments", pg.Build.Update(departmentsTable+" AS d").
			Set("sort_order", squirrel.Expr("place.sort_order")).
			Set("version", squirrel.Expr("d.version + 1")).Set("updated_at", squirrel.Expr("now()")).
			Suffix("FROM unnest(?::bigint[], ?::bigint[]) AS place(id, sort_order) WHERE d.id = place.id")),
		remove: pg.Changes("delete department", pg.Retire(departmentsTable)),
		list: pg.List[domain.Department]{
			Name: "list departments",
			ID:   func(d domain.Department) int64 { return int64(d.ID) },
			Columns: map[string]pg.Column[domain.Department]{
				"name":       pg.TextColumn("name", func(d domain.Department) string { return d.Name }),
				"code":       pg.TextColumn("coalesce(code, '')", codeOf),
				"sort_order": pg.IntColumn("sort_order", func(d domain.Department) int64 { return d.SortOrder }),
				"created_at": pg.TimeColumn("created_at", func(d domain.Department) time.Time { return d.CreatedAt }),
				"updated_at": pg.TimeColumn("updated_at", func(d domain.Department) time.Time { return d.UpdatedAt }),
			},
			Fields: departmentFields,
		},
		searched: search.NewIndex(db, departmentsTable, "name", "code"),
	}
}

// Searched is the index by which departments are searched.
func (r *Departments) Searched() *search.Index { return r.searched }

// ByID implements ports.Departments.
func (r *Departments) ByID(ctx context.Context, id domain.DepartmentID) (domain.Department, error) {
	return r.rows.ByID(ctx, int64(id))
}

// ForUpdate implements ports.Departments.
func (r *Departments) ForUpdate(ctx context.Context, id domain.DepartmentID) (domain.Department, error) {
	return pg.One(ctx, r.storing, r.forUpdate.With(id), departmentFields, domain.ErrDepartmentNotFound)
}

// List implements ports.Departments.
func (r *Departments) List(ctx context.Context, filter ports.DepartmentFilter, request page.Request) (page.Page[domain.Department], error) {
	query, at := pg.Build.Select(departmentColumns).From(departmentsTable), within(filter.Scope, filter.Deleted)
	parent := "live_parent_id" // which the index is on
	if filter.Deleted {
		parent = "parent_id"
	} else {
		query = query.Where(pg.Live)
	}
	at.At = place.Organization(filter.Within.Organization)
	if filter.OrganizationID != nil {
		if of := filter.Within.Organization; of != 0 && of != int64(*filter.OrganizationID) {
			query = query.Where("false")
		}
		at.At = place.Organization(*filter.OrganizationID)
	}
	if filter.IDs != nil {
		query = query.Where("id = ANY(?)", filter.IDs)
	}
	if filter.Top {
		query = query.Where("parent_id IS NULL")
	}
	if filter.ParentID != nil {
		query = query.Where(parent+" = ?", *filter.ParentID)
	}
	if filter.Search.Empty() {
		return r.list.PageWithin(ctx, r.storing, query, at, request)
	}
	list, query := search.Listed(r.searched, r.list, at.Of(query), !at.Everywhere(), filter.Search, "", nil)
	return list.Page(ctx, r.storing, query, request)
}

// Search implements ports.Departments.
func (r *Departments) Search(ctx context.Context, q search.Query, scope place.Scope, atLeast int) ([]domain.Department, error) {
	live := pg.Build.Select(departmentColumns).From(departmentsTable).Where(pg.Live)
	return pg.All(ctx, r.storing, r.searched.Best(q, live, within(scope, false).Filter(), atLeast, "", nil), departmentFields)
}

// Named implements ports.Departments.
func (r *Departments) Named(ctx context.Context, q search.Query, scope place.Scope, among []int64, atMost int) ([]int64, error) {
	query := within(scope, false).Of(pg.Build.Select("id").From(departmentsTable).Where(pg.Live)).Where(r.searched.Where(q)).Suffix("LIMIT ?", atMost)
	if among != nil {
		query = query.Where("id = ANY(?)", among)
	}
	return pg.All(ctx, r.storing, pg.ListsOnce("find departments by name", query).Custom(), pg.Int)
}

// AllOf implements ports.Departments.
func (r *Departments) AllOf(ctx context.Context, organization domain.OrganizationID, scope place.Scope) ([]domain.Department, error) {
	all := pg.Build.Select(departmentColumns).From(departmentsTable).Where(pg.Live).
		Where("live_organization_id = ?", organization).OrderBy("parent_id", "sort_order", "id")
	if visible := within(scope, false).Filter(); visible != nil {
		all = all.Where(visible)
	}
	return pg.All(ctx, r.storing, pg.ReadsOnce("load departments", all), departmentFields)
}

// within is what a caller may see of departments. Deleted ones are visible to callers who may see all departments of the
// organization: the tree no longer has their ancestors.
func within(scope place.Scope, deleted bool) pg.Within {
	columns := pg.Within{Scope: scope, Organization: "live_organization_id", Department: "live_id"}
	if deleted {
		columns.Organization = "organization_id"
	}
	return columns
}

// Nodes implements ports.Departments.
func (r *Departments) Nodes(ctx context.Context, organization domain.OrganizationID) ([]domain.Node, error) {
	return pg.All(ctx, r.storing, r.nodes.With(organization), nodeFields)
}

// Count implements ports.Departments.
func (r *Departments) Count(ctx context.Context, organization domain.OrganizationID) (int64, error) {
	return pg.One(ctx, r.storing, r.count.With(organization), pg.Int, nil)
}

// CountBelow implements ports.Departments.
func (r *Departments) CountBelow(ctx context.Context, parent domain.DepartmentID) (int64, error) {
	return pg.One(ctx, r.storing, r.countBelow.With(parent), pg.Int, nil)
}

// around is the part of a tree that ports.Departments.LockTree describes, for an organization ($1), a parent or null ($2), and a
// department or 0 ($3). Where a tree is valid, the department gets to a lower level if it has no more ancestors than its new
// parent. OFFSET 0 makes PostgreSQL use an index for each row, where it would read the whole table for each level; UNION ends
// the recursion whatever the rows say.
const around = `WITH RECURSIVE
	parents AS (
		SELECT id, live_parent_id AS parent_id, sort_order FROM organization.departments WHERE id = $2 AND live_organization_id = $1
		UNION
		SELECT d.* FROM parents p, LATERAL (SELECT id, live_parent_id, sort_order FROM organization.departments WHERE id = p.parent_id OFFSET 0) d
	),
	own AS (
		SELECT id, live_parent_id AS parent_id, sort_order FROM organization.departments WHERE id = $3 AND live_organization_id = $1
		UNION
		SELECT d.* FROM own o, LATERAL (SELECT id, live_parent_id, sort_order FROM organization.departments WHERE id = o.parent_id OFFSET 0) d
	),
	descendants AS (
		SELECT id, live_parent_id AS parent_id, sort_order FROM organization.departments
		WHERE live_parent_id = $3 AND (SELECT count(*) FROM parents) >= (SELECT count(*) FROM own)
		UNION
		SELECT d.* FROM descendants a, LATERAL (SELECT id, live_parent_id, sort_order FROM organization.departments WHERE live_parent_id = a.id OFFSET 0) d
	)
	SELECT * FROM parents UNION SELECT * FROM own UNION SELECT * FROM descendants UNION
	SELECT id, live_parent_id, sort_order FROM organization.departments WHERE live_organization_id = $1 AND live_parent_id `

// LockTree implements ports.Departments. The organization's row stands for its tree; its lock lets others refer to it.
func (r *Departments) LockTree(ctx context.Context, organization domain.OrganizationID, parent *domain.DepartmentID, moved domain.DepartmentID) (*domain.Tree, error) {
	if _, err := pg.One(ctx, r.storing, r.lock.With(organization), pg.Int, domain.ErrUnknownOrganization); err != nil {
		return nil, err
	}
	around := r.below
	if parent == nil {
		around = r.top
	}
	nodes, err := pg.All(ctx, r.storing, around.With(organization, parent, moved), nodeFields)
	if err != nil {
		return nil, err
	}
	return domain.NewTree(nodes), nil
}

// Create implements ports.Departments.
func (r *Departments) Create(ctx context.Context, d domain.Department) (domain.Department, error) {
	forms := search.FormsOf(&d.Name, d.Code)
	call := r.create.With(d.OrganizationID, d.ParentID, d.Name, d.Code, forms.Keys, forms.Grams, d.SortOrder)
	return pg.One(ctx, r.storing, call, departmentFields, nil)
}

// Update implements ports.Departments.
func (r *Departments) Update(ctx context.Context, d domain.Department) (domain.Department, error) {
	forms := search.FormsOf(&d.Name, d.Code)
	call := r.update.With(d.ParentID, d.Name, d.Code, forms.Keys, forms.Grams, d.SortOrder, d.ID, d.Version)
	return pg.One(ctx, r.storing, call, departmentFields, etag.ErrStale)
}

// Reorder implements ports.Departments.
func (r *Departments) Reorder(ctx context.Context, places []domain.Node) error {
	if len(places) == 0 {
		return nil
	}
	ids, orders := make([]int64, len(places)), make([]int64, len(places))
	for i, p := range places {
		ids[i], orders[i] = int64(p.ID), p.SortOrder
	}
	_, err := r.storing.Exec(ctx, r.reorder.With(ids, orders))
	return err
}

// Delete implements ports.Departments.
func (r *Departments) Delete(ctx context.Context, id domain.DepartmentID) error {
	return r.deleting.Remove(ctx, r.remove.With(id), int64(id))
}

func departmentFields(d *domain.Department) []any {
	return []any{(*int64)(&d.ID), (*int64)(&d.OrganizationID), &d.ParentID, &d.Name, pg.NullText(&d.Code), &d.SortOrder, &d.Version, &d.CreatedAt, &d.UpdatedAt}
}

func nodeFields(n *domain.Node) []any { return []any{(*int64)(&n.ID), &n.ParentID, &n.SortOrder} }

func codeOf(d domain.Department) string {
	if d.Code == nil {
		return ""
	}
	return *d.Code
}
