package main

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	errorLine  = regexp.MustCompile("(?m)^\\| (`.+?) \\| [^|]*\\|$")
	spanOfCode = regexp.MustCompile("`([^`]+)`")
	// What stands for values in a line of the page.
	valueIn = regexp.MustCompile(`\.\.\.|"|: |[():/]|\b(?:NAME_FILE|NAME|N|M|\d+s?)\b`)
	joint   = regexp.MustCompile(`"\s*\+\s*"`)
)

// The lines that docs/operating/logs-and-metrics.md explains are those that the program writes.
func TestErrorLines(t *testing.T) {
	t.Parallel()
	source := messages(t)
	lines := errorLine.FindAllStringSubmatch(section(t, "../../docs/operating/logs-and-metrics.md", "## Error lines"), -1)
	if len(lines) < 30 {
		t.Errorf("only %d lines are looked at: the table is not found any more", len(lines))
	}
	for _, line := range lines {
		if strings.HasSuffix(line[1], ", from PgBouncer") {
			continue
		}
		for _, span := range spanOfCode.FindAllStringSubmatch(line[1], -1) {
			if strings.HasPrefix(span[1], "erp ") { // the command that writes it
				continue
			}
			for _, part := range valueIn.Split(span[1], -1) {
				if part = strings.TrimPrefix(strings.TrimSpace(part), "it "); part != "" && !strings.Contains(source, part) {
					t.Errorf("nothing in the source says %q, which docs/operating/logs-and-metrics.md explains: %s", part, span[1])
				}
			}
		}
	}
}

// messages returns the sources, with texts that are put together of several in one piece.
func messages(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	root := os.DirFS("../..")
	for _, dir := range []string{"cmd/erp", "modules", "platform", "postgres/embedded"} {
		err := fs.WalkDir(root, dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := fs.ReadFile(root, path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return strings.ReplaceAll(joint.ReplaceAllString(all.String(), ""), `\"`, `"`)
}
