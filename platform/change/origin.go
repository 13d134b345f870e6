// Package change is the one door for all changes: it records the actor and the events of a change, in one transaction with the
// journal. See docs/architecture/change.md.
package change

import "context"

// ActorKind is the kind of an actor.
type ActorKind string

// The kinds of actors.
const (
	Nobody   ActorKind = ""         // an anonymous caller
	User     ActorKind = "user"     // a user, by their id
	Operator ActorKind = "operator" // who runs the server, at the command line, or without sign-in with --open
	System   ActorKind = "system"   // the server itself
)

// Actor is the originator of a change.
type Actor struct {
	Kind ActorKind
	ID   int64 // of a User
}

// Origin is the actor, the operation and the source of a change. The HTTP gate, the command line or a task puts it into the
// context.
type Origin struct {
	Actor     Actor
	Operation string // the operation's id in the OpenAPI document, the command's name, or the task's
	RequestID string // "" for none
	SessionID int64  // 0 for none
	Address   string // the client's IP address, "" for none
}

type originKey struct{}

// With returns a context that carries an origin.
func With(ctx context.Context, o Origin) context.Context {
	return &carrying{ctx, o}
}

// carrying is one allocation for each request; context.WithValue would be two.
type carrying struct {
	context.Context
	origin Origin
}

// Value implements context.Context.
func (c *carrying) Value(key any) any {
	if key == (originKey{}) {
		return &c.origin
	}
	return c.Context.Value(key)
}

// From returns the origin of the context, one of an anonymous caller if it has none.
func From(ctx context.Context) Origin {
	if o, carried := ctx.Value(originKey{}).(*Origin); carried {
		return *o
	}
	return Origin{}
}

// By returns a context with a user as the actor, who has just proved their identity.
func By(ctx context.Context, user int64) context.Context {
	o := From(ctx)
	o.Actor = Actor{Kind: User, ID: user}
	return With(ctx, o)
}
