// Package text normalises typed text to the form in which it is stored and compared: NFC (UAX #15), trimmed, without control
// characters and invisible ones. The result does not depend on the keyboard.
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

// Typed returns s, the text of a search while it is typed, in the form of a Name, "" if nothing of it is visible. Control
// characters, which names cannot contain, count as spaces here, except NUL, which cannot be typed.
//
// Errors: errs.Invalid as Name, for invalid UTF-8 and for a text that is longer than a name.
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

// readable refuses texts that are certainly too long before they are normalised, and invalid UTF-8.
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

// lineControl reports characters that break a line or act on the text around them: the control
// characters, the line and paragraph separators, and the bidirectional overrides (UTR #36).
func lineControl(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Bidi_Control, r)
}

// visible reports characters that are visible by themselves: no spaces, no combining marks, and no blank symbols and letters.
func visible(r rune) bool {
	if ignorable(r) || isSpace(r) {
		return false
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
}
