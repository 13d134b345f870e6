package text

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
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

// Email parses s as an email address (RFC 5322, section 3.4.1), in any script (RFC 6531), without quoted local parts,
// comments, names, and literal addresses. shown is s in NFC, with a domain outside of ASCII in Unicode, also if it was typed in
// Punycode (xn--). key is equal for all spellings of an address: in any case or Unicode form, and with the domain in Unicode or
// in Punycode (RFC 5891).
//
// Errors: as Name.
func Email(s string) (shown, key string, err error) {
	if shown, err = line(s, maxEmail); err != nil {
		return "", "", err
	}
	notEmail := errs.Violation("", "email", "must be an email address, such as name@example.org")
	typed := pasted.Replace(s)
	if before, _, _ := strings.Cut(typed, "@"); strings.ContainsFunc(before, ignorable) || strings.ContainsFunc(typed, unwanted) {
		return "", "", notEmail
	}
	local, domain, _ := strings.Cut(shown, "@")
	ascii, unicodeDomain, err := domainForms(domain)
	if err != nil {
		return "", "", notEmail
	}
	key = Folded(local) + "@" + ascii
	if shown = local + "@" + unicodeDomain; len(shown) > maxEmail {
		shown = local + "@" + ascii
	}
	if len(local) > maxEmailLocal || !isEmail(key) {
		return "", "", notEmail
	}
	return shown, key, nil
}

// MailAddress returns a parsed email with its domain in ASCII, for mail servers that know no other (RFC 5891).
func MailAddress(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	ascii, _, err := domainForms(domain)
	if err != nil {
		return email
	}
	return local + "@" + ascii
}

// ShownDomain converts a domain in Punycode, as some mail programs write it, in a search for an email to the form that Email
// shows. An incomplete domain stays unchanged.
func ShownDomain(typed string) string {
	before, domain, found := strings.Cut(typed, "@")
	if !found {
		before, domain = "", typed
	}
	if !strings.Contains(strings.ToLower(domain), "xn--") {
		return typed
	}
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		if shown, err := idna.Punycode.ToUnicode(strings.ToLower(label)); err == nil && shown != "" {
			labels[i] = shown
		}
	}
	if domain = strings.Join(labels, "."); found {
		return before + "@" + domain
	}
	return domain
}

// domainForms returns a domain in ASCII, in lower case, and as it is shown. A domain that was typed in ASCII, except Punycode,
// is not checked here: some hosts have names that IDNA does not allow.
func domainForms(domain string) (ascii, shown string, err error) {
	lower := strings.ToLower(domain)
	if isASCII(domain) && !strings.HasPrefix(lower, "xn--") && !strings.Contains(lower, ".xn--") {
		return lower, domain, nil
	}
	if ascii, err = idna.Lookup.ToASCII(domain); err != nil {
		return "", "", err
	}
	shown, err = idna.Lookup.ToUnicode(ascii)
	return ascii, shown, err
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// unwanted reports invisible characters except joiners: domains have rules for these (RFC 5892, appendix A), and in a local
// part they are outsideEmail.
func unwanted(r rune) bool { return ignorable(r) && r != zeroWidthJoiner && r != zeroWidthNonJoiner }

// pasted are invisible characters that web pages and documents insert into words, and that are copied with an address: they
// are removed. Other invisible characters are refused.
var pasted = strings.NewReplacer("\u200b", "", "\u2060", "", "\ufeff", "", "\u00ad", "")

// Folded returns s in a form for comparisons that ignores case and Unicode form.
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

// outsideEmail reports characters that are allowed at most in quoted local parts, and invisible ones, with which different
// addresses would look the same (UTR #36).
func outsideEmail(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		strings.ContainsRune(`()<>[]:;,\"`, r)
}

// outsideLabel reports characters that are not allowed in a domain, such as a second @.
func outsideLabel(r rune) bool {
	return r != '-' && !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
}
