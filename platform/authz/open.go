package authz

import (
	"context"

	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// Open allows everything to every caller, for tests that are not about permissions.
type Open struct{}

// Anywhere allows.
func (Open) Anywhere(context.Context, Permission) error { return nil }

// RequireAt allows.
func (Open) RequireAt(context.Context, Permission, place.Place) error { return nil }

// RequireAllOf allows.
func (Open) RequireAllOf(context.Context, int64) error { return nil }

// RequireNoGain allows.
func (Open) RequireNoGain(context.Context, place.Place, place.Place) error { return nil }

// Scope is everywhere.
func (Open) Scope(context.Context, Permission) (place.Scope, error) {
	return place.Scope{Everywhere: true}, nil
}

// Holding is nobody: there are no roles.
func (Open) Holding(context.Context, int64) (page.Condition, error) {
	return func(string) (string, []any) { return "false", nil }, nil
}
