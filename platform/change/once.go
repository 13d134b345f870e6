package change

import (
	"context"

	"erp.internal/platform/errs"
)

// ErrUnderWay answers a request that is sent again while the first one with its key is carried out.
var ErrUnderWay = &errs.Error{
	Kind: errs.Conflict, Code: "under_way",
	Message: "The same change is under way: ask again in a moment",
}

// Once lets a change that is asked for several times happen once. The first change of its context is that one.
type Once interface {
	// Begin is called first thing in the transaction of the change.
	//
	// Errors: ErrUnderWay, also when it has happened meanwhile; errs.Unavailable.
	Begin(ctx context.Context) error
	// End is called last, with what the use case gives, and keeps it in the transaction.
	//
	// Errors: a result that cannot be kept.
	End(ctx context.Context, result any) error
}

type onceKey struct{}

// WithOnce returns a context whose change happens once. Those that the same request makes after it belong to it.
func WithOnce(ctx context.Context, o Once) context.Context {
	return context.WithValue(ctx, onceKey{}, &firstChange{Once: o})
}

// firstChange is a Once that may be used up.
type firstChange struct {
	Once
	stored bool
}

// onceFrom returns the context's Once, nil where there is none or its change is stored.
func onceFrom(ctx context.Context) *firstChange {
	if o, _ := ctx.Value(onceKey{}).(*firstChange); o != nil && !o.stored {
		return o
	}
	return nil
}
