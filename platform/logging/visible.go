package logging

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.uber.org/zap/buffer"
	"go.uber.org/zap/zapcore"
)

// Log lines contain untrusted input: paths, names in errors, values of panics. Terminals obey control characters, and some
// programs read U+2028 or U+0085 as the end of a line (log injection). So unprintable characters (strconv.IsPrint: controls,
// separators, bidirectional marks, invalid UTF-8) are written as JSON escapes them, \u202e, in both formats. This happens
// here, where lines leave the process, whatever code wrote them.

// appendVisible appends text to dst, with escapes for unprintable characters except line breaks and tabs. If there is
// nothing to escape, it returns text itself.
func appendVisible(dst, text []byte) []byte {
	done := 0 // the length of the part of text that is in dst
	for i := printable(text); i < len(text); i += printable(text[i:]) {
		r, size := utf8.DecodeRune(text[i:])
		if r == '\n' || r == '\t' || strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			i += size
			continue
		}
		dst = appendEscaped(append(dst, text[done:i]...), r)
		i += size
		done = i
	}
	if done == 0 {
		return text
	}
	return append(dst, text[done:]...)
}

// printable returns how many bytes at the beginning of text are printable ASCII.
func printable(text []byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(text); i += 8 { // eight at once, since nearly all of the log is ASCII
		x := binary.LittleEndian.Uint64(text[i:])
		control := (x - ones*0x20) & ^x // a byte below 0x20 sets its high bit
		del := x ^ ones*0x7f
		if (x|control|(del-ones)&^del)&high != 0 {
			break
		}
	}
	for ; i < len(text) && text[i] >= 0x20 && text[i] < 0x7f; i++ {
	}
	return i
}

func appendEscaped(dst []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}

// Visible returns a writer that escapes unprintable characters, for commands that print to a terminal.
func Visible(out io.Writer) io.Writer { return visible{out} }

type visible struct{ out io.Writer }

// Write implements io.Writer.
func (v visible) Write(text []byte) (int, error) {
	if _, err := v.out.Write(appendVisible(nil, text)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// oneLine escapes line breaks in the messages of the console encoder, which would look like further lines of the log.
type oneLine struct{ zapcore.Encoder }

// Clone implements zapcore.Encoder.
func (e oneLine) Clone() zapcore.Encoder { return oneLine{e.Encoder.Clone()} }

// EncodeEntry implements zapcore.Encoder.
func (e oneLine) EncodeEntry(entry zapcore.Entry, fields []zapcore.Field) (*buffer.Buffer, error) {
	entry.Message = lineBreaks.Replace(entry.Message)
	return e.Encoder.EncodeEntry(entry, fields)
}

var lineBreaks = strings.NewReplacer("\n", `\n`, "\t", `\t`)
