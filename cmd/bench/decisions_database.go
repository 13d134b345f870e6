package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// storePolicy fills a database, which has the schema and nothing in it.
func storePolicy(ctx context.Context, conn *pgx.Conn, p *policy) error {
	// Whatever a row refers to is there. Not to look for it makes this several times faster, where the role may say so.
	_, _ = conn.Exec(ctx, "SET session_replication_role = replica")
	for _, t := range p.tables(time.Now()) {
		if _, err := conn.CopyFrom(ctx, t.name, t.columns, pgx.CopyFromSlice(t.rows, t.row)); err != nil {
			return fmt.Errorf("fill %s: %w", t.name.Sanitize(), err)
		}
	}
	if _, err := conn.Exec(ctx, "VACUUM (ANALYZE)"); err != nil {
		return fmt.Errorf("analyze the database of decisions: %w", err)
	}
	return nil
}

// content is the rows of a table.
type content struct {
	name    pgx.Identifier
	columns []string
	rows    int
	row     func(n int) ([]any, error)
}

// tables are the policy's rows, in an order in which each finds what it refers to.
func (p *policy) tables(now time.Time) []content {
	return []content{
		{
			pgx.Identifier{"organization", "organizations"},
			[]string{"id", "name"}, policyOrganizations,
			func(n int) ([]any, error) { return []any{n + 1, fmt.Sprintf("Organization %d", n+1)}, nil },
		},
		{
			pgx.Identifier{"organization", "departments"},
			[]string{"id", "organization_id", "parent_id", "name", "sort_order"}, policyDepartments,
			func(n int) ([]any, error) {
				id := int64(n) + 1
				return []any{id, organizationOf(id), orNull(p.parents[id]), fmt.Sprintf("Department %d", id), id * 1000}, nil
			},
		},
		{
			pgx.Identifier{"identity", "users"},
			[]string{"id", "email", "email_digest", "full_name", "organization_id"}, policyUsers,
			func(n int) ([]any, error) {
				email := fmt.Sprintf("user-%d@example.com", n+1)
				digest := sha256.Sum256([]byte(email))
				return []any{n + 1, email, digest[:], fmt.Sprintf("User %d", n+1), homeOf(int64(n) + 1)}, nil
			},
		},
		{
			pgx.Identifier{"access", "roles"},
			[]string{"id", "name"}, policyRoles,
			func(n int) ([]any, error) { return []any{firstRoleID + n, fmt.Sprintf("Role %d", n+1)}, nil },
		},
		{
			pgx.Identifier{"access", "role_permissions"},
			[]string{"role_id", "permission"}, policyRoles * rolePermissions,
			func(n int) ([]any, error) {
				role := n / rolePermissions
				return []any{firstRoleID + role, string(p.roles[role][n%rolePermissions])}, nil
			},
		},
		{
			pgx.Identifier{"access", "grants"},
			[]string{"user_id", "role_id", "organization_id", "department_id", "valid_from", "valid_until"}, policyGrants,
			func(n int) ([]any, error) {
				g := p.grants[n]
				from, until := g.term.dates(now)
				return []any{g.user, firstRoleID + g.role, orNull(g.organization), orNull(g.department), from, until}, nil
			},
		},
	}
}

// dates are so far away that a run sees none of them come.
func (t term) dates(now time.Time) (from, until *time.Time) {
	at := func(months int) *time.Time {
		moment := now.AddDate(0, months, 0)
		return &moment
	}
	switch t {
	case begun:
		return at(-6), at(6)
	case over:
		return at(-6), at(-1)
	case ahead:
		return at(1), at(6)
	default:
		return nil, nil
	}
}

func orNull(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
