package erp_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const housePage = "docs/architecture/house.md"

var (
	modulesTable = regexp.MustCompile(`(?s)(<!-- modules -->\n\n)(.*?)(\n<!-- end -->)`)
	holds        = regexp.MustCompile(`(?s)^// Package \w+ wires the module: (.*?)\.\npackage`)
)

// The table of modules is what their directories say. make docs writes it.
func TestPrintedModules(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(housePage)
	if err != nil {
		t.Fatal(err)
	}
	if !modulesTable.Match(page) {
		t.Fatalf("%s has no table of modules", housePage)
	}
	renewed := modulesTable.ReplaceAllString(string(page), "${1}"+printedModules(t)+"${3}")
	switch {
	case renewed == string(page):
	case os.Getenv("ERP_WRITE_DOCS") == "":
		t.Errorf("the table in %s is not what the modules say: run make docs", housePage)
	default:
		if err := os.WriteFile(housePage, []byte(renewed), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// printedModules returns a row for each module: what it holds, by the comment of its package, and what its go.mod requires.
func printedModules(t *testing.T) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| module | holds | uses |\n|---|---|---|\n")
	for _, part := range slices.Sorted(maps.Keys(arrows)) {
		module := moduleOf(part)
		if module == "" {
			continue
		}
		source, err := os.ReadFile(part + "/module.go")
		if err != nil {
			t.Fatal(err)
		}
		comment := holds.FindSubmatch(source)
		if comment == nil {
			t.Fatalf("%s/module.go begins with: // Package %s wires the module: what it holds.", part, module)
		}
		var uses []string
		for _, allowed := range arrows[part] {
			if other, isModule := strings.CutSuffix(allowed, "/ports"); isModule {
				uses = append(uses, moduleOf(other))
			}
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", module, strings.ReplaceAll(string(comment[1]), "\n// ", " "), strings.Join(uses, ", "))
	}
	return table.String()
}
