package logging

import (
	"bytes"
	"io"
	"sync"
	"time"

	"go.uber.org/zap/zapcore"
)

// Access names the logger of the lines that each request writes. They wait for a moment and are then made into text and
// written many at once, which takes half the time; so their fields must be plain values. Every other line is written
// at once, after those that wait.
const Access = "access"

const (
	waitAtMost = 100 * time.Millisecond
	mostLines  = 256
	mostKept   = 256 << 10 // bytes of a buffer for the next time
)

// prompt is a core that holds only Access's lines back.
type prompt struct {
	zapcore.Core
	backlog *backlog
}

// backlog is the lines that wait.
type backlog struct {
	out io.Writer

	mu     sync.Mutex
	lines  []waiting
	fields []zapcore.Field // of all lines, one behind the other
	text   bytes.Buffer    // what the cores write to
	shown  []byte          // text with what cannot be seen escaped
	later  *time.Timer
}

type waiting struct {
	core   zapcore.Core
	entry  zapcore.Entry
	fields int // how many
}

func newPrompt(encoder zapcore.Encoder, out io.Writer, level zapcore.LevelEnabler) zapcore.Core {
	b := &backlog{out: out}
	b.later = time.AfterFunc(waitAtMost, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		_ = b.write() // there is nobody to tell
	})
	return prompt{zapcore.NewCore(encoder, zapcore.AddSync(&b.text), level), b}
}

// With implements zapcore.Core.
func (p prompt) With(fields []zapcore.Field) zapcore.Core {
	return prompt{p.Core.With(fields), p.backlog}
}

// Check implements zapcore.Core.
func (p prompt) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if p.Enabled(entry.Level) {
		return checked.AddCore(entry, p)
	}
	return checked
}

// Write implements zapcore.Core.
func (p prompt) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	b := p.backlog
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, waiting{p.Core, entry, len(fields)})
	b.fields = append(b.fields, fields...)
	if entry.LoggerName != Access || entry.Level >= zapcore.WarnLevel || len(b.lines) == mostLines {
		return b.write()
	}
	if len(b.lines) == 1 {
		b.later.Reset(waitAtMost)
	}
	return nil
}

// Sync implements zapcore.Core.
func (p prompt) Sync() error {
	p.backlog.mu.Lock()
	defer p.backlog.mu.Unlock()
	return p.backlog.write()
}

// write writes the lines that wait, all at once.
func (b *backlog) write() error {
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
	text := appendVisible(b.shown[:0], b.text.Bytes())
	if _, err := b.out.Write(text); err != nil {
		failed = err
	}
	if &text[0] != &b.text.Bytes()[0] && cap(text) <= mostKept {
		b.shown = text
	}
	b.text.Reset()
	return failed
}
