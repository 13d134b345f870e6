package logging_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"erp.internal/platform/logging"
)

func TestNew_writesJSONOffATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := logging.New(logging.Settings{Level: zapcore.InfoLevel}, &out)
	log.Debug("not seen")
	log.Info("started", zap.String("address", "127.0.0.1:8000"))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%s: %v", out.String(), err)
	}
	if line["msg"] != "started" || line["level"] != "info" || line["address"] != "127.0.0.1:8000" {
		t.Errorf("got %v", line)
	}
}

func TestNew_console(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logging.New(logging.Settings{Format: logging.Console}, &out).Warn("careful")
	if !strings.Contains(out.String(), "WARN\tcareful") {
		t.Errorf("got %q", out.String())
	}
}

func TestFormat_UnmarshalText(t *testing.T) {
	t.Parallel()
	var f logging.Format
	if err := f.UnmarshalText([]byte("json")); err != nil || f != logging.JSON {
		t.Errorf("json: %v, %v", f, err)
	}
	if err := f.UnmarshalText([]byte("xml")); err == nil {
		t.Error("xml was taken")
	}
}

// Lines of requests wait for a moment; any other line brings those before it along.
func TestNew_order(t *testing.T) {
	t.Parallel()
	out := &lines{more: make(chan struct{}, 100)}
	log := logging.New(logging.Settings{Level: zapcore.InfoLevel}, out)
	access := log.Named(logging.Access).With(zap.Int("part", 1))
	access.Info("first", zap.String("path", "/a"))
	access.Info("second", zap.String("path", "/b"), zap.Int("status", 200))
	log.Info("third")
	if got, want := out.messages(t), []string{"first /a", "second /b", "third <nil>"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	access.Info("fourth", zap.String("path", "/c"))
	for len(out.messages(t)) < 4 {
		<-out.more // it comes by itself
	}
	access.Error("fifth", zap.String("path", "/d"))
	if got := out.messages(t); got[len(got)-1] != "fifth /d" {
		t.Errorf("an error waits: %v", got)
	}
}

// lines is a writer that can be read while it is written to.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.more <- struct{}{}
	return l.text.Write(b)
}

// messages returns each line's message and path.
func (l *lines) messages(t *testing.T) []string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var messages []string
	for text := range strings.Lines(l.text.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		messages = append(messages, fmt.Sprint(line["msg"], " ", line["path"]))
	}
	return messages
}
