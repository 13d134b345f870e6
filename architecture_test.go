// Package erp_test holds the tests of the whole workspace.
package erp_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "erp.internal"

// arrows say which of our code a part of the house may import, besides itself. See docs/architecture/house.md.
//
// A module may import the platform, and the ports of those modules that its go.mod requires.
var arrows = withModules(map[string][]string{
	"cmd/erp":                {"modules", "platform", "postgres", "migrations", "web"},
	"cmd/bench":              {"modules", "platform", "postgres", "migrations"},
	"cmd/kills":              {"platform", "postgres"},
	"cmd/module":             {},
	"web":                    {"platform"},
	"migrations":             {},
	"platform":               {},
	"platform/httpx/apitest": {"platform", "postgres"}, // for tests, as net/http/httptest is
	"postgres":               {"platform"},
})

// requirement is a line of a go.mod that requires another of our modules, and not only because a third one does.
var requirement = regexp.MustCompile(`(?m)^\s*(?:require )?` + root + `/(modules/\w+) v\S+$`)

func withModules(arrows map[string][]string) map[string][]string {
	files, _ := filepath.Glob("modules/*/go.mod") // the pattern is well formed
	for _, file := range files {
		allowed := []string{"platform"}
		text, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		for _, required := range requirement.FindAllStringSubmatch(string(text), -1) {
			allowed = append(allowed, required[1]+"/ports")
		}
		arrows[filepath.ToSlash(filepath.Dir(file))] = allowed
	}
	return arrows
}

// rooms say what the rooms of one module may import of the same module, and of everything else where that is bounded.
var rooms = map[string]struct{ own, platform []string }{
	"domain":        {own: nil, platform: []string{"platform/errs", "platform/text", "platform/change", "platform/patch", "platform/period", "platform/place"}},
	"ports":         {own: []string{"domain"}, platform: []string{"platform/authn", "platform/authz", "platform/errs", "platform/page", "platform/place", "platform/search"}},
	"app":           {own: []string{"domain", "ports"}, platform: []string{"platform/authn", "platform/authz", "platform/cache", "platform/change", "platform/errs", "platform/etag", "platform/page", "platform/period", "platform/place", "platform/search", "platform/text", "modules"}}, // of other modules, what arrows allows
	"adapters/http": {own: []string{"domain", "ports", "app"}},
	"adapters":      {own: []string{"domain", "ports"}},                                     // each of the others
	"":              {own: []string{"domain", "ports", "app", "adapters/http", "adapters"}}, // module.go
}

// roomFor returns the rule of a room.
func roomFor(name string) (struct{ own, platform []string }, bool) {
	rule, known := rooms[name]
	if !known && strings.HasPrefix(name, "adapters/") {
		rule, known = rooms["adapters"]
	}
	return rule, known
}

type goPackage struct {
	ImportPath                string
	Imports                   []string
	TestImports, XTestImports []string
}

func TestArrows(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range packages(t) {
		path := ours(p.ImportPath)
		part := partOf(path)
		if part == "" {
			if path != "" {
				t.Errorf("%s is in no part of the house that arrows knows", p.ImportPath)
			}
			continue
		}
		seen[part] = true
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, root+"/") {
				continue
			}
			if why := refuse(part, path, ours(imported)); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, why)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if why := refuseInTest(part, path, ours(imported)); why != "" {
				t.Errorf("a test of %s imports %s: %s", p.ImportPath, imported, why)
			}
		}
	}
	for part := range arrows {
		if !seen[part] {
			t.Errorf("no package of %s was looked at: the test is blind", part)
		}
	}
}

func refuse(part, from, to string) string {
	if partOf(to) != part {
		if !allowed(arrows[part], to) {
			return part + " may import only " + strings.Join(arrows[part], ", ")
		}
		if moduleOf(from) != "" {
			if rule, _ := roomFor(roomOf(from)); rule.platform != nil && !allowed(rule.platform, to) {
				return "of other parts, a module's " + roomOf(from) + " may import only " + strings.Join(rule.platform, ", ")
			}
		}
		return ""
	}
	if moduleOf(from) == "" || roomOf(from) == roomOf(to) {
		return ""
	}
	room, known := roomFor(roomOf(from))
	if !known {
		return "a module has no room " + roomOf(from)
	}
	if !allowed(room.own, roomOf(to)) {
		return "of its own module, " + roomOf(from) + " may import only " + strings.Join(room.own, ", ")
	}
	return ""
}

// refuseInTest lets tests use every room of their module, and run the modules whose ports it may import.
func refuseInTest(part, from, to string) string {
	other := moduleOf(to)
	if other == "" || moduleOf(from) == "" || other == moduleOf(from) || allowed(arrows[part], to) {
		return ""
	}
	if roomOf(to) == "" && allowed(arrows[part], to+"/ports") {
		return ""
	}
	return "that is another module's own"
}

// The rule itself is tried, so that it cannot pass by allowing everything.
func TestArrows_refuse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		from, to string
		refused  bool
	}{
		"adapters to app":                    {"modules/organization/adapters/http", "modules/organization/app", false},
		"app to adapters":                    {"modules/organization/app", "modules/organization/adapters/postgres", true},
		"domain to app":                      {"modules/organization/domain", "modules/organization/app", true},
		"domain to errs":                     {"modules/organization/domain", "platform/errs", false},
		"domain to pg":                       {"modules/organization/domain", "platform/pg", true},
		"app to the database":                {"modules/organization/app", "platform/pg", true},
		"app to the door":                    {"modules/organization/app", "platform/change", false},
		"one adapter to another":             {"modules/organization/adapters/http", "modules/organization/adapters/postgres", true},
		"an adapter to a library's side":     {"modules/identity/adapters/smtp", "modules/identity/ports", false},
		"an adapter to app":                  {"modules/identity/adapters/smtp", "modules/identity/app", true},
		"wiring to every adapter":            {"modules/identity", "modules/identity/adapters/smtp", false},
		"platform to a module":               {"platform/httpx", "modules/organization/ports", true},
		"platform to its own database":       {"platform/pg", "postgres/embedded", true},
		"what platform brings for tests":     {"platform/httpx/apitest", "postgres/pgtest", false},
		"a module to the database's server":  {"modules/organization/adapters/postgres", "postgres/embedded", true},
		"organization to identity":           {"modules/organization/app", "modules/identity/ports", true},
		"identity to organization's ports":   {"modules/identity/app", "modules/organization/ports", false},
		"identity to organization's domain":  {"modules/identity/app", "modules/organization/domain", true},
		"access to both modules' ports":      {"modules/access/app", "modules/identity/ports", false},
		"a command to a module's inner room": {"platform/pg", "cmd/erp", true},
	} {
		if why := refuse(partOf(tc.from), tc.from, tc.to); (why != "") != tc.refused {
			t.Errorf("%s: refused because %q, want refused: %v", name, why, tc.refused)
		}
	}
}

// Modules require each other in one direction: none requires one that requires it, be it through others.
func TestModules_requireNoCircle(t *testing.T) {
	t.Parallel()
	var below func(module string, path []string)
	below = func(module string, path []string) {
		if slices.Contains(path, module) {
			t.Errorf("modules require each other in a circle: %s", strings.Join(append(path, module), " -> "))
			return
		}
		for _, allowed := range arrows[module] {
			if other, isModule := strings.CutSuffix(allowed, "/ports"); isModule {
				below(other, append(slices.Clone(path), module))
			}
		}
	}
	for part := range arrows {
		if moduleOf(part) != "" {
			below(part, nil)
		}
	}
}

// Every module needs a replace for each sibling that it or its siblings require, or it builds in the workspace only.
func TestModules_buildAlone(t *testing.T) {
	t.Parallel()
	dirs, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dir := range strings.Lines(string(dirs)) {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "./...")
		list.Dir = strings.TrimSpace(dir)
		list.Env = append(list.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
		if out, err := list.CombinedOutput(); err != nil {
			t.Errorf("%s without the workspace: %v\n%s", list.Dir, err, out)
		}
	}
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "work").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func ours(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, root), "/")
}

// partOf returns the innermost part of the house that holds a package.
func partOf(path string) string {
	innermost := ""
	for part := range arrows {
		if len(part) > len(innermost) && (path == part || strings.HasPrefix(path, part+"/")) {
			innermost = part
		}
	}
	return innermost
}

func moduleOf(path string) string {
	if rest, ok := strings.CutPrefix(path, "modules/"); ok {
		module, _, _ := strings.Cut(rest, "/")
		return module
	}
	return ""
}

func roomOf(path string) string {
	parts := strings.SplitN(path, "/", 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[2]
}

func allowed(list []string, path string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
}
