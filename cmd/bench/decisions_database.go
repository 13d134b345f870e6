package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/pg"
	"erp.internal/platform/pg/migrate"
)

const (
	decisionsDatabase = "erp_bench_decisions"
	statementPatience = 10 * time.Second // as it is in the server by default
)

// policyDatabase is a database of its own on the bench's server.
type policyDatabase struct {
	*pg.DB
	url    string
	server *pgx.Conn
}

// openPolicyDatabase creates the database and brings it to the schema.
//
// Errors: one line; the database is gone.
func openPolicyDatabase(ctx context.Context, server *database) (*policyDatabase, error) {
	at, err := url.Parse(server.url)
	if err != nil {
		return nil, errors.New("-db: it is no URL")
	}
	at.Path = "/" + decisionsDatabase
	if _, err := server.conn.Exec(ctx, "CREATE DATABASE "+decisionsDatabase); err != nil {
		return nil, fmt.Errorf("create a database for decisions: %w", err)
	}
	d := &policyDatabase{url: at.String(), server: server.conn}
	if err := migrate.New(d.url, migrations.Files, zap.NewNop()).Up(ctx); err != nil {
		return nil, errors.Join(err, d.drop())
	}
	if d.DB, err = pg.Open(ctx, pg.Settings{URL: pg.URL(d.url), StatementTimeout: statementPatience}, zap.NewNop()); err != nil {
		return nil, errors.Join(err, d.drop())
	}
	return d, nil
}

// drop ends the connections and deletes the database.
func (d *policyDatabase) drop() error {
	if d.DB != nil {
		d.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := d.server.Exec(ctx, "DROP DATABASE "+decisionsDatabase+" WITH (FORCE)"); err != nil && !d.server.IsClosed() {
		return fmt.Errorf("delete the database of decisions: %w", err)
	}
	return nil
}

// store fills the database with a policy.
func (d *policyDatabase) store(ctx context.Context, p *policy) error {
	conn, err := pgx.Connect(ctx, d.url)
	if err != nil {
		return fmt.Errorf("connect to the database of decisions: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is under way on it
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
