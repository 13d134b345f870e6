package postgres

import (
	"context"
	"errors"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// Directory implements ports.Directory.
type Directory struct {
	db            *pg.DB
	organizations ports.Organizations
	departments   ports.Departments

	organizationNames, departmentNames pg.Statement
}

var _ ports.Directory = (*Directory)(nil)

// NewDirectory makes the directory.
func NewDirectory(db *pg.DB, organizations ports.Organizations, departments ports.Departments) *Directory {
	return &Directory{
		db: db, organizations: organizations, departments: departments,
		organizationNames: pg.Reads("look up organizations' names", pg.Build.Select("id", "name").From(organizationsTable).Where("id = ANY(?)")),
		departmentNames:   pg.Reads("look up departments' names", pg.Build.Select("id", "name").From(departmentsTable).Where("id = ANY(?)")),
	}
}

// OrganizationExists implements ports.Directory.
func (d *Directory) OrganizationExists(ctx context.Context, organization int64) (bool, error) {
	_, err := d.organizations.ByID(ctx, domain.OrganizationID(organization))
	return exists(err, domain.ErrOrganizationNotFound)
}

// OrganizationOf implements ports.Directory.
func (d *Directory) OrganizationOf(ctx context.Context, department int64) (organization int64, found bool, err error) {
	it, err := d.departments.ByID(ctx, domain.DepartmentID(department))
	found, err = exists(err, domain.ErrDepartmentNotFound)
	return int64(it.OrganizationID), found, err
}

// Names implements ports.Directory.
func (d *Directory) Names(ctx context.Context, organizations, departments []int64) (ports.Names, error) {
	ofOrganizations, err := d.names(ctx, d.organizationNames, organizations)
	if err != nil {
		return ports.Names{}, err
	}
	ofDepartments, err := d.names(ctx, d.departmentNames, departments)
	return ports.Names{Organizations: ofOrganizations, Departments: ofDepartments}, err
}

// DepartmentsNamed implements ports.Directory.
func (d *Directory) DepartmentsNamed(ctx context.Context, q search.Query, scope place.Scope, among []int64, atMost int) ([]int64, error) {
	return d.departments.Named(ctx, q, scope, among, atMost)
}

type named struct {
	id   int64
	name string
}

func (d *Directory) names(ctx context.Context, statement pg.Statement, ids []int64) (map[int64]string, error) {
	found, err := pg.All(ctx, d.db, statement.With(ids), func(n *named) []any { return []any{&n.id, &n.name} })
	names := make(map[int64]string, len(found))
	for _, n := range found {
		names[n.id] = n.name
	}
	return names, err
}

// exists reports whether a row that was asked for exists.
func exists(err, missing error) (bool, error) {
	if errors.Is(err, missing) {
		return false, nil
	}
	return err == nil, err
}
