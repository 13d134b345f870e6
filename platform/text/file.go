package text

import (
	"bytes"
	"errors"
	"unicode/utf8"
)

// bom is the byte order mark with which Windows programs begin a UTF-8 file.
var bom = []byte("\ufeff")

// ErrUTF16 and ErrNotUTF8 say that a file is not UTF-8. Their texts follow the file's name.
var (
	ErrUTF16   = errors.New("is UTF-16, as Windows programs save text as Unicode: save it as UTF-8")
	ErrNotUTF8 = errors.New("is not UTF-8: save it as UTF-8")
)

// FromFile returns the text of a file that people write: UTF-8, with or without a byte order mark in front. Line ends stay
// as they are.
//
// Errors: ErrUTF16, ErrNotUTF8.
func FromFile(content []byte) (string, error) {
	// An ASCII text in UTF-16 is valid UTF-8 with a NUL after each letter.
	if bytes.HasPrefix(content, []byte{0xff, 0xfe}) || bytes.HasPrefix(content, []byte{0xfe, 0xff}) || bytes.IndexByte(content, 0) >= 0 {
		return "", ErrUTF16
	}
	content = WithoutBOM(content)
	if !utf8.Valid(content) {
		return "", ErrNotUTF8
	}
	return string(content), nil
}

// WithoutBOM removes a UTF-8 byte order mark at the beginning.
func WithoutBOM(content []byte) []byte { return bytes.TrimPrefix(content, bom) }
