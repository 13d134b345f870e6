// Package passwords hashes passwords with argon2id (RFC 9106) and knows which ones many people choose.
package passwords

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"runtime"

	"golang.org/x/crypto/argon2"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
)

const (
	saltBytes = 16
	keyBytes  = 32
)

// Hasher implements ports.Passwords. As many hashes are computed at once as there are cores, since each takes its
// memory; a few more wait, and those who ask take turns.
type Hasher struct {
	cost  cost
	dummy phc
	queue *queue
}

var _ ports.Passwords = (*Hasher)(nil)

// New makes the hasher.
func New(s Settings) *Hasher {
	h := &Hasher{
		cost:  cost{memoryKiB: s.MemoryKiB, time: s.Time, threads: s.Threads},
		queue: newQueue(runtime.GOMAXPROCS(0), s.Queue),
	}
	h.dummy = phc{cost: h.cost, salt: salt(), key: make([]byte, keyBytes)}
	return h
}

// Hash implements ports.Passwords.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	hash := phc{cost: h.cost, salt: salt()}
	key, err := h.compute(ctx, password, hash)
	if err != nil {
		return "", err
	}
	hash.key = key
	return hash.String(), nil
}

// Verify implements ports.Passwords. Of the old skeleton's hashes it computes one of ours beside, so that it takes as
// long; so it does for a password that is longer than any that was ever stored.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (matches, outdated bool, err error) {
	stored := h.dummy
	legacy, isLegacy := parseLegacy(hash)
	if hash != "" && !isLegacy {
		if stored, err = parsePHC(hash); err != nil {
			return false, false, err
		}
	}
	tooLong := len(password) > domain.MaxPasswordBytes
	if tooLong {
		password = password[:domain.MaxPasswordBytes]
	}
	key, err := h.compute(ctx, password, stored)
	if err != nil {
		return false, false, err
	}
	switch {
	case hash == "" || tooLong:
		return false, false, nil
	case isLegacy:
		sum := sha256.Sum256([]byte(password))
		return subtle.ConstantTimeCompare(sum[:], legacy) == 1, true, nil
	default:
		return subtle.ConstantTimeCompare(key, stored.key) == 1, stored.below(h.cost), nil
	}
}

// compute returns the key of a password, once it is its turn.
//
// Errors: domain.ErrTooBusy, also when the caller has gone before it was their turn.
func (h *Hasher) compute(ctx context.Context, password string, with phc) ([]byte, error) {
	leave, err := h.queue.enter(ctx, ports.SourceOf(ctx))
	if err != nil {
		return nil, err
	}
	defer leave()
	return argon2.IDKey([]byte(password), with.salt, with.time, with.memoryKiB, with.threads, keyBytes), nil
}

func salt() []byte {
	b := make([]byte, saltBytes)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return b
}

// parseLegacy reads a hash of the old skeleton: the SHA-256 in hex.
func parseLegacy(hash string) ([]byte, bool) {
	if len(hash) != hex.EncodedLen(sha256.Size) {
		return nil, false
	}
	sum, err := hex.DecodeString(hash)
	return sum, err == nil
}

// errUnreadable is a hash that nobody here stored.
func errUnreadable(what string) error {
	return fmt.Errorf("a stored password hash cannot be read: %s", what)
}
