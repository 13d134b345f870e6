package logging_test

import (
	"bytes"
	"encoding/json"
	"strings"
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
