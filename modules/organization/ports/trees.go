package ports

import (
	"context"
	"time"
)

// Trees answers other modules about ancestors and descendants of departments, from memory. A change on this server is visible
// at once, one on another replica within a second.
type Trees interface {
	// Above returns a department and what it stands below, the top first; nothing when the organization has no such
	// department. It is not to be changed. now is what time.Now gives, so that a decision reads the clock once.
	//
	// Errors: errs.Unavailable.
	Above(ctx context.Context, now time.Time, organization, department int64) ([]int64, error)
	// Below returns departments of an organization with everything below them, each once and sorted.
	//
	// Errors: errs.Unavailable.
	Below(ctx context.Context, organization int64, departments ...int64) ([]int64, error)
}
