package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"erp.internal/platform/config"
)

// printedTable is a table in a page: between the two comments stands what the command in the first one prints.
var printedTable = regexp.MustCompile(`(?s)<!-- erp docs (\w+) -->\n\n(.*?)<!-- end -->`)

// The tables of the documentation are what the program prints. make docs writes them.
func TestPrintedTables(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	below, err := filepath.Glob("../../docs/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, below...)
	found := map[string]int{}
	for _, path := range pages {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		renewed := printedTable.ReplaceAllFunc(page, func(block []byte) []byte {
			table := string(printedTable.FindSubmatch(block)[1])
			found[table]++
			return []byte("<!-- erp docs " + table + " -->\n\n" + printed(t, table) + "\n<!-- end -->")
		})
		if bytes.Equal(page, renewed) {
			continue
		}
		if os.Getenv(writeDocs) == "" {
			t.Errorf("%s is not what erp docs prints: run make docs", path)
		} else if err := os.WriteFile(path, renewed, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"endpoints", "errors", "events", "settings", "metrics"} {
		if found[table] != 1 {
			t.Errorf("%d pages have the table of erp docs %s, want 1", found[table], table)
		}
	}
}

// printed returns what erp docs prints.
func printed(t *testing.T, table string) string {
	t.Helper()
	var out, failed bytes.Buffer
	if exit := run(console{ctx: t.Context(), out: &out, err: &failed}, []string{"docs", table}); exit != exitDone || out.Len() == 0 {
		t.Fatalf("erp docs %s: exit code %d: %s", table, exit, &failed)
	}
	return out.String()
}

// Each setting says what it means, and the Korean page has the same settings in the same order.
func TestPrintedTables_settings(t *testing.T) {
	t.Parallel()
	var names []string
	for _, setting := range config.Described(new(settings).parts()...) {
		names = append(names, setting.Name)
		if setting.Meaning == "" {
			t.Errorf("%s does not say what it means: give its field the tag doc", setting.Name)
		}
	}
	page, err := os.ReadFile("../../docs/ko/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	var korean []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		korean = append(korean, row[1])
	}
	if !slices.Equal(korean, names) {
		t.Errorf("docs/ko/settings.md lists\n%s\nand the program has\n%s", strings.Join(korean, " "), strings.Join(names, " "))
	}
}

// What README shows of the first start is what the first start prints.
func TestReadme_firstAdministrator(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"../../README.md", "../../README.ko.md"} {
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first := firstAdministrator{email: "admin@example.com", password: "bxW3m-haZ9e-gyS5e-ahR57"}
		if !strings.Contains(string(page), first.line()) {
			t.Errorf("%s does not show what the first start prints: %s", file, first.line())
		}
	}
}
