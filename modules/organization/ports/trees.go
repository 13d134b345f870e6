package ports

import (
	"context"
	"time"
)

// Trees answers other modules about ancestors and descendants of departments, from memory. A change on this server is visible
// at once, one on another replica within a second.
type Trees interface {
	// Above returns the ancestors of a department, the top first, and itself at the end; nil if the organization has no such
	// department. The result must not be changed. now is the result of time.Now, so that a decision reads the clock once.
	//
	// Errors: errs.Unavailable.
	Above(ctx context.Context, now time.Time, organization, department int64) ([]int64, error)
	// Below returns departments of an organization with all of their descendants, each once and sorted.
	//
	// Errors: errs.Unavailable.
	Below(ctx context.Context, organization int64, departments ...int64) ([]int64, error)
}
