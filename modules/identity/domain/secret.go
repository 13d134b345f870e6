package domain

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
	"unicode"
)

// TokenLength is the length of a session's token in bytes: 256 bits in unpadded base64url.
const TokenLength = 43

// NewToken makes a session's token of 256 random bits (ASVS 7.2.3).
func NewToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Digest is the SHA-256 of a secret's text as it was sent: of what the text stands for, base64 has more than one
// spelling, since the last character holds bits to spare.
func Digest(secret string) [32]byte {
	var buffer [64]byte
	return sha256.Sum256(append(buffer[:0], secret...)) // of a token, without an allocation
}

// crockford are the digits of Crockford's base32, which has no letters that look like others.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const (
	codeGroups = 4
	groupSize  = 5 // characters of 5 bits: 100 bits in all
)

// NewCode makes a one-time code of 100 random bits that people can type: "7K2QX-…", four groups of five.
func NewCode() string {
	groups := make([]string, codeGroups)
	for i := range groups {
		groups[i] = random(crockford, groupSize)
	}
	return strings.Join(groups, "-")
}

// NormalCode returns the form in which codes are compared: case, spaces and line breaks, dashes, and letters taken for
// others do not matter.
func NormalCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r):
			return -1
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case r == 'U':
			return 'V'
		}
		return r
	}, strings.ToUpper(typed))
}

// NewPassword makes a random password of 23 characters, about 86 bits: lower and upper case letters and digits, in four
// groups with hyphens between them, so that every policy takes it.
func NewPassword() string {
	groups := make([]string, codeGroups)
	for i := range groups {
		groups[i] = random("abcdefghjkmnpqrstuvwxyz", 2) + random("ABCDEFGHJKMNPQRSTUVWXYZ", 1) + random("23456789", 1) + random("abcdefghjkmnpqrstuvwxyz23456789", 1)
	}
	return strings.Join(groups, "-")
}

// random returns n characters of an alphabet, each as likely as the others.
func random(alphabet string, n int) string {
	var b strings.Builder
	for range n {
		i, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet)))) // never fails (crypto/rand)
		b.WriteByte(alphabet[i.Int64()])
	}
	return b.String()
}
