package ports

import (
	"context"
	"strconv"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/authn"
)

// Source is the party on whose behalf a password is hashed: sources take turns, so that a flood from one delays only that
// one.
type Source struct {
	Key    string
	Known  bool // it has signed in before, or a user did from there; known sources have a share of their own
	AtOnce int  // maximum concurrent hashes, 0 for no limit
}

// mostAtOnce is the maximum of concurrent hashes of a person, who types one password at a time.
const mostAtOnce = 2

// SourceUser is a user who has signed in or proved their identity.
func SourceUser(id domain.UserID) Source {
	return Source{Key: "user " + strconv.FormatInt(int64(id), 10), Known: true, AtOnce: mostAtOnce}
}

// SourceDevice is a device that an account knows.
func SourceDevice(by domain.Counter) Source {
	return Source{Key: "device " + string(by.Key), Known: true, AtOnce: mostAtOnce}
}

// SourceNetwork is a client of which only the network is known, and whether any user has signed in from there. It does not
// matter whether it was the account that is tried: its answers would then come sooner than those of an unknown email.
func SourceNetwork(network []byte, known bool) Source {
	return Source{Key: "network " + string(network), Known: known}
}

type sourceKey struct{}

// WithSource returns a context in which passwords are hashed on behalf of a source.
func WithSource(ctx context.Context, s Source) context.Context {
	return context.WithValue(ctx, sourceKey{}, s)
}

// SourceOf returns the source of a context: that of WithSource, or the signed-in user, or the operator.
func SourceOf(ctx context.Context) Source {
	if s, given := ctx.Value(sourceKey{}).(Source); given {
		return s
	}
	if who := authn.From(ctx); who.UserID != 0 {
		return SourceUser(domain.UserID(who.UserID))
	}
	return Source{Known: true}
}
