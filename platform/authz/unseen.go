package authz

import "context"

// An object that is kept in memory is found sooner than a missing one is missed, since only the database says that an object is
// missing. So that time does not tell the one from the other, an object that turns out to be hidden from the caller is read from
// the database as well.

// WithReads returns a context that remembers how the object was read that was read last. It belongs to one goroutine.
func WithReads(ctx context.Context) context.Context { return &reads{Context: ctx} }

type reads struct {
	context.Context
	again func(context.Context)
}

type readsKey struct{}

// Value implements context.Context.
func (r *reads) Value(key any) any {
	if key == (readsKey{}) {
		return r
	}
	return r.Context.Value(key)
}

// Read notes how an object was read: again reads it from the database, and is nil where it came from there.
func Read(ctx context.Context, again func(context.Context)) {
	if r, ok := ctx.Value(readsKey{}).(*reads); ok {
		r.again = again
	}
}

// ReadAgain reads the object that was read last from the database, where it was kept in memory. RequireVisible does it; a use case
// that hides an object otherwise calls it.
func ReadAgain(ctx context.Context) {
	if r, ok := ctx.Value(readsKey{}).(*reads); ok && r.again != nil {
		r.again(ctx)
		r.again = nil
	}
}
