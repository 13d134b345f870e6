// Package change is the one door for whatever changes something: who does it, what happened, in one transaction with the
// journal that keeps it. See docs/architecture/change.md.
package change

import "context"

// ActorKind says what kind of actor changes something.
type ActorKind string

// The kinds of actors.
const (
	Nobody   ActorKind = ""         // who has not said who they are
	User     ActorKind = "user"     // a person, by their id
	Operator ActorKind = "operator" // who runs the server, at the command line, or without sign-in with --open
	System   ActorKind = "system"   // the server itself
)

// Actor is who changes something.
type Actor struct {
	Kind ActorKind
	ID   int64 // of a User
}

// Origin says who changes something, by which operation, and from where. The edge puts it into the context: the HTTP
// adapter, the command line, a task.
type Origin struct {
	Actor     Actor
	Operation string // the operation's id in the OpenAPI document, the command's name, or the task's
	RequestID string // "" where there is no request
	SessionID int64  // 0 where there is none
	Address   string // the client's IP address, "" where there is none
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

// From returns the origin that the context carries, that of nobody when it carries none.
func From(ctx context.Context) Origin {
	if o, carried := ctx.Value(originKey{}).(*Origin); carried {
		return *o
	}
	return Origin{}
}

// By returns a context whose actor is a user: one who has just proved who they are.
func By(ctx context.Context, user int64) context.Context {
	o := From(ctx)
	o.Actor = Actor{Kind: User, ID: user}
	return With(ctx, o)
}
