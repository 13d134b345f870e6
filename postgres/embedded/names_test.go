package embedded

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a shell, a pattern or a command line would take for something else is a part of the name, twice: the first start
// and the one on data that are there.
func TestStart_OddNames(t *testing.T) {
	t.Parallel()
	long := filepath.Join(strings.Repeat("a", 200), strings.Repeat("b", 200), strings.Repeat("c", 200))
	for _, name := range []string{"a$HOME b", "$(touch pwned)`touch pwned`", `q"uo'te\`, "a;b&c|d>e<f#g!h", "-D", "[a-z]*?{x}", "병원 데이터", long} {
		t.Run(name[:min(len(name), 40)], func(t *testing.T) {
			t.Parallel()
			parent := tempDir(t)
			dir := filepath.Join(parent, name)
			if err := os.Mkdir(parent, 0o755); err != nil {
				t.Fatal(err)
			}
			first := start(t, options(dir))
			execute(t, first.URL(), "CREATE TABLE kept AS SELECT 1")
			if entries, err := os.ReadDir(dir); err != nil || len(entries) == 0 {
				t.Errorf("the data are elsewhere: %v", err)
			}
			stop(t, first)
			second := start(t, options(dir))
			ask[int](t, second.URL(), "SELECT count(*) FROM kept")
			if _, err := os.Stat(filepath.Join(dir, logName)); err != nil {
				t.Error(err)
			}
			stop(t, second)
			if entries, _ := os.ReadDir(parent); len(entries) != 1 {
				t.Errorf("a shell made something: %v", entries)
			}
		})
	}
	for name, says := range map[string]string{
		"a\nb":                    `holds a line break or another control character; set DATA_DIR to a directory without`,
		"a\x1bb":                  `holds a line break or another control character`,
		strings.Repeat("a/", 500): `is too long: PostgreSQL takes at most 900 bytes; set DATA_DIR to a shorter one`,
	} {
		line := refused(t, options(filepath.Join(t.TempDir(), "untouched")+"/"+name), nil)
		mustContain(t, line, "DATA_DIR ", says)
	}
	o := options(tempDir(t) + "$x")
	o.onlyDownloaded = true
	mustContain(t, refused(t, o, ErrNoPrograms), "DATA_DIR "+o.DataDir, "install PostgreSQL, or set another DATA_DIR")
	if err := os.RemoveAll(o.DataDir); err != nil {
		t.Error(err)
	}
}
