package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// checkout creates the files of a checkout that the command reads.
func checkout(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range map[string]string{
		"go.work":                          "go 1.26.0\n\nuse (\n\t.\n\t./modules/access\n\t./modules/organization\n\t./platform\n)\n",
		"go.mod":                           "module erp.internal\n\nrequire (\n\terp.internal/modules/organization v0.0.0\n\terp.internal/platform v0.0.0\n)\n\nreplace (\n\terp.internal/modules/organization => ./modules/organization\n\terp.internal/platform => ./platform\n)\n",
		"modules/organization/go.mod":      "module erp.internal/modules/organization\n\ngo 1.26.0\n\nrequire (\n\terp.internal/platform v0.0.0\n)\n\nreplace (\n\terp.internal/platform => ../../platform\n)\n",
		"modules/organization/go.sum":      "",
		"migrations/000001_journal.up.sql": "",
		"migrations/000002_access.up.sql":  "",
		"docs/api/changes.md":              "| `password.changed` | A user chose another password. |\n",
		"web/src/platform/schema.d.ts":     "    \"/organizations\": {\n        Organization: {\n    \"/grants\": {\n        Change: {\n",
		"modules/billing/go.mod":           "",
		"web/src/chronicle/index.ts":       "",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func named(t *testing.T, module, entity string) words {
	t.Helper()
	w, err := wish{Module: module, Entity: entity}.words()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestPlanned(t *testing.T) {
	t.Parallel()
	root := checkout(t)
	for _, entity := range []string{"payslip", "leave_request", "vehicle", "unit", "category", "report"} {
		w := named(t, "payroll", entity)
		if err := w.free(root); err != nil {
			t.Fatal(err)
		}
		files, _, err := planned(root, w)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.ContainsAny(filepath.Base(f.path), "@{") || bytes.Contains(f.content, []byte("@{")) || bytes.Contains(f.content, []byte("<no value>")) {
				t.Errorf("%s holds a word that was not put in", f.path)
			}
		}
		if !slices.ContainsFunc(files, func(f file) bool { return f.path == "migrations/000003_payroll_"+w.Plural+".up.sql" }) {
			t.Errorf("%s: no migration of the next number", entity)
		}
		for path, has := range map[string]string{
			"go.work":                "\t./modules/organization\n\t./modules/payroll\n\t./platform\n",
			"go.mod":                 "\terp.internal/modules/organization => ./modules/organization\n\terp.internal/modules/payroll => ./modules/payroll\n\terp.internal/platform",
			"modules/payroll/go.mod": "module erp.internal/modules/payroll\n",
		} {
			at := slices.IndexFunc(files, func(f file) bool { return f.path == path })
			if at < 0 || !strings.Contains(string(files[at].content), has) {
				t.Errorf("%s has no %q: %s", path, has, files[at].content)
			}
		}
	}
}

func TestInOrder(t *testing.T) {
	t.Parallel()
	const uses = "use (\n\t./cmd/bench\n\t./modules/access\n\t./modules/organization\n\t./platform\n)\n"
	for module, want := range map[string]string{
		"aa":      "\t./cmd/bench\n\t./modules/aa\n\t./modules/access\n",
		"finance": "\t./modules/access\n\t./modules/finance\n\t./modules/organization\n",
		"staff":   "\t./modules/organization\n\t./modules/staff\n\t./platform\n",
	} {
		if got, err := inOrder(uses, "\t./modules/"+module, module); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v\n%s", module, err, got)
		}
	}
	const requires = "require (\n\terp.internal/modules/access v0.0.0\n)\n\nreplace (\n\terp.internal/modules/access => ./modules/access\n)\n"
	for _, module := range []string{"intern", "mod", "tern"} { // which are parts of the path before it
		line := "\terp.internal/modules/" + module + " => ./modules/" + module
		if got, err := inOrder(requires, line, module); err != nil || !strings.HasSuffix(got, "./modules/access\n"+line+"\n)\n") {
			t.Errorf("%s: %v\n%s", module, err, got)
		}
	}
}

func TestFree_refused(t *testing.T) {
	t.Parallel()
	root := checkout(t)
	for _, tc := range []struct{ module, entity, says string }{
		{"billing", "payslip", "NAME=billing: modules/billing exists"},
		{"chronicle", "payslip", "NAME=chronicle: web/src/chronicle exists"},
		{"payroll", "grant_x", ""},
		{"payroll", "change_order", ""},
	} {
		w := named(t, tc.module, tc.entity)
		if err := w.free(root); (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s of %s: %v, want %q", tc.entity, tc.module, err, tc.says)
		}
	}
	taken := words{Module: "payroll", Entity: "grant", Plural: "grants"}
	if err := taken.free(root); err == nil || !strings.Contains(err.Error(), "ENTITY=grant: the API has /grants or Grant already") {
		t.Errorf("an address that exists: %v", err)
	}
	taken = words{Module: "payroll", Entity: "change", Plural: "alterations"}
	if err := taken.free(root); err == nil || !strings.Contains(err.Error(), "ENTITY=change") {
		t.Errorf("a type that exists: %v", err)
	}
	taken = words{Module: "payroll", Entity: "password", Plural: "passwords"}
	if err := taken.free(root); err == nil || !strings.Contains(err.Error(), "ENTITY=password: another module declares events") {
		t.Errorf("kinds of events that exist: %v", err)
	}
	w := named(t, "payroll", "payslip")
	if err := w.free(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not the root of a checkout") {
		t.Errorf("elsewhere: %v", err)
	}
}

// What fails in the end leaves the checkout as it was: here Go finds no platform.
func TestMakeModule_undone(t *testing.T) {
	t.Parallel()
	root := checkout(t)
	before := contents(t, root)
	w := named(t, "payroll", "payslip")
	if err := w.free(root); err != nil {
		t.Fatal(err)
	}
	if _, err := makeModule(t.Context(), root, w); err == nil || !strings.Contains(err.Error(), "go mod tidy") {
		t.Errorf("got %v", err)
	}
	if after := contents(t, root); !slices.Equal(before, after) {
		t.Errorf("before %q\nafter  %q", before, after)
	}
}

func contents(t *testing.T, root string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all = append(all, path+": "+string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
