package ports

import (
	"context"

	"erp.internal/platform/place"
)

// Person is the part of a user that other modules may know.
type Person struct {
	ID             int64
	Email          string // "" for a user without one
	FullName       *string
	EmployeeNumber *string
	Place          place.Place // where the user belongs
	Active         bool
	Deleted        bool
}

// Directory is the interface to users for other modules.
type Directory interface {
	// People returns the existing and deleted ones of the users, in any order.
	//
	// Errors: errs.Unavailable.
	People(ctx context.Context, users ...int64) ([]Person, error)
	// Deactivated returns the deactivated users, without deleted ones.
	//
	// Errors: errs.Unavailable.
	Deactivated(ctx context.Context) ([]int64, error)
	// PersonByName returns the user whose account has a name, an email or an employee number; false if there is none, or
	// several. An organization narrows an employee number to its users.
	//
	// Errors: errs.Unavailable.
	PersonByName(ctx context.Context, name string, organization *int64) (Person, bool, error)
}
