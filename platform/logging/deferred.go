package logging

import (
	"io"
	"time"

	"go.uber.org/zap/zapcore"
)

// Access names the logger of the lines that each request writes. They wait for a moment, so that a system call writes
// many of them; every other line is written at once, after those that wait.
const Access = "access"

const (
	waitAtMost = 100 * time.Millisecond
	waiting    = 64 << 10 // bytes
)

// prompt is a core on a buffer that holds only Access's lines back.
type prompt struct{ zapcore.Core }

func newPrompt(encoder zapcore.Encoder, out io.Writer, level zapcore.LevelEnabler) zapcore.Core {
	buffer := &zapcore.BufferedWriteSyncer{
		WS:   zapcore.AddSync(struct{ io.Writer }{out}), // without out's own Sync, which would wait for the disk
		Size: waiting, FlushInterval: waitAtMost,
	}
	return prompt{zapcore.NewCore(encoder, buffer, level)}
}

// With implements zapcore.Core.
func (p prompt) With(fields []zapcore.Field) zapcore.Core { return prompt{p.Core.With(fields)} }

// Check implements zapcore.Core.
func (p prompt) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if p.Enabled(entry.Level) {
		return checked.AddCore(entry, p)
	}
	return checked
}

// Write implements zapcore.Core.
func (p prompt) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	if err := p.Core.Write(entry, fields); err != nil {
		return err
	}
	if entry.LoggerName == Access && entry.Level < zapcore.WarnLevel {
		return nil
	}
	return p.Sync()
}
