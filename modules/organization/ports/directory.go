package ports

import "context"

// Directory is what other modules may ask about organizations and departments, by their ids.
type Directory interface {
	// OrganizationExists reports whether there is such an organization.
	//
	// Errors: errs.Unavailable.
	OrganizationExists(ctx context.Context, organization int64) (bool, error)
	// OrganizationOf returns the organization that a department belongs to, which never changes; false when there is no
	// such department.
	//
	// Errors: errs.Unavailable.
	OrganizationOf(ctx context.Context, department int64) (organization int64, exists bool, err error)
	// Names returns what organizations and departments are called or were when they were deleted, by their ids.
	//
	// Errors: errs.Unavailable.
	Names(ctx context.Context, organizations, departments []int64) (Names, error)
}

// Names are what organizations and departments are called, by their ids.
type Names struct{ Organizations, Departments map[int64]string }
