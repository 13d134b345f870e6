// Package text turns text that people type into the one form in which it is stored and compared: NFC (UAX #15),
// trimmed, free of control characters and of those that are not seen. It is then the same whichever keyboard wrote it.
// Letters of different scripts that look alike (Latin a, Cyrillic а) stay different.
package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"erp.internal/platform/errs"
)

// Lengths in characters (Unicode code points after NFC).
const (
	MaxName = 255
	MaxCode = 64
	MaxNote = 10_000
)

// Name returns s as a name: one line of 1 to MaxName characters, at least one of them visible, with single spaces between
// its words.
//
// Errors: errs.Invalid with one field whose location is left to the caller.
func Name(s string) (string, error) { return line(s, MaxName) }

// Code returns s as a code: one line of 1 to MaxCode characters, at least one of them visible.
//
// Errors: as Name.
func Code(s string) (string, error) { return line(s, MaxCode) }

// Typed returns s, which somebody is typing to search for it, in the form of a Name, "" where nothing of it is seen yet.
// What no name holds is no mistake here: control characters count as spaces, but for NUL, which nobody types.
//
// Errors: errs.Invalid as Name, for what is no text or longer than any name.
func Typed(s string) (string, error) {
	if err := readable(s, MaxName); err != nil {
		return "", err
	}
	if strings.ContainsRune(s, 0) {
		return "", errs.Violation("", "control_character", "must not contain control characters")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case lineControl(r):
			return ' '
		default:
			return r
		}
	}, s)
	s = oneSpace(strings.TrimSpace(withoutUnseen(s)))
	if strings.IndexFunc(s, visible) < 0 {
		return "", nil
	}
	if utf8.RuneCountInString(s) > MaxName {
		return "", tooLong(MaxName)
	}
	return s, nil
}

// Note returns s as free text of at most MaxNote characters; line breaks and tabs are kept, CR LF becomes LF.
//
// Errors: as Name.
func Note(s string) (string, error) {
	if err := readable(s, MaxNote); err != nil {
		return "", err
	}
	s = strings.TrimSpace(withoutUnseen(strings.ReplaceAll(s, "\r\n", "\n")))
	if err := check(s, MaxNote, func(r rune) bool { return r == '\n' || r == '\t' }); err != nil {
		return "", err
	}
	return s, nil
}

func line(s string, most int) (string, error) {
	if err := readable(s, most); err != nil {
		return "", err
	}
	s = oneSpace(strings.TrimSpace(withoutUnseen(s)))
	if strings.IndexFunc(s, visible) < 0 {
		return "", errs.Violation("", "blank", "must not be blank")
	}
	if err := check(s, most, func(rune) bool { return false }); err != nil {
		return "", err
	}
	return s, nil
}

// readable refuses what is not worth the work of normalising: it would be too long however much of it is not seen.
func readable(s string, most int) error {
	if !utf8.ValidString(s) {
		return errs.Violation("", "not_utf8", "must be UTF-8")
	}
	if utf8.RuneCountInString(s) > 16*most {
		return tooLong(most)
	}
	return nil
}

func check(s string, most int, allowed func(rune) bool) error {
	if strings.IndexFunc(s, func(r rune) bool { return lineControl(r) && !allowed(r) }) >= 0 {
		return errs.Violation("", "control_character", "must not contain control characters")
	}
	if utf8.RuneCountInString(s) > most {
		return tooLong(most)
	}
	return nil
}

func tooLong(most int) error {
	return errs.Field{Code: "too_long", Message: fmt.Sprintf("must have at most %d characters", most), Params: errs.Params{"max": most}}.Violation()
}

// lineControl tells characters that break a line or act on the text around them instead of being seen: the control
// characters, the line and paragraph separators, and the bidirectional overrides (UTR #36).
func lineControl(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Bidi_Control, r)
}

// visible tells characters that show something by themselves: no spaces, no marks that need a letter to stand on, and
// none of the symbols and letters that are blank.
func visible(r rune) bool {
	if ignorable(r) || isSpace(r) {
		return false
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
}
