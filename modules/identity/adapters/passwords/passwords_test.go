package passwords

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

// quick is as cheap as it gets, for tests.
func quick(queue int) *Hasher { return New(Settings{MemoryKiB: 8, Time: 1, Threads: 1, Queue: queue}) }

func verify(t *testing.T, h *Hasher, password, hash string) (matches, outdated bool) {
	t.Helper()
	matches, outdated, err := h.Verify(t.Context(), password, hash)
	if err != nil {
		t.Fatal(err)
	}
	return matches, outdated
}

func TestHasher(t *testing.T) {
	t.Parallel()
	h := quick(8)
	long := strings.Repeat("q7!xKw2p", 128)
	for _, password := range []string{"secret123", " 비밀번호 ", long, "a\x00b"} {
		hash, err := h.Hash(t.Context(), password)
		if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=8,t=1,p=1$") {
			t.Fatalf("%q, %v", hash, err)
		}
		if again, err := h.Hash(t.Context(), password); err != nil || again == hash {
			t.Errorf("twice the same hash: %v", err)
		}
		if matches, outdated := verify(t, h, password, hash); !matches || outdated {
			t.Errorf("%q: %v, %v", password, matches, outdated)
		}
		for _, other := range []string{password + "x", password[:len(password)-1], strings.ToUpper(password) + "x", ""} {
			if matches, _ := verify(t, h, other, hash); matches {
				t.Errorf("ASVS 6.2.8: %q was taken for another one", other)
			}
		}
	}
	if matches, outdated := verify(t, h, "", ""); matches || outdated {
		t.Error("no password matches an account without one")
	}
}

func TestHasher_outdated(t *testing.T) {
	t.Parallel()
	hash, err := quick(8).Hash(t.Context(), "secret123")
	if err != nil {
		t.Fatal(err)
	}
	dearer := New(Settings{MemoryKiB: 16, Time: 1, Threads: 1})
	if matches, outdated := verify(t, dearer, "secret123", hash); !matches || !outdated {
		t.Errorf("ASVS 11.4.2: %v, %v", matches, outdated)
	}
	dear, err := dearer.Hash(t.Context(), "secret123")
	if err != nil {
		t.Fatal(err)
	}
	if matches, outdated := verify(t, quick(8), "secret123", dear); !matches || outdated {
		t.Errorf("a dearer hash stays: %v, %v", matches, outdated)
	}
}

// Hashes of the old skeleton are known, and always to be replaced.
func TestHasher_legacy(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("secret123"))
	hash := hex.EncodeToString(sum[:])
	if matches, outdated := verify(t, quick(8), "secret123", hash); !matches || !outdated {
		t.Errorf("got %v, %v", matches, outdated)
	}
	if matches, _ := verify(t, quick(8), "secret124", hash); matches {
		t.Error("another password was taken")
	}
	if matches, _ := verify(t, quick(8), hash, hash); matches {
		t.Error("the hash itself was taken for the password")
	}
}

func TestHasher_hashesThatNobodyStored(t *testing.T) {
	t.Parallel()
	h := quick(8)
	good, err := h.Hash(t.Context(), "secret123")
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{
		"plain", "$2a$10$abcdefghijklmnopqrstuv", good + "=", good[:len(good)-1], strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=8,", "m=4294967295,", 1), strings.Replace(good, "t=1,", "t=0,", 1), strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "m=8,", "m=08,", 1),
	} {
		if _, _, err := h.Verify(t.Context(), "secret123", hash); err == nil {
			t.Errorf("%q was read", hash)
		}
	}
}

// The vector is one of golang.org/x/crypto/argon2's own tests.
func TestCompute_knownVector(t *testing.T) {
	t.Parallel()
	key := argon2.IDKey([]byte("password"), []byte("somesalt"), 1, 64, 1, 24)
	if got := hex.EncodeToString(key); got != "655ad15eac652dc59f7170a7332bf49b8469be1fdb9c28bb" {
		t.Errorf("got %s", got)
	}
}

// A caller who has gone is not hashed for, also where there is room.
func TestHasher_goneCaller(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	h := quick(8)
	for range 50 {
		if hash, err := h.Hash(gone, "secret123"); !errors.Is(err, context.Canceled) || hash != "" {
			t.Fatalf("got %q, %v", hash, err)
		}
	}
}

func TestSettings_Check(t *testing.T) {
	t.Parallel()
	if err := (Settings{MemoryKiB: 47104, Time: 1, Threads: 1}).Check(); err != nil {
		t.Errorf("one pass over 47104 KiB: %v", err)
	}
	if err := (Settings{MemoryKiB: 19456, Time: 2, Threads: 1, Queue: 128}).Check(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	err := Settings{MemoryKiB: 8, Time: 1, Queue: -1}.Check()
	for _, name := range []string{"PASSWORD_HASH_MEMORY_KIB", "PASSWORD_HASH_TIME", "PASSWORD_HASH_THREADS", "PASSWORD_HASH_QUEUE"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not complained of: %v", name, err)
		}
	}
}

// BenchmarkHash is one hash at the default cost.
func BenchmarkHash(b *testing.B) {
	h := New(Settings{MemoryKiB: 19456, Time: 2, Threads: 1})
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "secret123"); err != nil {
			b.Fatal(err)
		}
	}
}
