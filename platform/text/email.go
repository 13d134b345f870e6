package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"erp.internal/platform/errs"
)

// The lengths of an email in bytes (RFC 5321, section 4.5.3.1).
const (
	maxEmail      = 254
	maxEmailLocal = 64
	maxLabel      = 63
)

// Email gives s as an email address (RFC 5322, section 3.4.1), in any script (RFC 6531), without quoted local parts,
// comments, names, and literal addresses. shown is s as it was typed, in NFC. key is the same for every way to write
// the address in other cases or Unicode forms.
//
// Errors: as Name.
func Email(s string) (shown, key string, err error) {
	if shown, err = line(s, maxEmail); err != nil {
		return "", "", err
	}
	key = Folded(shown)
	if strings.ContainsFunc(pasted.Replace(s), ignorable) || !isEmail(shown) || !isEmail(key) {
		return "", "", errs.Violation("", "email", "must be an email address, such as name@example.org")
	}
	return shown, key, nil
}

// pasted are the characters that web pages and documents put between letters, and which come along with a copied
// address: they are taken out. Others that are not seen have no business there, and are refused.
var pasted = strings.NewReplacer("\u200b", "", "\u2060", "", "\ufeff", "", "\u00ad", "")

// Folded gives s in a form that is the same whatever case or Unicode form wrote it, to compare it with others.
func Folded(s string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}

func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > maxEmail || local == "" || len(local) > maxEmailLocal || strings.IndexFunc(s, outsideEmail) >= 0 {
		return false
	}
	for _, atom := range strings.Split(local, ".") {
		if atom == "" {
			return false
		}
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' || strings.IndexFunc(label, outsideLabel) >= 0 {
			return false
		}
	}
	return true
}

// outsideEmail tells what only quoted local parts may hold, or nothing; and what nobody sees, by which two addresses
// would look the same and not be (UTR #36).
func outsideEmail(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		strings.ContainsRune(`()<>[]:;,\"`, r)
}

// outsideLabel tells what no part of a domain holds; a second @ is such a one.
func outsideLabel(r rune) bool {
	return r != '-' && !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
}
