package ports

import "context"

// Passwords hashes and verifies passwords. Hashing takes memory and time on purpose: few hashes are computed at once, a few
// more wait, and the rest are refused with ErrTooBusy. The sources of contexts (WithSource) take turns.
type Passwords interface {
	// Hash returns a salted hash in PHC string format.
	//
	// Errors: domain.ErrTooBusy.
	Hash(ctx context.Context, password string) (hash string, err error)
	// Verify reports whether the password matches the hash, and whether the hash is outdated: with other parameters, or of the
	// old skeleton (hex SHA-256). An empty hash, for a missing account or one without a password, matches nothing and takes as
	// long as any other.
	//
	// Errors: domain.ErrTooBusy, a stored hash that cannot be read.
	Verify(ctx context.Context, password, hash string) (matches, outdated bool, err error)
}

// CommonPasswords reports whether a password is one that many people choose, ignoring case and Unicode form.
type CommonPasswords func(password string) bool
