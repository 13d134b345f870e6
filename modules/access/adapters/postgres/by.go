package postgres

import (
	"context"

	"erp.internal/platform/change"
)

// by returns the user who makes the context's change, nil for an actor who is no user.
func by(ctx context.Context) *int64 {
	if actor := change.From(ctx).Actor; actor.Kind == change.User {
		return &actor.ID
	}
	return nil
}
