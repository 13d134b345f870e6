package logging_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"erp.internal/platform/logging"
)

// hostile are texts that a terminal obeys, that end lines for some programs, or that hide what stands beside them.
var hostile = map[string]string{
	"ANSI":                "\x1b[2J\x1b]0;owned\a",
	"C1":                  "\u009b31m\u0085\u0090",
	"DEL":                 "a\x7fb",
	"NUL":                 "a\x00b",
	"line breaks":         "a\nb\r\nc\vd\fe",
	"Unicode line breaks": "a\u2028b\u2029c\u0085d",
	"direction":           "\u202eabc\u202c\u2066\u2069\u200e\u200f\u061c",
	"unseen":              "a\u200bb\ufeffc\u00add\U000e0041e\u2060f\U000e0001",
	"no UTF-8":            "a\xffb\xc3",
	"a surrogate":         "a\xed\xa0\x80b",
	"overlong":            "a\xc0\x8ab",
	"noncharacters":       "a\uffffb\U0010ffff",
	"private use":         "a\ue000b",
}

// Whatever somebody sends, a line of the log is one line, and shows what is in it.
func TestNew_escapesWhatCannotBeSeen(t *testing.T) {
	t.Parallel()
	for name, text := range hostile {
		for _, format := range []logging.Format{logging.JSON, logging.Console} {
			var out bytes.Buffer
			log := logging.New(logging.Settings{Level: zapcore.InfoLevel, Format: format}, &out)
			log.Named(logging.Access).Info("request", zap.String("path", text))
			log.With(zap.String("always", text)).Error(text, zap.String(text, "name"), zap.Error(fmt.Errorf("store: %w", errors.New(text))), zap.ByteString("stack", []byte(text)),
				zap.Any("panic", struct{ Of string }{text}), zap.Strings("list", []string{text}), zap.Stringer("stringer", stringer(text)))
			got := out.String()
			if strings.Count(got, "\n") != 2 || !strings.HasSuffix(got, "\n") {
				t.Errorf("%s in %s: %d lines: %q", name, format, strings.Count(got, "\n"), got)
			}
			if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r != '\n' && r != '\t' && !strconv.IsPrint(r) }) {
				t.Errorf("%s in %s is written as it is: %q", name, format, got)
			}
			if format != logging.JSON {
				continue
			}
			for text := range strings.Lines(got) {
				if !json.Valid([]byte(text)) {
					t.Errorf("%s: this is no JSON: %s", name, text)
				}
			}
			var line map[string]any
			if first, _, _ := strings.Cut(got, "\n"); json.Unmarshal([]byte(first), &line) != nil || utf8.ValidString(text) && line["path"] != text {
				t.Errorf("%s is read as %q", name, line["path"])
			}
		}
	}
}

type stringer string

func (s stringer) String() string { return string(s) }

func TestNew_leavesTextsAlone(t *testing.T) {
	t.Parallel()
	const text = "한빛병원 – «Łódź» 日本 🏥 naïve "
	var out bytes.Buffer
	logging.New(logging.Settings{Format: logging.JSON}, &out).Info(text, zap.String("name", text))
	if strings.Count(out.String(), text) != 2 {
		t.Errorf("got %s", out.String())
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"alice@example.com is there\n\tnow\n": "alice@example.com is there\n\tnow\n", "": "",
		"\x1b[31m": `\u001b[31m`, "a\u202eb": `a\u202eb`, "a\U000e0001b": `a\udb40\udc01b`, "\xff": `\ufffd`, "\ufffd": "\ufffd", "한\u0085빛": `한\u0085빛`,
		"0123456\x7f": `0123456\u007f`, "01234567\x1f": `01234567\u001f`, "\r\n": "\\u000d\n",
	} {
		var out bytes.Buffer
		if n, err := logging.Visible(&out).Write([]byte(given)); n != len(given) || err != nil || out.String() != want {
			t.Errorf("%q: %q, %d, %v; want %q", given, out.String(), n, err, want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		_, _ = logging.Visible(&out).Write([]byte(text))
		if strings.ContainsFunc(out.String(), func(r rune) bool { return r != '\n' && r != '\t' && !strconv.IsPrint(r) }) || !utf8.Valid(out.Bytes()) {
			t.Errorf("%q becomes %q", text, out.String())
		}
	})
}

// BenchmarkAccess is what a request's line costs.
func BenchmarkAccess(b *testing.B) {
	for name, path := range map[string]string{"ASCII": "/organizations/17/departments", "hostile": "/\u202e\u0085\x1b[31m한빛병원"} {
		b.Run(name, func(b *testing.B) {
			log := logging.New(logging.Settings{Format: logging.JSON}, nowhere{}).Named(logging.Access)
			for b.Loop() {
				log.Info("request", zap.String("method", "GET"), zap.String("path", path), zap.Int("status", 200), zap.Int("bytes", 1234),
					zap.String("address", "127.0.0.1"), zap.String("request_id", "c944864a1e754d83af42f5b6ef1ca424"), zap.String("operation", "list-organizations"), zap.Int64("user_id", 1))
			}
		})
	}
}

type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
