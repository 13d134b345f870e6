package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Password returns a password in the form in which it is hashed: all spaces as U+0020, and NFC (RFC 8265, section 4.2.2; NIST
// SP 800-63B, section 3.1.1.2), so that it does not depend on the keyboard. Nothing else is
// changed: case, width, length and spaces at the ends count (ASVS 6.2.8).
func Password(typed string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, typed))
}
