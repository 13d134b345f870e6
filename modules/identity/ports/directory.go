package ports

import (
	"context"

	"erp.internal/platform/place"
)

// Person is what other modules may know of a user.
type Person struct {
	ID       int64
	Email    string
	FullName *string
	Place    place.Place // where the user belongs
	Active   bool
	Deleted  bool
}

// Directory is what other modules may ask about users.
type Directory interface {
	// People gives those of the users that there are or ever were, in any order.
	//
	// Errors: errs.Unavailable.
	People(ctx context.Context, users ...int64) ([]Person, error)
	// Deactivated gives the users who may not sign in until they are activated again, without those who were deleted.
	//
	// Errors: errs.Unavailable.
	Deactivated(ctx context.Context) ([]int64, error)
	// PersonByEmail gives the user with an email, which is not deleted; false when there is none.
	//
	// Errors: errs.Unavailable.
	PersonByEmail(ctx context.Context, email string) (Person, bool, error)
}
