package postgres

import (
	"context"
	"strings"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
)

const (
	grantsTable  = "access.grants"
	grantColumns = "id, user_id, role_id, organization_id, department_id, valid_from, valid_until, reason, granted_by, granted_at, ended_by, ended_at, end_reason"
)

// bareColumns are grantColumns without the texts.
var bareColumns = strings.NewReplacer(" reason", " NULL::text", " end_reason", " NULL::text").Replace(grantColumns)

// Grants implements ports.Grants.
type Grants struct {
	db                                                                                            *pg.DB
	byID, byIDs, organizationOf, of, live, lasting, uses, places, holders, lockUser, create, ends pg.Statement
	list                                                                                          pg.List[domain.Grant]
}

var _ ports.Grants = (*Grants)(nil)

// NewGrants makes the repository.
func NewGrants(db *pg.DB) *Grants {
	every := pg.Build.Select(grantColumns).From(grantsTable)
	bare := pg.Build.Select(bareColumns).From(grantsTable)
	value := squirrel.Expr("?")
	return &Grants{
		db: db.Storing(map[string]error{
			"grants_organization_fk": domain.ErrUnknownOrganization,
			"grants_department_fk":   domain.ErrUnknownDepartment,
			"grants_period":          domain.ErrGrantOver, // a moment later than it was checked
		}),
		byID:  pg.Reads("load grant", every.Where("id = ?")),
		byIDs: pg.Reads("load grants by id", every.Where("id = ANY(?)")),
		organizationOf: pg.Reads("look up a grant's department", pg.Build.Select("organization_id").From(grantsTable).
			Where("department_id = ?").Suffix("LIMIT 1")),
		of:   pg.Reads("load grants", bare.Where("user_id = ?").OrderBy("id DESC")),
		live: pg.Reads("load live grants", bare.Where("user_id = ?").Where("ended_at IS NULL")),
		lasting: pg.Reads("find lasting grants", pg.Build.Select("id", "user_id").From(grantsTable).
			Where("role_id = ?").Where("organization_id IS NULL").Where("ended_at IS NULL").Where("valid_until IS NULL").
			Where("(valid_from IS NULL OR valid_from <= now())")),
		uses: pg.Reads("count grants", pg.Build.Select("count(*)").From(grantsTable).
			Where("role_id = ?").Where("ended_at IS NULL").Where("(valid_until IS NULL OR valid_until > now())")),
		places: pg.Reads("find places of a role", pg.Build.Select("DISTINCT organization_id", "department_id").From(grantsTable).
			Where("role_id = ?").Where("ended_at IS NULL").Where("(valid_until IS NULL OR valid_until > now())")),
		holders:  pg.Reads("count holders of a role", squirrel.Expr(holders)),
		lockUser: pg.Reads("lock grants", squirrel.Expr("SELECT pg_advisory_xact_lock(hashtextextended('access.grants', $1))")),
		create: pg.Changes("store grant", pg.Build.Insert(grantsTable).
			Columns("user_id", "role_id", "organization_id", "department_id", "valid_from", "valid_until", "reason", "granted_by").
			Values(value, value, value, value, value, value, value, value).Suffix("RETURNING "+grantColumns)),
		// The transaction may have begun before the grant was made.
		ends: pg.Changes("end grants", pg.Build.Update(grantsTable).
			Set("ended_by", value).Set("ended_at", squirrel.Expr("clock_timestamp()")).Set("end_reason", value).
			Where("id = ANY(?)").Where("ended_at IS NULL")),
		list: pg.List[domain.Grant]{
			Name:   "list grants",
			ID:     func(g domain.Grant) int64 { return int64(g.ID) },
			Fields: grantFields,
			Long:   []string{"reason", "end_reason"},
		},
	}
}

// ByID implements ports.Grants.
func (r *Grants) ByID(ctx context.Context, id domain.GrantID) (domain.Grant, error) {
	return pg.One(ctx, r.db, r.byID.With(id), grantFields, domain.ErrGrantNotFound)
}

// List implements ports.Grants.
func (r *Grants) List(ctx context.Context, filter ports.GrantFilter, request page.Request) (page.Page[domain.Grant], error) {
	query := pg.Build.Select(grantColumns).From(grantsTable)
	if filter.UserID != nil {
		query = query.Where("user_id = ?", *filter.UserID)
	}
	if filter.RoleID != nil {
		query = query.Where("role_id = ?", *filter.RoleID)
	}
	if filter.GrantedBy != nil {
		query = query.Where("granted_by = ?", *filter.GrantedBy)
	}
	if filter.Holding != nil {
		query = query.Where("role_id = ANY(?)", *filter.Holding)
	}
	if filter.Search != "" {
		query = query.Where(pg.Contains(filter.Search, "reason", "end_reason"))
	}
	switch filter.Least {
	case place.SystemLevel:
		query = query.Where("organization_id IS NULL")
	case place.OrganizationLevel:
		query = query.Where("department_id IS NULL")
	default:
	}
	within := pg.Within{Scope: filter.Scope, Organization: "organization_id", Department: "department_id"}
	if filter.Above == nil {
		within.At = filter.Place
	} else {
		query = above(query, filter)
	}
	query = inEffect(inState(query, filter.State, filter.At), filter)
	return r.list.PageWithin(ctx, r.db, query, within, request)
}

// above narrows a list to all places that contain a place.
func above(query squirrel.SelectBuilder, filter ports.GrantFilter) squirrel.SelectBuilder {
	organization := filter.Place.Organization
	if filter.Upward {
		return query.Where("(organization_id IS NULL OR organization_id = ?)", organization)
	}
	return query.Where("(organization_id IS NULL OR organization_id = ? AND department_id IS NULL OR department_id = ANY(?))", organization, *filter.Above)
}

// OrganizationOf implements ports.Grants.
func (r *Grants) OrganizationOf(ctx context.Context, department int64) (int64, error) {
	found, err := pg.All(ctx, r.db, r.organizationOf.With(department), pg.Int)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// ByIDs implements ports.Grants.
func (r *Grants) ByIDs(ctx context.Context, ids []domain.GrantID) ([]domain.Grant, error) {
	return pg.All(ctx, r.db, r.byIDs.With(ids), grantFields)
}

// Of implements ports.Grants.
func (r *Grants) Of(ctx context.Context, user int64, take func(domain.Grant)) error {
	return pg.Each(ctx, r.db, r.of.With(user), grantFields, take)
}

// Live implements ports.Grants.
func (r *Grants) Live(ctx context.Context, user int64) ([]domain.Grant, error) {
	return pg.All(ctx, r.db, r.live.With(user), grantFields)
}

// Lasting implements ports.Grants.
func (r *Grants) Lasting(ctx context.Context, role domain.RoleID) (map[domain.GrantID]int64, error) {
	found, err := pg.All(ctx, r.db, r.lasting.With(role), func(g *domain.Grant) []any { return []any{(*int64)(&g.ID), &g.UserID} })
	users := make(map[domain.GrantID]int64, len(found))
	for _, g := range found {
		users[g.ID] = g.UserID
	}
	return users, err
}

// CheckUnused implements ports.Grants.
func (r *Grants) CheckUnused(ctx context.Context, role domain.RoleID) error {
	uses, err := pg.One(ctx, r.db, r.uses.With(role), pg.Int, nil)
	if err == nil && uses > 0 {
		return pg.InUse("grants", uses)
	}
	return err
}

// Places implements ports.Grants.
func (r *Grants) Places(ctx context.Context, role domain.RoleID) ([]place.Place, error) {
	return pg.All(ctx, r.db, r.places.With(role), pg.Place)
}

// holders counts by how wide the widest grant of each user is: 0 for the whole system, 1 for an organization, 2 for a
// department.
const holders = `
SELECT count(*) FILTER (WHERE active AND present <= width),
       count(*) FILTER (WHERE active AND later <= width AND (present <= width) IS NOT TRUE),
       count(*) FILTER (WHERE NOT active AND least(present, later) <= width),
       count(*) FILTER (WHERE active AND own <= width)
FROM generate_series(0, 2) AS width
LEFT JOIN (
    SELECT user_id <> ALL($2) AS active,
           min(width) FILTER (WHERE NOT begins_later) AS present, min(width) FILTER (WHERE begins_later) AS later, min(width) FILTER (WHERE granted_by = user_id) AS own
    FROM (
        SELECT user_id, granted_by, num_nonnulls(organization_id, department_id) AS width, coalesce(valid_from > now(), false) AS begins_later
        FROM ` + grantsTable + ` WHERE role_id = $1 AND ended_at IS NULL AND (valid_until IS NULL OR valid_until > now())
    ) AS live
    GROUP BY user_id
) AS users ON true
GROUP BY width ORDER BY width`

// Holders implements ports.Grants.
func (r *Grants) Holders(ctx context.Context, role domain.RoleID, inactive []int64) ([]domain.Holders, error) {
	return pg.All(ctx, r.db, r.holders.With(role, inactive), func(h *domain.Holders) []any {
		return []any{&h.People, &h.Later, &h.Deactivated, &h.SelfGranted}
	})
}

// Holding implements ports.Grants.
func (r *Grants) Holding(role domain.RoleID, scope place.Scope) page.Condition {
	return func(user string) (string, []any) {
		held := pg.Build.Select("1").From(grantsTable+" AS held").Where("held.user_id = "+user).Where("held.role_id = ?", role).Where("held.ended_at IS NULL").
			Where("(held.valid_from IS NULL OR held.valid_from <= now())").Where("(held.valid_until IS NULL OR held.valid_until > now())")
		if visible := (pg.Within{Scope: scope, Organization: "held.organization_id", Department: "held.department_id"}).Filter(); visible != nil {
			held = held.Where(visible)
		}
		sql, args, _ := held.PlaceholderFormat(squirrel.Question).ToSql() // it has columns and a table
		return "EXISTS (" + sql + ")", args
	}
}

// LockUser implements ports.Grants.
func (r *Grants) LockUser(ctx context.Context, user int64) (live func() ([]domain.Grant, error)) {
	pg.AtNext(ctx, r.db, r.lockUser.With(user), pg.Nothing)
	return pg.AtNext(ctx, r.db, r.live.With(user), grantFields)
}

// Create implements ports.Grants.
func (r *Grants) Create(ctx context.Context, g domain.Grant) (domain.Grant, error) {
	at := g.Place.IDs()
	call := r.create.With(g.UserID, g.RoleID, at.OrganizationID, at.DepartmentID, g.Period.From, g.Period.Until, g.Reason, by(ctx))
	return pg.One(ctx, r.db, call, grantFields, nil)
}

// End implements ports.Grants.
func (r *Grants) End(ctx context.Context, reason *string, grants []domain.GrantID) error {
	_, err := r.db.Exec(ctx, r.ends.With(by(ctx), reason, grants))
	return err
}

func grantFields(g *domain.Grant) []any {
	return []any{(*int64)(&g.ID), &g.UserID, (*int64)(&g.RoleID), pg.NullInt(&g.Place.Organization), pg.NullInt(&g.Place.Department), &g.Period.From, &g.Period.Until,
		pg.NullText(&g.Reason), &g.GrantedBy, &g.GrantedAt, &g.EndedBy, &g.EndedAt, pg.NullText(&g.EndReason)}
}
