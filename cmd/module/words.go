package main

import (
	"errors"
	"fmt"
	"go/build"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// wish is what was asked for.
type wish struct{ Module, Entity, Plural, Korean string }

// words are the names of a module and its entity, as its files write them.
type words struct {
	Module string // payroll
	Entity string // leave_request
	Plural string // leave_requests
	Korean string // 휴가신청
	Number string // of the migration: 000021
}

var (
	moduleName = regexp.MustCompile(`^[a-z][a-z0-9]{1,30}$`)
	entityName = regexp.MustCompile(`^[a-z][a-z0-9]+(_[a-z][a-z0-9]*)*$`)
)

// words returns the names, or everything that is wrong with them.
func (w wish) words() (words, error) {
	if w.Plural == "" {
		w.Plural = plural(w.Entity)
	}
	if w.Korean == "" {
		w.Korean = sentence(w.Entity)
	}
	var wrong []error
	refuse := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !moduleName.MatchString(w.Module) {
		refuse("NAME=%s: a module is named in one word of lower case letters and digits, such as payroll", w.Module)
	}
	for _, n := range []struct{ variable, value string }{{"ENTITY", w.Entity}, {"PLURAL", w.Plural}} {
		if !entityName.MatchString(n.value) || len(n.value) > 40 {
			refuse("%s=%s: it is named in lower case letters and digits, words with _ between them, such as leave_request", n.variable, n.value)
		}
	}
	if w.Plural == w.Entity {
		refuse("PLURAL=%s: it must differ from ENTITY", w.Plural)
	}
	if w.Module == w.Entity || w.Module == w.Plural {
		refuse("NAME=%s: a module and its entity have different names", w.Module)
	}
	for _, n := range []struct{ variable, value string }{{"NAME", w.Module}, {"ENTITY", camel(w.Entity)}, {"PLURAL", camel(w.Plural)}} {
		if reserved(n.value) {
			refuse("%s=%s: the code uses this word already: choose another", n.variable, n.value)
		}
	}
	for _, n := range []struct{ variable, value string }{{"ENTITY", w.Entity}, {"PLURAL", w.Plural}} {
		if !everywhere(n.value + ".go") {
			refuse("%s=%s: Go takes %[2]s.go for a test, or for a file of one system only: choose another word at the end", n.variable, n.value)
		}
	}
	if strings.TrimSpace(w.Korean) == "" || strings.ContainsFunc(w.Korean, unfit) || len([]rune(w.Korean)) > 30 {
		refuse("KOREAN=%q: it is a word of at most 30 letters", w.Korean)
	}
	if err := errors.Join(wrong...); err != nil {
		return words{}, err
	}
	return words{Module: w.Module, Entity: w.Entity, Plural: w.Plural, Korean: w.Korean}, nil
}

// unfit reports whether a letter cannot stand in the texts that are written.
func unfit(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune("\"`\\{}@|", r) }

// everywhere reports whether Go builds a file of this name on every system, and not as a test.
func everywhere(file string) bool {
	for _, on := range []build.Context{{GOOS: "linux", GOARCH: "amd64"}, {GOOS: "plan9", GOARCH: "386"}} {
		on.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package any\n")), nil }
		if builds, err := on.MatchFile("", file); err != nil || !builds {
			return false
		}
	}
	return !strings.HasSuffix(file, "_test.go")
}

// sql are the words that PostgreSQL does not take as names (PostgreSQL documentation, appendix C).
var sql = strings.Fields(`
	all analyse analyze and any array as asc asymmetric authorization between binary both case cast check collate collation column
	concurrently constraint create cross default deferrable desc distinct do else end except false fetch for foreign freeze from full
	grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
	localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right
	select similar some symmetric table tablesample then to trailing true union unique user using variadic verbose when where
	window with`)

// taken are words that the files write for other things: packages that they import, and their own variables.
var taken = strings.Fields(`
	access after again api doc docs frontend healthz init internal openapi readyz redoc vendor apitest app ask at audit authz back background before body cache change changed changes cmp column columns
	condition context count created creating department departments directory domain done door editor embed erp err errs etag event
	events exists facts fill filter filters first fmt found fx grant grants history home http httpx id identity ids index inside
	journal json kind labels list lock main may me messages migrations module modules moment name named names next none note number
	object objects of one organization organizations page permission permissions pg pgtest place places platform ports postgres
	problem problems props public query read register remove repo request require retire retired role roles root route router row
	rows saved scope session sessions shell squirrel store strings subject subjects system tag test testing text thing things time
	title turn tx unknown update user users value values version ward wards web within words`)

// keywords are those of TypeScript that Go does not have.
var keywords = strings.Fields(`
	arguments as async await boolean catch class constructor debugger declare delete do enum eval export extends finally function
	implements in instanceof let namespace never null object of private protected static super symbol this throw try typeof
	undefined unknown void while with yield`)

// reserved reports whether a word cannot be a name in Go, TypeScript or SQL, or is one already in the files that are written.
func reserved(word string) bool {
	return token.IsKeyword(word) || types.Universe.Lookup(word) != nil || slices.Contains(taken, word) || slices.Contains(keywords, word) || slices.Contains(sql, word)
}

// free reports whether nothing in the checkout has these names yet, and sets the number of the migration.
func (w *words) free(root string) error {
	for _, dir := range []string{"modules", "web/src"} {
		if _, err := os.Stat(filepath.Join(root, dir, w.Module)); err == nil {
			return fmt.Errorf("NAME=%s: %s/%[1]s exists: choose another name", w.Module, dir)
		}
	}
	api, err := os.ReadFile(filepath.Join(root, "web/src/platform/schema.d.ts"))
	if err != nil {
		return fmt.Errorf("this is not the root of a checkout: %w", err)
	}
	for _, has := range []string{fmt.Sprintf("%q: {", "/"+w.Path()), "\n        " + w.Type() + ": {"} {
		if strings.Contains(string(api), has) {
			return fmt.Errorf("ENTITY=%s: the API has /%s or %s already: choose another name", w.Entity, w.Path(), w.Type())
		}
	}
	kinds, err := os.ReadFile(filepath.Join(root, "docs/api/changes.md"))
	if err != nil {
		return fmt.Errorf("this is not the root of a checkout: %w", err)
	}
	if strings.Contains(string(kinds), "| `"+w.Entity+".") {
		return fmt.Errorf("ENTITY=%s: another module declares events of the kind %[1]s.…: choose another name", w.Entity)
	}
	migrations, err := filepath.Glob(filepath.Join(root, "migrations", "*.up.sql"))
	if err != nil || len(migrations) == 0 {
		return fmt.Errorf("%s has no migrations", root)
	}
	w.Number = fmt.Sprintf("%06d", len(migrations)+1) // numbers are consecutive: a test says so
	return nil
}

// Type is the entity as a type: LeaveRequest.
func (w words) Type() string { return pascal(w.Entity) }

// Types is Type for several: LeaveRequests.
func (w words) Types() string { return pascal(w.Plural) }

// Var is the entity as a variable: leaveRequest.
func (w words) Var() string { return camel(w.Entity) }

// Vars is Var for several: leaveRequests.
func (w words) Vars() string { return camel(w.Plural) }

// Path is the entity in addresses: leave-requests.
func (w words) Path() string { return strings.ReplaceAll(w.Plural, "_", "-") }

// Kebab is the entity in the ids of operations: leave-request.
func (w words) Kebab() string { return strings.ReplaceAll(w.Entity, "_", "-") }

// One is the entity in a sentence: leave request.
func (w words) One() string { return strings.ReplaceAll(w.Entity, "_", " ") }

// Many is One for several: leave requests.
func (w words) Many() string { return strings.ReplaceAll(w.Plural, "_", " ") }

// AOne is One with its article: a leave request.
func (w words) AOne() string {
	if strings.ContainsRune("aeio", rune(w.Entity[0])) {
		return "an " + w.One()
	}
	return "a " + w.One()
}

// Sentence is AOne at the beginning of a sentence: A leave request.
func (w words) Sentence() string {
	a := w.AOne()
	return strings.ToUpper(a[:1]) + a[1:]
}

// Title is One at the beginning of a sentence: Leave request.
func (w words) Title() string { return sentence(w.Entity) }

// Titles is Many at the beginning of a sentence: Leave requests.
func (w words) Titles() string { return sentence(w.Plural) }

// Receiver is the entity in its methods: l. It is no letter that they use otherwise.
func (w words) Receiver() string {
	if strings.ContainsRune("vcr", rune(w.Entity[0])) {
		return w.Entity[:2]
	}
	return w.Entity[:1]
}

// KoreanObject is the Korean word as the object of a sentence: 휴가신청을.
func (w words) KoreanObject() string { return object(w.Korean) }

func pascal(snake string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(snake, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

func camel(snake string) string {
	first, rest, _ := strings.Cut(snake, "_")
	return first + pascal(rest)
}

func sentence(snake string) string {
	words := strings.ReplaceAll(snake, "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

var (
	sibilant = regexp.MustCompile(`(s|x|z|ch|sh)$`)
	softY    = regexp.MustCompile(`[^aeiou]y$`)
)

// plural returns the plural of an English word as most have it.
func plural(word string) string {
	switch {
	case word == "":
		return ""
	case sibilant.MatchString(word):
		return word + "es"
	case softY.MatchString(word):
		return strings.TrimSuffix(word, "y") + "ies"
	default:
		return word + "s"
	}
}

// object returns a Korean word as the object of a sentence: with 을 after a final consonant, with 를 after a vowel, and both
// where the last letter is none of Korean.
func object(word string) string {
	letters := []rune(word)
	last := letters[len(letters)-1]
	switch {
	case last < '가' || last > '힣':
		return word + "을(를)"
	case (last-'가')%28 == 0:
		return word + "를"
	default:
		return word + "을"
	}
}
