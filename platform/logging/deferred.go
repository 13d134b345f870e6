package logging

import (
	"bytes"
	"io"
	"sync"
	"time"

	"go.uber.org/zap/zapcore"
)

// Access is the name of the logger for the access log. Its lines are buffered for a moment, then encoded and written
// together, which takes half the time; so their fields must be plain values. Other lines are written at once, after the
// buffered ones.
const Access = "access"

const (
	flushInterval = 100 * time.Millisecond
	maxLines      = 256
	maxReused     = 256 << 10 // bytes of a buffer that is reused
)

// bufferingCore is a core that buffers the lines of Access.
type bufferingCore struct {
	zapcore.Core
	buffered *bufferedLines
}

// bufferedLines are the lines that are not written yet.
type bufferedLines struct {
	out io.Writer

	mu      sync.Mutex
	lines   []line
	fields  []zapcore.Field // of all lines, one after the other
	text    bytes.Buffer    // the encoded lines
	escaped []byte          // text with unprintable characters escaped
	timer   *time.Timer
}

type line struct {
	core   zapcore.Core
	entry  zapcore.Entry
	fields int // the number of its fields
}

func newBufferingCore(encoder zapcore.Encoder, out io.Writer, level zapcore.LevelEnabler) zapcore.Core {
	b := &bufferedLines{out: out}
	b.timer = time.AfterFunc(flushInterval, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		_ = b.flush() // a failing log cannot be logged
	})
	return bufferingCore{zapcore.NewCore(encoder, zapcore.AddSync(&b.text), level), b}
}

// With implements zapcore.Core.
func (c bufferingCore) With(fields []zapcore.Field) zapcore.Core {
	return bufferingCore{c.Core.With(fields), c.buffered}
}

// Check implements zapcore.Core.
func (c bufferingCore) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(entry.Level) {
		return checked.AddCore(entry, c)
	}
	return checked
}

// Write implements zapcore.Core.
func (c bufferingCore) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	b := c.buffered
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, line{c.Core, entry, len(fields)})
	b.fields = append(b.fields, fields...)
	if entry.LoggerName != Access || entry.Level >= zapcore.WarnLevel || len(b.lines) == maxLines {
		return b.flush()
	}
	if len(b.lines) == 1 {
		b.timer.Reset(flushInterval)
	}
	return nil
}

// Sync implements zapcore.Core.
func (c bufferingCore) Sync() error {
	c.buffered.mu.Lock()
	defer c.buffered.mu.Unlock()
	return c.buffered.flush()
}

// flush writes all buffered lines at once.
func (b *bufferedLines) flush() error {
	var failed error
	fields := b.fields
	for _, line := range b.lines {
		if err := line.core.Write(line.entry, fields[:line.fields]); err != nil {
			failed = err
		}
		fields = fields[line.fields:]
	}
	clear(b.lines)
	clear(b.fields)
	b.lines, b.fields = b.lines[:0], b.fields[:0]
	if b.text.Len() == 0 {
		return failed
	}
	text := appendVisible(b.escaped[:0], b.text.Bytes())
	if _, err := b.out.Write(text); err != nil {
		failed = err
	}
	if &text[0] != &b.text.Bytes()[0] && cap(text) <= maxReused {
		b.escaped = text
	}
	b.text.Reset()
	return failed
}
