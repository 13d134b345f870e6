package ports

import (
	"context"

	"erp.internal/platform/place"
)

// Person is the part of a user that other modules may know.
type Person struct {
	ID       int64
	Email    string
	FullName *string
	Place    place.Place // where the user belongs
	Active   bool
	Deleted  bool
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
	// PersonByEmail returns the user with an email who is not deleted; false if there is none.
	//
	// Errors: errs.Unavailable.
	PersonByEmail(ctx context.Context, email string) (Person, bool, error)
}
