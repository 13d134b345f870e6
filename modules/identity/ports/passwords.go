package ports

import "context"

// Passwords turns passwords into hashes that can be stored and compares them. Hashing takes memory and time on purpose:
// few run at once, a few more wait, and beyond that the answer is to come back. The sources of contexts (WithSource) take
// turns.
type Passwords interface {
	// Hash gives a salted hash in PHC string format.
	//
	// Errors: domain.ErrTooBusy.
	Hash(ctx context.Context, password string) (hash string, err error)
	// Verify says whether hash is of the password, and whether it should be replaced: by one with the present
	// parameters, or since it is a hash of the old skeleton's (hex SHA-256). An empty hash, of an account that is not
	// there or has no password, matches nothing and takes as long as any other.
	//
	// Errors: domain.ErrTooBusy, a stored hash that cannot be read.
	Verify(ctx context.Context, password, hash string) (matches, outdated bool, err error)
}

// CommonPasswords says whether a password, in whatever case and Unicode form, is one that many people choose.
type CommonPasswords func(password string) bool
