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

// What strangers send reaches the log: paths, names in errors, what a panic held. A line of it is read by people on
// terminals, which obey control characters, and by programs, some of which take U+2028 or U+0085 for the end of a line. So
// whatever cannot be seen (strconv.IsPrint: controls, separators, marks of direction, what is no UTF-8) is written as
// JSON escapes it, \u202e, in both formats. It is decided here, where lines leave the process, whoever wrote them.

// appendVisible appends text to dst, with escapes for what cannot be seen but line breaks and tabs. It gives text itself,
// and no copy, where there is nothing to escape.
func appendVisible(dst, text []byte) []byte {
	done := 0 // up to where text is in dst
	for i := seen(text); i < len(text); i += seen(text[i:]) {
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

// seen gives how many bytes at the beginning of text are ASCII that can be seen.
func seen(text []byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(text); i += 8 { // eight at once: nearly all that is logged is that
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

// Visible gives a writer that shows what cannot be seen as escapes: for what commands print on a terminal.
func Visible(out io.Writer) io.Writer { return visible{out} }

type visible struct{ out io.Writer }

// Write implements io.Writer.
func (v visible) Write(text []byte) (int, error) {
	if _, err := v.out.Write(appendVisible(nil, text)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// oneLine is an encoder for people, whose messages are not escaped as JSON is: a line break in one would make a line that
// nobody wrote.
type oneLine struct{ zapcore.Encoder }

// Clone implements zapcore.Encoder.
func (e oneLine) Clone() zapcore.Encoder { return oneLine{e.Encoder.Clone()} }

// EncodeEntry implements zapcore.Encoder.
func (e oneLine) EncodeEntry(entry zapcore.Entry, fields []zapcore.Field) (*buffer.Buffer, error) {
	entry.Message = lineBreaks.Replace(entry.Message)
	return e.Encoder.EncodeEntry(entry, fields)
}

var lineBreaks = strings.NewReplacer("\n", `\n`, "\t", `\t`)
