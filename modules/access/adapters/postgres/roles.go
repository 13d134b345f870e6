// Package postgres keeps roles and grants in Postgres. It is the only package that knows their tables.
package postgres

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	"erp.internal/platform/cache"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/platform/search"
)

const (
	rolesTable       = "access.roles"
	permissionsTable = "access.role_permissions"
	roleColumns      = "id, name, description, built_in, version, created_at, updated_at, " + held
	// held is what a role holds now, by name.
	held = "ARRAY(SELECT p.permission FROM " + permissionsTable + " AS p WHERE p.role_id = roles.id AND p.removed_at IS NULL ORDER BY p.permission COLLATE \"C\")"
)

// Roles implements ports.Roles.
type Roles struct {
	rows                                                                          *pg.Rows[domain.Role]
	db                                                                            *pg.DB
	forUpdate, forGrant, builtIn, lockBuiltIn, all, holding, permissionsAt, names pg.Statement
	create, update, remove, addPermissions, removePermissions                     pg.Statement
	list                                                                          pg.List[domain.Role]
	searched                                                                      *search.Index
}

var _ ports.Roles = (*Roles)(nil)

// NewRoles makes the repository.
func NewRoles(db *pg.DB, hub *cache.Hub) *Roles {
	every := pg.Build.Select(roleColumns).From(rolesTable).Where(pg.Live)
	id := pg.Build.Select("id").From(rolesTable).Where(pg.Live)
	value := squirrel.Expr("?")
	now := squirrel.Expr("now()")
	return &Roles{
		db: db.Storing(map[string]error{"roles_name_key": domain.ErrRoleNameTaken, "roles_seen_name_key": domain.ErrRoleNameTaken}),
		rows: pg.NewRows(db, hub, pg.RowsOptions[domain.Role]{
			Name: "roles by id", Query: every, Fields: roleFields, Missing: domain.ErrRoleNotFound,
			ID:    func(r *domain.Role) int64 { return int64(r.ID) },
			Rules: cache.Rules{domain.RoleChanged: cache.OfSubject, domain.RoleDeleted: cache.OfSubject},
		}),
		forUpdate:   pg.Reads("lock role", id.Where("id = ?").Suffix("FOR NO KEY UPDATE")),
		forGrant:    pg.Reads("lock role for a grant", id.Where("id = ?").Suffix("FOR SHARE")),
		builtIn:     pg.Reads("load built-in role", every.Where("built_in").Where("name = ?")),
		lockBuiltIn: pg.Reads("lock built-in role", id.Where("built_in").Where("name = ?").Suffix("FOR NO KEY UPDATE")),
		all:         pg.Reads("load roles", every),
		holding: pg.Reads("find roles by permission", pg.Build.Select("DISTINCT role_id").From(permissionsTable).
			Where("permission = ANY(?)").Where("added_at <= ?").Where("(removed_at IS NULL OR removed_at > ?)")),
		permissionsAt: pg.Reads("load what roles held", pg.Build.Select("role_id", "permission").From(permissionsTable).
			Where("added_at <= ?").Where("(removed_at IS NULL OR removed_at > ?)")),
		names: pg.Reads("look up roles", pg.Build.Select("id", "name").From(rolesTable).Where("id = ANY(?)")),
		create: pg.Changes("store role", pg.Build.Insert(rolesTable).Columns("name", "description", "search", "search_grams").
			Values(value, value, value, value).Suffix("RETURNING id")),
		update: pg.Changes("change role", pg.Build.Update(rolesTable).Set("name", value).Set("description", value).
			Set("search", value).Set("search_grams", value).
			Set("version", squirrel.Expr("version + 1")).Set("updated_at", now).
			Where("id = ?").Where("version = ?").Where(pg.Live).Suffix("RETURNING id")),
		remove: pg.Changes("delete role", pg.Retire(rolesTable)),
		addPermissions: pg.Changes("add permissions to role", squirrel.Expr("INSERT INTO "+permissionsTable+
			" (role_id, added_by, permission) SELECT $1, $2, unnest($3::text[])")),
		removePermissions: pg.Changes("take permissions from role", pg.Build.Update(permissionsTable).
			Set("removed_by", value).Set("removed_at", squirrel.Expr("clock_timestamp()")).Where("role_id = ?").Where("removed_at IS NULL").Where("permission = ANY(?)")),
		list: pg.List[domain.Role]{
			Name: "list roles",
			ID:   func(r domain.Role) int64 { return int64(r.ID) },
			Columns: map[string]pg.Column[domain.Role]{
				"name":       pg.TextColumn("name", func(r domain.Role) string { return r.Name }),
				"created_at": pg.TimeColumn("created_at", func(r domain.Role) time.Time { return r.CreatedAt }),
				"updated_at": pg.TimeColumn("updated_at", func(r domain.Role) time.Time { return r.UpdatedAt }),
			},
			Fields: roleFields,
			Long:   []string{"description"},
		},
		searched: search.NewIndex(db, rolesTable, "name", "description"),
	}
}

// Searched is the index by which roles are searched.
func (r *Roles) Searched() *search.Index { return r.searched }

// ByID implements ports.Roles.
func (r *Roles) ByID(ctx context.Context, id domain.RoleID) (domain.Role, error) {
	return r.rows.ByID(ctx, int64(id))
}

// ForUpdate implements ports.Roles.
func (r *Roles) ForUpdate(ctx context.Context, id domain.RoleID) (domain.Role, error) {
	return r.locked(ctx, r.forUpdate.With(id), id)
}

// ForGrant implements ports.Roles.
func (r *Roles) ForGrant(ctx context.Context, id domain.RoleID) (domain.Role, error) {
	return r.locked(ctx, r.forGrant.With(id), id)
}

// BuiltIn implements ports.Roles.
func (r *Roles) BuiltIn(ctx context.Context, name string) (domain.Role, error) {
	return pg.One(ctx, r.db, r.builtIn.With(name), roleFields, domain.ErrRoleNotFound)
}

// LockBuiltIn implements ports.Roles.
func (r *Roles) LockBuiltIn(ctx context.Context, name string) (domain.Role, error) {
	id, err := pg.One(ctx, r.db, r.lockBuiltIn.With(name), pg.Int, domain.ErrRoleNotFound)
	if err != nil {
		return domain.Role{}, err
	}
	return r.ByID(ctx, domain.RoleID(id))
}

// locked reads a role once its row is locked: what it holds is in other rows, which a statement that had to wait for the
// lock sees as they were before.
func (r *Roles) locked(ctx context.Context, lock pg.Call, id domain.RoleID) (domain.Role, error) {
	pg.AtNext(ctx, r.db, lock, pg.Nothing)
	return r.ByID(ctx, id)
}

// List implements ports.Roles.
func (r *Roles) List(ctx context.Context, filter ports.RoleFilter, request page.Request) (page.Page[domain.Role], error) {
	query := pg.Build.Select(roleColumns).From(rolesTable).Where(pg.Live)
	if filter.IDs != nil {
		query = query.Where("id = ANY(?)", filter.IDs)
	}
	list := r.list
	if !filter.Search.Empty() {
		list, query = search.Listed(r.searched, list, query, false, filter.Search, "", nil)
	}
	return list.Page(ctx, r.db, query, request)
}

// Search implements ports.Roles.
func (r *Roles) Search(ctx context.Context, q search.Query, atLeast int) ([]domain.Role, error) {
	live := pg.Build.Select(roleColumns).From(rolesTable).Where(pg.Live)
	return pg.All(ctx, r.db, r.searched.Best(q, live, nil, atLeast, "", nil), roleFields)
}

// All implements ports.Roles.
func (r *Roles) All(ctx context.Context) ([]domain.Role, error) {
	return pg.All(ctx, r.db, r.all.With(), roleFields)
}

// Holding implements ports.Roles.
func (r *Roles) Holding(ctx context.Context, permissions []string, at time.Time) ([]domain.RoleID, error) {
	return pg.All(ctx, r.db, r.holding.With(permissions, at, at), func(id *domain.RoleID) []any { return []any{(*int64)(id)} })
}

// PermissionsAt implements ports.Roles.
func (r *Roles) PermissionsAt(ctx context.Context, at time.Time) (map[domain.RoleID][]string, error) {
	type entry struct {
		role       domain.RoleID
		permission string
	}
	found, err := pg.All(ctx, r.db, r.permissionsAt.With(at, at), func(e *entry) []any { return []any{(*int64)(&e.role), &e.permission} })
	held := map[domain.RoleID][]string{}
	for _, e := range found {
		held[e.role] = append(held[e.role], e.permission)
	}
	return held, err
}

// Names implements ports.Roles.
func (r *Roles) Names(ctx context.Context, roles ...domain.RoleID) (map[domain.RoleID]string, error) {
	found, err := pg.All(ctx, r.db, r.names.With(roles), func(r *domain.Role) []any { return []any{(*int64)(&r.ID), &r.Name} })
	names := make(map[domain.RoleID]string, len(found))
	for _, role := range found {
		names[role.ID] = role.Name
	}
	return names, err
}

// Create implements ports.Roles.
func (r *Roles) Create(ctx context.Context, role domain.Role) (domain.Role, error) {
	forms := search.FormsOf(&role.Name, role.Description)
	id, err := pg.One(ctx, r.db, r.create.With(role.Name, role.Description, forms.Keys, forms.Grams), pg.Int, nil)
	if err != nil {
		return domain.Role{}, err
	}
	return r.hold(ctx, domain.RoleID(id), role.Permissions, nil)
}

// Update implements ports.Roles.
func (r *Roles) Update(ctx context.Context, role domain.Role, added, removed []string) (domain.Role, error) {
	forms := search.FormsOf(&role.Name, role.Description)
	call := r.update.With(role.Name, role.Description, forms.Keys, forms.Grams, role.ID, role.Version)
	if _, err := pg.One(ctx, r.db, call, pg.Int, etag.ErrStale); err != nil {
		return domain.Role{}, err
	}
	return r.hold(ctx, role.ID, added, removed)
}

// hold changes what a role holds, and gives the role as it is then.
func (r *Roles) hold(ctx context.Context, id domain.RoleID, added, removed []string) (domain.Role, error) {
	if len(added) > 0 {
		if _, err := r.db.Exec(ctx, r.addPermissions.With(id, by(ctx), added)); err != nil {
			return domain.Role{}, err
		}
	}
	if len(removed) > 0 {
		if _, err := r.db.Exec(ctx, r.removePermissions.With(by(ctx), id, removed)); err != nil {
			return domain.Role{}, err
		}
	}
	return r.ByID(ctx, id)
}

// Delete implements ports.Roles.
func (r *Roles) Delete(ctx context.Context, id domain.RoleID) error {
	role, err := r.ByID(ctx, id)
	if err != nil {
		return err
	}
	if _, err := r.db.Exec(ctx, r.removePermissions.With(by(ctx), id, role.Permissions)); err != nil {
		return err
	}
	_, err = r.db.Exec(ctx, r.remove.With(id))
	return err
}

func roleFields(r *domain.Role) []any {
	r.Permissions = nil // or the next row would be read into the same array
	return []any{(*int64)(&r.ID), &r.Name, pg.NullText(&r.Description), &r.BuiltIn, &r.Version, &r.CreatedAt, &r.UpdatedAt, &r.Permissions}
}
