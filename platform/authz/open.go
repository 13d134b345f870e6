package authz

import "context"

// Open allows everything to whoever is signed in, for tests that are not about who may do what.
type Open struct{}

// Anywhere allows.
func (Open) Anywhere(context.Context, Permission) error { return nil }

// Require allows.
func (Open) Require(context.Context, Permission, Target) error { return nil }

// RequireAllOf allows.
func (Open) RequireAllOf(context.Context, int64) error { return nil }

// RequireNoGain allows.
func (Open) RequireNoGain(context.Context, Target, Target) error { return nil }

// Scope is everywhere.
func (Open) Scope(context.Context, Permission) (Scope, error) { return Scope{Everywhere: true}, nil }
