package change

import (
	"context"

	"erp.internal/platform/errs"
)

// ErrUnderWay answers a retried request while the first one with its key is under way.
var ErrUnderWay = &errs.Error{
	Kind: errs.Conflict, Code: "under_way",
	Message: "The same change is under way: ask again in a moment",
}

// Once makes a retried change happen only once. It applies to the first change of its context.
type Once interface {
	// Begin is called first in the transaction of the change.
	//
	// Errors: ErrUnderWay, also when the change was made meanwhile; errs.Unavailable.
	Begin(ctx context.Context) error
	// End is called last, with the result of the use case, and stores it in the transaction.
	//
	// Errors: a result that cannot be stored.
	End(ctx context.Context, result any) error
}

type onceKey struct{}

// WithOnce returns a context whose first change happens only once. Further changes of the same request belong to it.
func WithOnce(ctx context.Context, o Once) context.Context {
	return context.WithValue(ctx, onceKey{}, &firstChange{Once: o})
}

// firstChange is a Once that applies until its change is stored.
type firstChange struct {
	Once
	stored bool
}

// onceFrom returns the context's Once, nil if there is none or its change is stored.
func onceFrom(ctx context.Context) *firstChange {
	if o, _ := ctx.Value(onceKey{}).(*firstChange); o != nil && !o.stored {
		return o
	}
	return nil
}
