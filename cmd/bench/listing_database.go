package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const (
	listedUsers         = 1_000_000
	listedOrganizations = 20
	listedTops          = 400    // departments that stand at the top; the others are leaves below them
	listedDepartments   = 10_000 // users are in all of them
	readDepartments     = 50     // those of the reader with a scope, each a leaf
)

// fillListing returns the two readers, who have no server to ask yet. Their grants are made as everybody's are.
func (c *contest) fillListing(ctx context.Context, side *sideDatabase) (all, few reader, err error) {
	erp, err := startErp(ctx, c.options, c.dir, "DATABASE_URL="+side.url)
	if err != nil {
		return all, few, err
	}
	defer erp.stop()
	client := newClient(erp.addr, 1)
	defer client.CloseIdleConnections()
	token, err := signIn(client)
	if err != nil {
		return all, few, err
	}
	if err := fillDirectory(ctx, side.conn); err != nil {
		return all, few, err
	}
	readers, err := side.enrol(ctx, "reader", 2)
	if err != nil {
		return all, few, err
	}
	all.token, few.token = readers[0].token, readers[1].token
	administrator := caller{client, token}
	auditor, err := administrator.role("auditor")
	if err != nil {
		return all, few, err
	}
	if _, err := administrator.allow(readers[0].id, auditor, 0, 0); err != nil {
		return all, few, err
	}
	for n := range int64(readDepartments) {
		// The step has no divisor in common with the number of organizations, so that there are leaves of each.
		department := listedTops + 1 + n*((listedDepartments-listedTops)/readDepartments-1)
		if _, err := administrator.allow(readers[1].id, auditor, listedOrganizationOf(department), department); err != nil {
			return all, few, err
		}
		few.departments = append(few.departments, department)
	}
	if _, err := side.conn.Exec(ctx, "VACUUM (ANALYZE)"); err != nil {
		return all, few, fmt.Errorf("analyze the database %s: %w", side.name, err)
	}
	return all, few, nil
}

// listedOrganizationOf says the same as fillDirectory.
func listedOrganizationOf(department int64) int64 { return (department-1)%listedOrganizations + 1 }

// fillDirectory makes organizations, departments and users. Users come in no order: neither their departments nor their
// emails follow their ids.
func fillDirectory(ctx context.Context, conn *pgx.Conn) error {
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"INSERT INTO organization.organizations (id, name) SELECT n, 'Organization ' || n FROM generate_series(1, $1::int) n", []any{listedOrganizations}},
		{`INSERT INTO organization.departments (id, organization_id, parent_id, name, sort_order)
			SELECT n, (n - 1) % $1::int + 1, CASE WHEN n > $2::int THEN (n - 1) % $2::int + 1 END, 'Department ' || n, n
			FROM generate_series(1, $3::int) n`, []any{listedOrganizations, listedTops, listedDepartments}},
		{"SELECT setseed(0.5)", nil}, // each run fills it alike
		{`INSERT INTO identity.users (email, email_digest, full_name, organization_id, department_id)
			SELECT email, sha256(convert_to(email, 'UTF8')), 'User ' || n, (department - 1) % $1::int + 1, department
			FROM (SELECT n, substr(md5(n::text), 1, 6) || '-' || n || '@example.com' AS email, 1 + floor(random() * $2::int)::int AS department
				FROM generate_series(1, $3::int) n) AS new`, []any{listedOrganizations, listedDepartments, listedUsers}},
	} {
		if _, err := conn.Exec(ctx, step.statement, step.args...); err != nil {
			return fmt.Errorf("fill the database of users: %w", err)
		}
	}
	return nil
}
