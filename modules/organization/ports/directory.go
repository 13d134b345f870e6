package ports

import (
	"context"

	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// Directory is the interface to organizations and departments for other modules, by their ids.
type Directory interface {
	// OrganizationExists reports whether an organization exists.
	//
	// Errors: errs.Unavailable.
	OrganizationExists(ctx context.Context, organization int64) (bool, error)
	// OrganizationOf returns the organization that a department belongs to, which never changes; false if the department
	// does not exist.
	//
	// Errors: errs.Unavailable.
	OrganizationOf(ctx context.Context, department int64) (organization int64, exists bool, err error)
	// Names returns the names of organizations and departments, including deleted ones, by their ids.
	//
	// Errors: errs.Unavailable.
	Names(ctx context.Context, organizations, departments []int64) (Names, error)
	// DepartmentsNamed returns at most so many departments in a scope whose name or code matches a query; of those among,
	// which is nil for all.
	//
	// Errors: errs.Unavailable.
	DepartmentsNamed(ctx context.Context, q search.Query, scope place.Scope, among []int64, atMost int) ([]int64, error)
}

// Names are the names of organizations and departments, by their ids.
type Names struct{ Organizations, Departments map[int64]string }
