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
}

var _ ports.Directory = (*Directory)(nil)

// NewDirectory makes the directory.
func NewDirectory(db *pg.DB) *Directory {
	return &Directory{
		db:           db,
		organization: pg.Static("look up organization", pg.Build.Select("id").From(organizationsTable).Where("id = ?")),
		department:   pg.Static("look up department", pg.Build.Select("organization_id").From(departmentsTable).Where("id = ?")),
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

func found(id int64, err error) (int64, bool, error) {
	if errors.Is(err, domain.ErrOrganizationNotFound) || errors.Is(err, domain.ErrDepartmentNotFound) {
		return 0, false, nil
	}
	return id, err == nil, err
}
