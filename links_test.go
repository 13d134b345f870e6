package erp_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// Every link between pages leads somewhere: the file exists, and the headline that an anchor names.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages := pagesOf(t)
	links := 0
	for path, page := range pages {
		for _, link := range linksIn(page) {
			links++
			if why := dead(pages, path, link); why != "" {
				t.Errorf("%s links to %s: %s", path, link, why)
			}
		}
	}
	if len(pages) < 20 || links < 100 {
		t.Errorf("only %d pages with %d links were looked at: the test is blind", len(pages), links)
	}
}

// Comments and messages name pages that exist.
func TestLinks_ofSources(t *testing.T) {
	t.Parallel()
	named := 0
	for path, source := range filesOf(t, ".go", ".ts", ".vue", ".js", ".mjs", ".sh", ".sql", "Makefile", ".ci/run") {
		if path == "links_test.go" {
			continue
		}
		for _, page := range regexp.MustCompile(`\bdocs/[\w/-]+\.md\b`).FindAllString(source, -1) {
			named++
			if _, err := os.Stat(page); err != nil {
				t.Errorf("%s names %s, which does not exist", path, page)
			}
		}
	}
	if named < 10 {
		t.Errorf("only %d pages are named: the test is blind", named)
	}
}

// Files of the repository that pages name exist.
func TestLinks_ofFiles(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile("`((?:cmd|modules|platform|postgres|migrations|web|deploy|docs|\\.ci)/[^`\\s]*)`")
	examples := regexp.MustCompile(`payroll|staff|NNNNNN|\.\.\.|<|web/(?:dist|screenshots)|postgres/(?:data|programs|postgres)`)
	count := 0
	for path, page := range pagesOf(t) {
		for _, found := range named.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
			pattern := strings.NewReplacer("{up,down}", "up").Replace(found[1])
			if examples.MatchString(pattern) || path == "CHANGELOG.md" || strings.HasPrefix(path, "docs/adr/") { // records of their time
				continue
			}
			count++
			if files, err := filepath.Glob(pattern); err != nil || len(files) == 0 {
				t.Errorf("%s names %s, which does not exist", path, pattern)
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d files are named: the test is blind", count)
	}
}

// Names of the code that the pages on architecture use are still in it.
func TestLinks_ofNames(t *testing.T) {
	t.Parallel()
	words := map[string]bool{}
	for _, source := range filesOf(t, ".go") {
		for _, word := range regexp.MustCompile(`\b[A-Z]\w+`).FindAllString(source, -1) {
			words[word] = true
		}
	}
	count := 0
	for path, page := range pagesOf(t) {
		if !strings.HasPrefix(path, "docs/architecture/") {
			continue
		}
		for _, found := range regexp.MustCompile("`(?:[a-z]+\\.)?([A-Z][a-z]\\w+)(?:\\(.*?\\))?`").FindAllStringSubmatch(page, -1) {
			if count++; !words[found[1]] {
				t.Errorf("%s names %s, which is not in the code", path, found[0])
			}
		}
	}
	if count < 40 {
		t.Errorf("only %d names were looked for: the test is blind", count)
	}
}

// The rule itself is tried, so that it cannot pass by allowing everything.
func TestLinks_dead(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"docs/a.md": "# A page\n\n```sh\n# no headline\n```\n\n## Who may `do` that, and why?\n\n## Twice\n\n## Twice\n\n## 기관과 부서\n",
		"README.md": "[a](docs/a.md) ![b](LICENSE) `[c](nothing)` <img src=\"docs/a.svg\"> [d][1]\n\n```\n[e](nothing)\n```\n",
	}
	for link, alive := range map[string]bool{
		"docs/a.md": true, "docs/a.md#who-may-do-that-and-why": true, "docs/a.md#twice-1": true, "docs/a.md#기관과-부서": true, "docs/": true,
		"docs/b.md": false, "docs/a.md#twice-2": false, "docs/a.md#no-headline": false, "a.md": false, "#twice": false, "docs/a.svg": false,
		"https://example.org/nothing": true, "go.mod#L1": false, "go.mod": true,
	} {
		if why := dead(pages, "README.md", link); (why == "") != alive {
			t.Errorf("%s is dead because %q, want alive: %v", link, why, alive)
		}
	}
	if got, want := fmt.Sprint(linksIn(pages["README.md"])), "[docs/a.md LICENSE docs/a.svg]"; got != want {
		t.Errorf("links %s, want %s", got, want)
	}
}

// notOurs are directories that the repository does not hold.
var notOurs = map[string]bool{".git": true, ".data": true, "node_modules": true, "vendor": true, "bin": true, "dist": true, "screenshots": true, "test-results": true}

// filesOf reads the files of the repository whose names end so, by their paths.
func filesOf(t *testing.T, ends ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && notOurs[entry.Name()]:
			return fs.SkipDir
		case entry.IsDir() || !slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(path, end) }):
			return nil
		}
		text, err := os.ReadFile(path)
		files[filepath.ToSlash(path)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func pagesOf(t *testing.T) map[string]string {
	t.Helper()
	return filesOf(t, ".md")
}

var (
	fence      = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan   = regexp.MustCompile("`[^`\n]*`")
	linkTarget = regexp.MustCompile(`\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"`)
	headline   = regexp.MustCompile(`(?m)^#+ +(.*?) *$`)
)

// linksIn returns the targets of a page's links and pictures, without those inside code.
func linksIn(page string) []string {
	var targets []string
	text := codeSpan.ReplaceAllString(fence.ReplaceAllString(page, ""), "")
	for _, found := range linkTarget.FindAllStringSubmatch(text, -1) {
		targets = append(targets, found[1]+found[2])
	}
	return targets
}

// dead says why a link in the page at path leads nowhere, "" when it does not. Other sites are not asked.
func dead(pages map[string]string, path, link string) string {
	if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return ""
	}
	file, anchor, hasAnchor := strings.Cut(link, "#")
	target := path
	if file != "" {
		target = filepath.Join(filepath.Dir(path), file)
	}
	page, isPage := pages[target]
	if _, err := os.Stat(target); err != nil && !isPage {
		for other := range maps.Keys(pages) {
			if strings.HasPrefix(other, target+"/") {
				return ""
			}
		}
		return "there is no such file"
	}
	if !hasAnchor {
		return ""
	}
	if !isPage || !anchorsIn(page)[anchor] {
		return "there is no such headline"
	}
	return ""
}

// anchorsIn returns the anchors that GitHub makes of a page's headlines: lower case, without punctuation, with hyphens for
// spaces, and with a number from the second of one name on.
func anchorsIn(page string) map[string]bool {
	anchors := map[string]bool{}
	times := map[string]int{}
	for _, found := range headline.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		text := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(found[1], "$1")
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
				return unicode.ToLower(r)
			}
			return -1
		}, text)
		if n := times[anchor]; n > 0 {
			anchors[fmt.Sprintf("%s-%d", anchor, n)] = true
		} else {
			anchors[anchor] = true
		}
		times[anchor]++
	}
	return anchors
}
