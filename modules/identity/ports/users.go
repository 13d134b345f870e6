// Package ports holds the interfaces at the module's edge: what it needs driven. It is the only package of this module
// that other modules may import.
package ports

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// UserFilter says which users a list holds.
type UserFilter struct {
	IDs    []domain.UserID // only these; none for all
	Place  place.Place     // an organization, a department or both
	Active *bool
	Search string // only those whose email or name contains it; "" for all
	Scope  place.Scope
}

// Users keeps users. A deleted user is not found any more.
type Users interface {
	// ByID gives a user.
	//
	// Errors: domain.ErrUserNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.UserID) (domain.User, error)
	// ForUpdate is ByID, and keeps others from changing the user until the transaction ends.
	ForUpdate(ctx context.Context, id domain.UserID) (domain.User, error)
	// List gives a page; it can be sorted by id, email, full_name, created_at, and updated_at.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter UserFilter, request page.Request) (page.Page[domain.User], error)
	// Create stores a new user and gives it its id, version and times.
	//
	// Errors: domain.ErrEmailTaken, errs.Invalid when the organization or the department has just gone, errs.Unavailable.
	Create(ctx context.Context, u domain.User) (domain.User, error)
	// Update stores a change and gives the new version and time.
	//
	// Errors: those of Create, etag.ErrStale when the version is not u's any more.
	Update(ctx context.Context, u domain.User) (domain.User, error)
	// Delete takes the user away and frees the email. The row stays for what refers to it, and the id is not used again.
	//
	// Errors: errs.Unavailable.
	Delete(ctx context.Context, id domain.UserID) error
	// Beyond gives the users whose emails have a domain beyond ASCII, in Unicode or in Punycode, the active ones first.
	//
	// Errors: errs.Unavailable.
	Beyond(ctx context.Context) ([]domain.User, error)
	// Rekey stores a user's email anew, as it is shown and compared now, and says whether the email still was the stored one.
	//
	// Errors: domain.ErrEmailTaken, errs.Unavailable.
	Rekey(ctx context.Context, id domain.UserID, stored, email domain.Email) (rekeyed bool, err error)
	// Any says whether there was a user ever.
	//
	// Errors: errs.Unavailable.
	Any(ctx context.Context) (bool, error)
	// ClaimFirst says whether there never was a user, and keeps others from making one until the transaction ends.
	//
	// Errors: errs.Unavailable.
	ClaimFirst(ctx context.Context) (bool, error)
}
