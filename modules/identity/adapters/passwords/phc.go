package passwords

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what a hash takes.
type cost struct {
	memoryKiB, time uint32
	threads         uint8
}

// below reports whether any part is less than another's.
func (c cost) below(other cost) bool {
	return c.memoryKiB < other.memoryKiB || c.time < other.time || c.threads < other.threads
}

// phc is a hash in PHC string format: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type phc struct {
	cost
	salt, key []byte
}

// String writes the hash.
func (p phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memoryKiB, p.time, p.threads, b64.EncodeToString(p.salt), b64.EncodeToString(p.key))
}

// parsePHC reads a hash exactly as String writes it.
func parsePHC(s string) (phc, error) {
	var p phc
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, errUnreadable("it is not argon2id in PHC string format")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memoryKiB, &p.time, &p.threads); err != nil {
		return p, errUnreadable("its parameters")
	}
	if p.memoryKiB < 8*uint32(p.threads) || p.memoryKiB > mostMemoryKiB || p.time < 1 || p.time > mostTime || p.threads < 1 || p.threads > mostThreads {
		return p, errUnreadable("its parameters are out of bounds")
	}
	var err, keyErr error
	p.salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	p.key, keyErr = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err != nil || keyErr != nil || len(p.salt) < 8 || len(p.key) != keyBytes || p.String() != s {
		return p, errUnreadable("its salt or its key")
	}
	return p, nil
}
