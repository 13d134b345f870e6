package erp_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// avoided are words of which a reader has to guess who or what is meant, and what to write instead.
var avoided = []struct{ words, instead string }{
	{`(?i)\bwhoever\b`, "name the caller, the user or the administrator"},
	{`\b[Oo]ne (may|can|holds|sees|wants|asks|types)\b`, "name the caller, the user or the administrator"},
	{`(?i)\bone's\b|\boneself\b`, "the caller's, the user's"},
	{`(?i)\bwho asks\b`, "the caller"},
	{`(?i)what is not there|that is there already`, "missing, existing"},
	{`(?i)\b(is|are|was|were) told\b`, "learns, is answered, hears of"},
	{`(?i)\b(in|of) (whatever|whichever)\b`, "in any"},
}

// longestLine is how long a line of prose may be: pages wrap at 100, and an editor may count otherwise.
const longestLine = 110

// The documentation is prose that a stranger understands, in lines that a screen shows: CONTRIBUTING.md, How the code reads.
func TestWords(t *testing.T) {
	t.Parallel()
	for path, page := range pagesOf(t) {
		for _, found := range flawsOf(page) {
			t.Errorf("%s: %s", path, found)
		}
		if path == "CHANGELOG.md" { // an item is one line there
			continue
		}
		for line := range strings.Lines(withoutCode(page)) {
			if line = strings.TrimSpace(line); utf8.RuneCountInString(line) > longestLine && !strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "![") {
				t.Errorf("%s: wrap this line at 100 characters: %s", path, line)
			}
		}
	}
}

// The rule itself is tried, so that it cannot pass by allowing everything.
func TestWords_flaws(t *testing.T) {
	t.Parallel()
	for page, flawed := range map[string]bool{
		"Whoever signs in may do nothing.": true, "Menus follow what one\nmay do.": true, "Change one's password.": true, "The cache is told of it.": true,
		"The caller may do nothing.": false, "Of three servers, one is the primary.": false, "```\nwhoever\n```\n": false, "The code `whoever` is quoted.": false,
		"<!-- erp docs errors -->\n\n| whoever |\n\n<!-- end -->": false,
	} {
		if got := len(flawsOf(page)) > 0; got != flawed {
			t.Errorf("%q is flawed: %v, want %v", page, got, flawed)
		}
	}
}

// printedTables are what erp docs prints; its words are those of the sources.
var printedTables = regexp.MustCompile(`(?s)<!-- erp docs \w+ -->.*?<!-- end -->`)

func flawsOf(page string) []string {
	var flaws []string
	text := strings.Join(strings.Fields(withoutCode(printedTables.ReplaceAllString(page, ""))), " ")
	for _, a := range avoided {
		for _, at := range regexp.MustCompile(a.words).FindAllStringIndex(text, -1) {
			flaws = append(flaws, "..."+text[max(0, at[0]-40):min(len(text), at[1]+40)]+"...: write instead "+a.instead)
		}
	}
	return flaws
}

// withoutCode returns a page without its blocks and pieces of code.
func withoutCode(page string) string {
	return codeSpan.ReplaceAllString(fence.ReplaceAllString(page, ""), "`...`")
}
