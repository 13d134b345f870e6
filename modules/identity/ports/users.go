// Package ports holds the interfaces of the module. It is the only package of this module that other modules may import.
package ports

import (
	"context"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// UserFilter filters users.
type UserFilter struct {
	IDs    []domain.UserID // empty for all
	Place  place.Place     // an organization, a department or both
	Within place.Place     // an organization, or a department with its descendants
	// WithoutDepartment excludes users of departments.
	WithoutDepartment bool
	Active            *bool
	EmployeeNumber    string            // in any case; "" for all
	Employment        domain.Employment // "" for all
	CreatedSince      *time.Time
	UpdatedSince      *time.Time
	// NeverSignedIn excludes users who have signed in, LastSignInBefore those who have not or have since.
	NeverSignedIn    bool
	LastSignInBefore *time.Time
	RoleID           *int64          // of users who have it now
	Holding          page.Condition  // what RoleID means; set by the use case
	Search           search.Query    // for the name, the email and the employee number; empty for all
	Beside           []search.Beside // departments that have some of its words
	Scope            place.Scope
}

// Users is the repository of users. Deleted users are not found.
type Users interface {
	// ByID returns a user.
	//
	// Errors: domain.ErrUserNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.UserID) (domain.User, error)
	// ForUpdate is ByID, and locks the user until the transaction ends.
	ForUpdate(ctx context.Context, id domain.UserID) (domain.User, error)
	// ToChange is ForUpdate for a transaction that begins with it and is likely to run only one more statement, Update. It saves a
	// round trip then; otherwise the transaction is run a second time.
	ToChange(ctx context.Context, id domain.UserID) (domain.User, error)
	// List returns a page; it can be sorted by id, email, full_name, employee_number, created_at, updated_at, and last_sign_in_at.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter UserFilter, request page.Request) (page.Page[domain.User], error)
	// Search returns users that a filter's search finds, with those that match best among them; at least so many, as long as
	// there are others.
	//
	// Errors: errs.Unavailable.
	Search(ctx context.Context, filter UserFilter, atLeast int) ([]domain.User, error)
	// DepartmentsOf returns the departments of at most so many users that match a query in a scope.
	//
	// Errors: errs.Unavailable.
	DepartmentsOf(ctx context.Context, q search.Query, scope place.Scope, atMost int) ([]int64, error)
	// Create stores a new user and returns it with id, version and times.
	//
	// Errors: domain.ErrEmailTaken, domain.ErrNumberTaken, errs.Invalid when the organization or the department was just deleted, errs.Unavailable.
	Create(ctx context.Context, u domain.User) (domain.User, error)
	// Update stores a change and returns the user with the new version and time.
	//
	// Errors: those of Create, etag.ErrStale when the version is not u's any more.
	Update(ctx context.Context, u domain.User) (domain.User, error)
	// Delete deletes the user and frees the email and the employee number. The row stays for references to it, and the id is never reused.
	//
	// Errors: errs.Unavailable.
	Delete(ctx context.Context, id domain.UserID) error
	// Beyond returns the users whose emails have a domain outside of ASCII, in Unicode or in Punycode, the active ones first.
	//
	// Errors: errs.Unavailable.
	Beyond(ctx context.Context) ([]domain.User, error)
	// Rekey stores a user's email again, as it is shown and compared now, and reports whether the stored email was unchanged.
	//
	// Errors: domain.ErrEmailTaken, errs.Unavailable.
	Rekey(ctx context.Context, id domain.UserID, stored, email domain.Email) (rekeyed bool, err error)
	// Any reports whether there has ever been a user.
	//
	// Errors: errs.Unavailable.
	Any(ctx context.Context) (bool, error)
	// ClaimFirst reports whether there has never been a user, and locks others out of creating one until the transaction ends.
	//
	// Errors: errs.Unavailable.
	ClaimFirst(ctx context.Context) (bool, error)
}
