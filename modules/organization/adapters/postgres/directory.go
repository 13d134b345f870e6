package postgres

import (
	"context"
	"errors"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/pg"
)

// Directory implements ports.Directory.
type Directory struct {
	db           *pg.DB
	organization pg.Statement
	department   pg.Statement

	organizationNames, departmentNames pg.Statement
}

var _ ports.Directory = (*Directory)(nil)

// NewDirectory makes the directory.
func NewDirectory(db *pg.DB) *Directory {
	return &Directory{
		db:           db,
		organization: pg.Reads("look up organization", pg.Build.Select("id").From(organizationsTable).Where("id = ?").Where(pg.Live)),
		department:   pg.Reads("look up department", pg.Build.Select("organization_id").From(departmentsTable).Where("id = ?").Where(pg.Live)),

		organizationNames: pg.Reads("look up organizations' names", pg.Build.Select("id", "name").From(organizationsTable).Where("id = ANY(?)")),
		departmentNames:   pg.Reads("look up departments' names", pg.Build.Select("id", "name").From(departmentsTable).Where("id = ANY(?)")),
	}
}

// OrganizationExists implements ports.Directory.
func (d *Directory) OrganizationExists(ctx context.Context, organization int64) (bool, error) {
	_, exists, err := found(pg.One(ctx, d.db, d.organization.With(organization), pg.Int, domain.ErrOrganizationNotFound))
	return exists, err
}

// OrganizationOf implements ports.Directory.
func (d *Directory) OrganizationOf(ctx context.Context, department int64) (organization int64, exists bool, err error) {
	return found(pg.One(ctx, d.db, d.department.With(department), pg.Int, domain.ErrDepartmentNotFound))
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

func found(id int64, err error) (int64, bool, error) {
	if errors.Is(err, domain.ErrOrganizationNotFound) || errors.Is(err, domain.ErrDepartmentNotFound) {
		return 0, false, nil
	}
	return id, err == nil, err
}
