// Package text turns text that people type into the one form in which it is stored and compared: NFC (UAX #15),
// trimmed, free of control characters and of those that nobody sees. It is then the same whichever keyboard wrote it.
package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"erp.internal/platform/errs"
)

// Lengths in characters (Unicode code points after NFC).
const (
	MaxName = 255
	MaxCode = 64
	MaxNote = 10_000
)

// Name gives s as a name: one line of 1 to MaxName characters, at least one of them visible.
//
// Errors: errs.Invalid with one field whose location is left to the caller.
func Name(s string) (string, error) { return line(s, MaxName) }

// Code gives s as a code: one line of 1 to MaxCode characters, at least one of them visible.
//
// Errors: as Name.
func Code(s string) (string, error) { return line(s, MaxCode) }

// Note gives s as free text of at most MaxNote characters; line breaks and tabs are kept, CR LF becomes LF.
//
// Errors: as Name.
func Note(s string) (string, error) {
	s = norm.NFC.String(strings.TrimSpace(unseen.Replace(strings.ReplaceAll(s, "\r\n", "\n"))))
	if err := check(s, MaxNote, func(r rune) bool { return r == '\n' || r == '\t' }); err != nil {
		return "", err
	}
	return s, nil
}

func line(s string, most int) (string, error) {
	s = norm.NFC.String(strings.TrimSpace(unseen.Replace(s)))
	if strings.IndexFunc(s, visible) < 0 {
		return "", errs.Violation("", "blank", "must not be blank")
	}
	if err := check(s, most, func(rune) bool { return false }); err != nil {
		return "", err
	}
	return s, nil
}

func check(s string, most int, allowed func(rune) bool) error {
	if !utf8.ValidString(s) {
		return errs.Violation("", "not_utf8", "must be UTF-8")
	}
	if strings.IndexFunc(s, func(r rune) bool { return lineControl(r) && !allowed(r) }) >= 0 {
		return errs.Violation("", "control_character", "must not contain control characters")
	}
	if utf8.RuneCountInString(s) > most {
		return errs.Field{Code: "too_long", Message: fmt.Sprintf("must have at most %d characters", most), Params: errs.Params{"max": most}}.Violation()
	}
	return nil
}

// lineControl tells characters that break a line or act on the text around them instead of being seen: the control
// characters, the line and paragraph separators, and the bidirectional overrides (UTR #36).
func lineControl(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Bidi_Control, r)
}

// unseen takes out characters without width or meaning of their own: the zero-width space, the word joiner, the byte
// order mark, and the soft hyphen. The joiners of emoji and of some scripts stay.
var unseen = strings.NewReplacer("\u200b", "", "\u2060", "", "\ufeff", "", "\u00ad", "")

// visible tells characters that show something by themselves: no spaces, no marks that need a letter to stand on, and
// none of the letters that are blank (the fillers of Hangul, the empty Braille pattern).
func visible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800':
		return false
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
}
