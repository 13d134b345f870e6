package text_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"erp.internal/platform/errs"
	"erp.internal/platform/text"
)

func TestName(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want, code string }{
		"is kept":                         {in: "서울병원", want: "서울병원"},
		"is composed":                     {in: norm.NFD.String("서울병원"), want: "서울병원"},
		"is trimmed":                      {in: " \t서울 병원\n　", want: "서울 병원"},
		"of 255 characters is kept":       {in: strings.Repeat("가", 255), want: strings.Repeat("가", 255)},
		"is counted after composing":      {in: norm.NFD.String(strings.Repeat("각", 255)), want: strings.Repeat("각", 255)},
		"of 256 characters is refused":    {in: strings.Repeat("가", 256), code: "too_long"},
		"that is empty is refused":        {in: "", code: "blank"},
		"of spaces is refused":            {in: " 　 ", code: "blank"},
		"of zero-width is refused":        {in: "\u200b", code: "blank"},
		"of a Hangul filler is refused":   {in: "\u3164\uffa0", code: "blank"},
		"of a lone accent is refused":     {in: "\u0301", code: "blank"},
		"loses what nobody sees":          {in: "\ufeff서\u200b울", want: "서울"},
		"with NUL is refused":             {in: "a\x00b", code: "control_character"},
		"with a line break is refused":    {in: "a\nb", code: "control_character"},
		"with an override is refused":     {in: "a\u202eb", code: "control_character"},
		"with broken UTF-8 is refused":    {in: "a\xff", code: "not_utf8"},
		"with a joined emoji is accepted": {in: "👩‍⚕️", want: "👩‍⚕️"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := text.Name(tc.in)
			if got != tc.want || code(err) != tc.code {
				t.Errorf("Name(%q) = %q, %v; want %q, code %q", tc.in, got, err, tc.want, tc.code)
			}
		})
	}
}

func TestNote(t *testing.T) {
	t.Parallel()
	got, err := text.Note(" first\r\nsecond\tcell ")
	if err != nil || got != "first\nsecond\tcell" {
		t.Errorf("Note = %q, %v", got, err)
	}
	if _, err := text.Note(strings.Repeat("a", text.MaxNote+1)); code(err) != "too_long" {
		t.Errorf("too long a note: %v", err)
	}
	if got, err := text.Note("  "); got != "" || err != nil {
		t.Errorf("a blank note = %q, %v; want it empty", got, err)
	}
}

// What was normalised once stays as it is.
func TestName_isIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once, err := text.Name(rapid.String().Draw(t, "name"))
		if err != nil {
			return
		}
		if twice, err := text.Name(once); err != nil || twice != once {
			t.Fatalf("Name(%q) = %q, %v", once, twice, err)
		}
	})
}

func code(err error) string {
	var e *errs.Error
	if !errors.As(err, &e) || len(e.Fields) != 1 {
		return ""
	}
	return e.Fields[0].Code
}
