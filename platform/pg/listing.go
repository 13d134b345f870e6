package pg

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"erp.internal/platform/gather"
	"erp.internal/platform/page"
)

// Equal pages that are wanted while such a page is being read wait for it to end, and are then read together, once for all. So
// none is older than its caller's question, and a caller alone does not wait.

// listings are the pages that are being read, and those that wait.
type listings = gather.Groups[listingKey, *listing]

// listingKey tells pages apart: equal keys are equal statements.
type listingKey struct {
	of    reflect.Type // the items
	text  string
	first bool // page: a cursor is no filter
	count bool
}

// keyOf is the key of a page.
func keyOf[T any](call Call, request page.Request) listingKey {
	var text strings.Builder
	text.WriteString(call.sql)
	for _, arg := range call.args {
		fmt.Fprintf(&text, "\x00%#v", arg) // quotes texts, and tells types apart
	}
	return listingKey{of: reflect.TypeFor[T](), text: text.String(), first: request.After == nil, count: request.Count}
}

// listing is a page that a caller wants.
type listing struct {
	ctx  context.Context //nolint:containedctx // those who wait for a page may all go: see audience
	page any
	err  error
	read bool
}

// together reads a page for all callers who wait for an equal one. The items must not be changed: others may have them as well. In
// a transaction, and with a deadline, which would bind others, a page is read for its caller alone.
func (l List[T]) together(ctx context.Context, db *DB, call Call, request page.Request, read func(context.Context, Call) (page.Page[T], error)) (page.Page[T], error) {
	if call.err != nil || db.Inside(ctx) || limited(ctx) {
		return read(ctx, call)
	}
	own := &listing{ctx: ctx}
	db.listings.Run(keyOf[T](call, request), own, func(take func() []*listing) {
		callers := newAudience(ctx)
		defer callers.end()
		all := []*listing{own}
		call.begins = sync.OnceFunc(func() { all = callers.admit(take, all) })
		found, err := read(callers.ctx, call)
		if len(all) > 1 {
			found.Shared = new(page.Shared)
		}
		for _, one := range all {
			one.page, one.err, one.read = found, err, true
		}
	})
	found, _ := own.page.(page.Page[T])
	if !own.read { // reading it panicked, in another caller's goroutine
		return read(ctx, call)
	}
	return found, own.err
}

// audience is the callers who wait for one page. Its context ends when all of them have gone: one who goes takes nothing from the
// others.
type audience struct {
	ctx    context.Context //nolint:containedctx // it is made to be handed out
	cancel context.CancelFunc

	mu    sync.Mutex
	here  int
	stops []func() bool
}

// newAudience is a caller alone. It has the values of the caller's context.
func newAudience(first context.Context) *audience {
	a := &audience{}
	a.ctx, a.cancel = context.WithCancel(context.WithoutCancel(first))
	a.here = 1
	a.watch(first)
	return a
}

// admit adds the others who wait, unless the first caller has gone already.
func (a *audience) admit(take func() []*listing, alone []*listing) []*listing {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.here == 0 {
		return alone
	}
	all := take()
	a.here += len(all) - 1
	for _, other := range all[1:] {
		a.watch(other.ctx)
	}
	return all
}

func (a *audience) watch(ctx context.Context) {
	a.stops = append(a.stops, context.AfterFunc(ctx, a.goes))
}

func (a *audience) goes() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.here--; a.here == 0 {
		a.cancel()
	}
}

func (a *audience) end() {
	for _, stop := range a.stops {
		stop()
	}
	a.cancel()
}
