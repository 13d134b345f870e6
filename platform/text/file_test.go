package text_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/korean"

	"erp.internal/platform/text"
)

func TestFromFile(t *testing.T) {
	t.Parallel()
	cp949, err := korean.EUCKR.NewEncoder().String("병원")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		content, want string
		err           error
	}{
		"plain":                         {content: "a=병원\r\n", want: "a=병원\r\n"},
		"empty":                         {},
		"a mark in front":               {content: "\ufeffa=1", want: "a=1"},
		"a mark alone":                  {content: "\ufeff"},
		"a mark within is left alone":   {content: "a\ufeff", want: "a\ufeff"},
		"UTF-16 little endian":          {content: utf16Of(binary.LittleEndian, "\ufeffa=1"), err: text.ErrUTF16},
		"UTF-16 big endian":             {content: utf16Of(binary.BigEndian, "\ufeffa=1"), err: text.ErrUTF16},
		"UTF-16 without a mark":         {content: utf16Of(binary.LittleEndian, "a=1"), err: text.ErrUTF16},
		"code page 949, Notepad's ANSI": {content: cp949, err: text.ErrNotUTF8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := text.FromFile([]byte(tc.content)); got != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func utf16Of(order binary.AppendByteOrder, s string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}
