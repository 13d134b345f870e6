package change

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"erp.internal/platform/errs"
)

// ErrOutcomeUnknown says that the connection was lost during the commit: the change may or may not be stored.
var ErrOutcomeUnknown = &errs.Error{
	Kind: errs.Unavailable, Code: "outcome_unknown",
	Message: "The database's answer got lost: this may have been stored or not. Look before you try again", RetryAfter: 2 * time.Second,
}

// Turn names a row with contention whose lock a transaction takes first: an organization, for changes of its tree, or a user.
// The zero value is none.
type Turn struct {
	Of string // "organization"
	ID int64
}

// Store is the database of changes.
type Store interface {
	// InTurn runs do in a transaction, which is in do's context; a nested call joins the transaction. do is retried when the
	// database asks for it and when the connection was lost before the commit, so it must have no other effects. A transaction
	// that begins with a contended lock names its turn, and waits for that before it takes a connection.
	//
	// Errors: do's own, errs.Unavailable, ErrOutcomeUnknown.
	InTurn(ctx context.Context, turn Turn, do func(ctx context.Context) error) error
	// Changed reports whether the context's transaction has changed anything yet.
	Changed(ctx context.Context) bool
	// Stored reports whether the context's transaction is stored already, together with its last statement.
	Stored(ctx context.Context) bool
	// AfterCommit runs do after the commit of the context's transaction, also if its outcome is unknown.
	AfterCommit(ctx context.Context, do func())
	// AtEnd runs do when the context's transaction has ended, whether it is stored or not; after what AfterCommit runs.
	AtEnd(ctx context.Context, do func())
}

// Journal stores events.
type Journal interface {
	// Append stores events in the context's transaction, as its last statement.
	//
	// Errors: errs.Unavailable.
	Append(ctx context.Context, origin Origin, events []Event) error
	// AppendWith returns a context for the last statement of the transaction, which keeps the event together with the row that
	// it stores, and stores the transaction. Where that cannot be, the context is given unchanged.
	AppendWith(ctx context.Context, origin Origin, e Event) context.Context
}

// Caches are the caches of this server.
type Caches interface {
	// Invalidate is called with the events of a change after its commit, also when its outcome is unknown.
	Invalidate(notices []Notice)
	// Storing is called with the events of a change before its commit. Until end, nothing that it changes is cached: others may
	// read the change from the database already, such as in a list, and must not find the former state in a cache afterwards.
	Storing(notices []Notice) (end func())
}

// Subscriber handles an event in its transaction. It may change more, record more, and refuse the whole change with an
// error.
type Subscriber func(ctx context.Context, tx *Tx, e Event) error

// Door carries out all changes.
type Door struct {
	store       Store
	journal     Journal
	caches      Caches
	log         *zap.Logger
	subscribers map[string][]Subscriber
	kinds       []Kind
	strict      bool
}

// NewDoor makes the door.
func NewDoor(store Store, journal Journal, caches Caches, log *zap.Logger) *Door {
	return &Door{store: store, journal: journal, caches: caches, log: log, subscribers: map[string][]Subscriber{}}
}

// Strict makes the door refuse a change that records nothing, for tests. Otherwise such a change is stored and logged as an
// error.
func (d *Door) Strict() { d.strict = true }

// Subscribe adds a subscriber of a kind of events. It must not be called after the first change.
func (d *Door) Subscribe(kind string, s Subscriber) {
	d.subscribers[kind] = append(d.subscribers[kind], s)
}

// Tx is a change that is under way.
type Tx struct {
	door        *Door
	events      []Event
	keepsAnswer bool  // in the same transaction, for an Idempotency-Key
	parts       int   // changes inside it that are under way
	announced   Event // passed to Last
}

func notices(events []Event) []Notice {
	all := make([]Notice, len(events))
	for i, e := range events {
		all[i] = e.Notice()
	}
	return all
}

// Record records events of the change.
func (t *Tx) Record(events ...Event) { t.events = append(t.events, events...) }

// NewID stands for the id of a row that is being stored, in an event for Last.
const NewID = -1

// Last returns a context for the last statement of a change, which is run by pg.One and returns a row with an id. That
// statement stores the row, the journal's row of the given event, and the change: it costs a round trip less. Record the same
// event afterwards and return; nothing may fail any more. With several events, a subscriber, an outer change or an
// Idempotency-Key, Last returns ctx unchanged.
func (t *Tx) Last(ctx context.Context, events ...Event) context.Context {
	if len(t.events) > 0 || len(events) != 1 || t.keepsAnswer || t.parts > 0 || len(t.door.subscribers[events[0].Kind]) > 0 {
		return ctx
	}
	t.announced = events[0]
	t.door.storing(ctx, events)
	return t.door.journal.AppendWith(ctx, From(ctx), t.announced)
}

type txKey struct{}

// Do runs a use case that changes something in one transaction, with the subscribers of its events and their journal rows. A
// nested call is a part of the outer change. do is retried when the database asks for it, so it must have no other effects.
//
// Errors: do's own, those of subscribers, errs.Unavailable, ErrOutcomeUnknown.
func Do[T any](ctx context.Context, d *Door, do func(ctx context.Context, tx *Tx) (T, error)) (T, error) {
	return InTurn(ctx, d, Turn{}, do)
}

// InTurn is Do for a change that begins with a contended lock.
//
// Errors: those of Do; errs.Unavailable also when the lock is not free in time.
func InTurn[T any](ctx context.Context, d *Door, turn Turn, do func(ctx context.Context, tx *Tx) (T, error)) (T, error) {
	if outer, inside := ctx.Value(txKey{}).(*Tx); inside {
		outer.parts++
		defer func() { outer.parts-- }()
		return do(ctx, outer)
	}
	var result, none T
	once := onceFrom(ctx)
	err := d.store.InTurn(ctx, turn, func(ctx context.Context) error {
		tx := &Tx{door: d, keepsAnswer: once != nil}
		d.store.AfterCommit(ctx, func() { d.invalidate(tx) })
		ctx = context.WithValue(ctx, txKey{}, tx)
		if once != nil {
			if err := once.Begin(ctx); err != nil {
				return err
			}
		}
		var err error
		if result, err = do(ctx, tx); err != nil {
			return err
		}
		if err := d.complete(ctx, tx); err != nil || once == nil {
			return err
		}
		return once.End(ctx, result)
	})
	if err != nil {
		return none, err
	}
	if once != nil {
		once.stored = true
	}
	return result, nil
}

// errUndeclared is a bug: a module records a kind of events that it does not declare.
var errUndeclared = errors.New("a change recorded a kind of events that no module declares")

// errUnrecorded is a bug: a use case changed something and recorded no event.
var errUnrecorded = errors.New("a change was not recorded")

// errRecordedOtherwise is a bug: the journal has another event than the use case recorded.
var errRecordedOtherwise = errors.New("a change stored another event than it recorded")

// complete runs the subscribers of a change and appends its events to the journal.
func (d *Door) complete(ctx context.Context, tx *Tx) error {
	if d.store.Stored(ctx) {
		return errors.Join(d.compare(ctx, tx), d.requireDeclared(tx))
	}
	for i := 0; i < len(tx.events); i++ { // subscribers may record more
		for _, s := range d.subscribers[tx.events[i].Kind] {
			if err := s(ctx, tx, tx.events[i]); err != nil {
				return err
			}
		}
	}
	if err := d.requireDeclared(tx); err != nil {
		return err
	}
	if len(tx.events) > 0 {
		d.storing(ctx, tx.events)
		return d.journal.Append(ctx, From(ctx), tx.events)
	}
	if !d.store.Changed(ctx) {
		return nil
	}
	operation := From(ctx).Operation
	if d.strict {
		return fmt.Errorf("%w: %s", errUnrecorded, operation)
	}
	d.log.Error(errUnrecorded.Error(), zap.String("operation", operation))
	return nil
}

// requireDeclared refuses, where the door is strict, a kind of events that nobody declares.
func (d *Door) requireDeclared(tx *Tx) error {
	for _, e := range tx.events {
		if d.strict && !d.declared(e.Kind) {
			return fmt.Errorf("%w: %s", errUndeclared, e.Kind)
		}
	}
	return nil
}

// compare reports whether a change that is stored recorded what it stored. Only a strict door compares the fields.
func (d *Door) compare(ctx context.Context, tx *Tx) error {
	if len(tx.events) == 1 && tx.announced.matches(tx.events[0], d.strict) {
		return nil
	}
	operation := From(ctx).Operation
	if d.strict {
		return fmt.Errorf("%w: %s", errRecordedOtherwise, operation)
	}
	d.log.Error(errRecordedOtherwise.Error(), zap.String("operation", operation))
	return nil
}

// storing tells the caches of a change that is about to be committed.
func (d *Door) storing(ctx context.Context, events []Event) {
	d.store.AtEnd(ctx, d.caches.Storing(notices(events)))
}

// invalidate passes the events of a change to the caches. A change whose outcome is unknown since its last statement has recorded
// nothing; what it announced may be stored.
func (d *Door) invalidate(tx *Tx) {
	events := tx.events
	if len(events) == 0 && tx.announced.Kind != "" {
		events = []Event{tx.announced}
	}
	if len(events) > 0 {
		d.caches.Invalidate(notices(events))
	}
}
