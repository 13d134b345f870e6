package ports

import (
	"context"
	"strconv"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/authn"
)

// Source is on whose behalf a password is hashed: sources take turns, so that a flood from one delays only that one.
type Source struct {
	Key    string
	Known  bool // it has signed in before, or somebody did from there; strangers leave such a share
	AtOnce int  // hashes at once at most, 0 for no bound of its own
}

// mostAtOnce bounds the hashes at once of one person, who types one password at a time.
const mostAtOnce = 2

// SourceUser is a user who has signed in or proved who they are.
func SourceUser(id domain.UserID) Source {
	return Source{Key: "user " + strconv.FormatInt(int64(id), 10), Known: true, AtOnce: mostAtOnce}
}

// SourceDevice is a device that an account knows.
func SourceDevice(by domain.Counter) Source {
	return Source{Key: "device " + string(by.Key), Known: true, AtOnce: mostAtOnce}
}

// SourceNetwork is somebody of whom only the network is known, and whether anybody has signed in from there. Whether it
// was the account that is tried plays no part: its answers would come sooner than those of an email that is nobody's.
func SourceNetwork(network []byte, known bool) Source {
	return Source{Key: "network " + string(network), Known: known}
}

type sourceKey struct{}

// WithSource gives a context in which passwords are hashed on behalf of a source.
func WithSource(ctx context.Context, s Source) context.Context {
	return context.WithValue(ctx, sourceKey{}, s)
}

// SourceOf gives the source of a context: the one that was given, else the user who is signed in, else the operator.
func SourceOf(ctx context.Context) Source {
	if s, given := ctx.Value(sourceKey{}).(Source); given {
		return s
	}
	if who := authn.From(ctx); who.UserID != 0 {
		return SourceUser(domain.UserID(who.UserID))
	}
	return Source{Known: true}
}
