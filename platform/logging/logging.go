// Package logging makes the zap logger of the process.
package logging

import (
	"fmt"
	"io"
	"os"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Format is how log lines are written.
type Format string

// The formats.
const (
	Auto    Format = ""        // Console on a terminal, else JSON
	JSON    Format = "json"    // one JSON object on each line
	Console Format = "console" // for people
)

// UnmarshalText reads a format.
//
// Errors: any other text than "json" and "console".
func (f *Format) UnmarshalText(text []byte) error {
	switch got := Format(text); got {
	case JSON, Console:
		*f = got
		return nil
	default:
		return fmt.Errorf("unknown log format")
	}
}

// Settings of the logger.
type Settings struct {
	Level  zapcore.Level `env:"LOG_LEVEL" envDefault:"info" want:"debug, info, warn or error" doc:"'debug', 'info', 'warn' or 'error'"`
	Format Format        `env:"LOG_FORMAT" want:"json or console" unset:"'console' on a terminal, else 'json'" doc:"'json' or 'console'"`
}

// New makes a logger that writes to out.
func New(s Settings, out io.Writer) *zap.Logger {
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	config.EncodeDuration = zapcore.StringDurationEncoder
	var encoder zapcore.Encoder
	if s.Format == Console || s.Format == Auto && isTerminal(out) {
		config.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = oneLine{zapcore.NewConsoleEncoder(config)}
	} else {
		encoder = zapcore.NewJSONEncoder(config)
	}
	return zap.New(newBufferingCore(encoder, out, s.Level))
}

func isTerminal(out io.Writer) bool {
	if v, ok := out.(visible); ok {
		out = v.out
	}
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
