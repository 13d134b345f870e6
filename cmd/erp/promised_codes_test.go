package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// docs/errors.md promises programs that codes are stable. So three sets are the same: the codes that it documents, those
// that the source can answer, and those that a request of these tests provokes. The tables of requests are
// promised_problems_test.go (code of an answer) and promised_violations_test.go (codes inside errors).
//
// A new error needs an entry in the errs.List of its module, which erp docs errors prints into the page, and a request in
// one of the tables, or in the request file of its module with the code in the title: TestHTTPFiles sends those.

func TestPromisedCodes_ofProblems(t *testing.T) {
	t.Parallel()
	inSource := codesInSource(t).problems
	delete(inSource, "error") // of a status that has no code of its own; none of the server's is without
	documented := map[string]bool{}
	for _, p := range documentedProblems(t) {
		documented[p.code] = true
	}
	provoked, _ := codesInFiles(t)
	maps.Copy(provoked, keys(provokedProblems))
	same(t, documented, inSource, provoked, "promised_problems_test.go")
}

// codesInFiles are those that the modules' request files provoke. That of a 422 is one inside errors.
func codesInFiles(t *testing.T) (problems, violations map[string]bool) {
	t.Helper()
	paths, err := filepath.Glob(modulesFiles)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	problems, violations = map[string]bool{}, map[string]bool{}
	for _, path := range paths {
		for _, r := range readHTTPFile(t, path).requests {
			switch code := r.code(); {
			case code == "":
			case r.status == http.StatusUnprocessableEntity:
				violations[code] = true
			default:
				problems[code] = true
			}
		}
	}
	return problems, violations
}

func TestPromisedCodes_ofViolations(t *testing.T) {
	t.Parallel()
	inSource := codesInSource(t).violations
	for _, ofTheCommandLine := range []string{"unknown", "deactivated"} { // erp admin grant --email
		delete(inSource, ofTheCommandLine)
	}
	_, provoked := codesInFiles(t)
	maps.Copy(provoked, keys(provokedViolations))
	same(t, documentedViolations(t), inSource, provoked, "promised_violations_test.go")
}

func same(t *testing.T, documented, inSource, provoked map[string]bool, table string) {
	t.Helper()
	all := maps.Clone(documented)
	maps.Copy(all, inSource)
	maps.Copy(all, provoked)
	for _, code := range slices.Sorted(maps.Keys(all)) {
		if !documented[code] {
			t.Errorf("%s is answered, and docs/errors.md does not document it: add it to the errs.List of its module and run make docs", code)
		}
		if !inSource[code] {
			t.Errorf("%s is documented or provoked, and nothing in the source makes it: take it out of the errs.List of its module and %s", code, table)
		}
		if !provoked[code] {
			t.Errorf("%s is provoked by no request: add one to %s", code, table)
		}
	}
	if len(documented) < 20 {
		t.Errorf("only %d codes are documented: the tables of docs/errors.md are not found any more", len(documented))
	}
}

func keys[V any](of map[string]V) map[string]bool {
	all := map[string]bool{}
	for key := range of {
		all[key] = true
	}
	return all
}

// documentedProblem is one row of the table of errors.
type documentedProblem struct {
	status int
	code   string
}

var problemRow = regexp.MustCompile("(?m)^\\| (\\d{3}) \\| `([a-z_.]+)` \\|")

func documentedProblems(t *testing.T) []documentedProblem {
	t.Helper()
	var all []documentedProblem
	for _, row := range problemRow.FindAllStringSubmatch(section(t, "../../docs/errors.md", "### Codes of answers"), -1) {
		status, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, documentedProblem{status, row[2]})
	}
	return all
}

var (
	violationRow = regexp.MustCompile("(?m)^\\| ((?:`[a-z_0-9]+`(?:, )?)+) \\| [^|]+ \\|$")
	quoted       = regexp.MustCompile("`([a-z_0-9]+)`")
)

func documentedViolations(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	inside := section(t, "../../docs/errors.md", "### Codes inside `errors`")
	for _, row := range violationRow.FindAllStringSubmatch(inside, -1) {
		for _, code := range quoted.FindAllStringSubmatch(row[1], -1) {
			all[code[1]] = true
		}
	}
	delete(all, "code") // the table's head
	return all
}

// section returns what stands below a headline of a page, up to the next of its level.
func section(t *testing.T, file, headline string) string {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut("\n"+string(page), "\n"+headline+"\n")
	if !found {
		t.Fatalf("%s has no %q", file, headline)
	}
	level, _, _ := strings.Cut(headline, " ")
	text, _, _ = strings.Cut(text, "\n"+level+" ")
	return text
}

type sourceCodes struct{ problems, violations map[string]bool }

// codesInSource finds the codes where the source writes them: as arguments of the functions that make errors, and as
// members called Code. A code that is put together elsewhere is refused here, since nobody would find it.
func codesInSource(t *testing.T) sourceCodes {
	t.Helper()
	found := sourceCodes{map[string]bool{}, map[string]bool{}}
	for _, root := range []string{"../../modules", "../../platform", "../../postgres"} {
		err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && (entry.Name() == "pgtest" || entry.Name() == "apitest" || entry.Name() == "testdata") {
				return fs.SkipDir
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, root+"/"+path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if list, ok := n.(*ast.CompositeLit); ok && nameOf(list.Type) == "errs.List" {
					return false // it documents codes, and makes none
				}
				found.note(t, files, file.Name.Name, n)
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func (s sourceCodes) note(t *testing.T, files *token.FileSet, pkg string, n ast.Node) {
	t.Helper()
	switch n := n.(type) {
	case *ast.CallExpr:
		switch name := nameOf(n.Fun); {
		case len(n.Args) == 3 && (name == "errs.New" || name == "newProblem"):
			s.argument(t, files, n, s.problems)
		case len(n.Args) == 3 && (name == "errs.Violation" || strings.HasSuffix(name, ".Add")):
			s.argument(t, files, n, s.violations)
		}
	case *ast.CompositeLit:
		for _, element := range n.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			if !ok || !strings.EqualFold(nameOf(pair.Key), "code") {
				continue
			}
			code, isText := literal(pair.Value)
			switch kind := nameOf(n.Type); {
			case !isText:
			case kind == "errs.Error" || kind == "Error" && pkg == "errs" || kind == "Problem":
				s.problems[code] = true
			default: // errs.Field, or a row of httpx's rules, whose type is left out
				s.violations[code] = true
			}
		}
	case *ast.AssignStmt: // p.Code, p.Detail = "body_required", ...
		for i, left := range n.Lhs {
			if selected, ok := left.(*ast.SelectorExpr); ok && selected.Sel.Name == "Code" && len(n.Rhs) == len(n.Lhs) {
				if code, isText := literal(n.Rhs[i]); isText {
					s.problems[code] = true
				}
			}
		}
	case *ast.ValueSpec: // const CodeValidation = "validation_failed"
		for i, name := range n.Names {
			if strings.HasPrefix(name.Name, "Code") && pkg == "errs" && i < len(n.Values) {
				if code, isText := literal(n.Values[i]); isText {
					s.problems[code] = true
				}
			}
		}
	}
}

func (s sourceCodes) argument(t *testing.T, files *token.FileSet, call *ast.CallExpr, into map[string]bool) {
	t.Helper()
	code, isText := literal(call.Args[1])
	if isText {
		into[code] = true
	} else if name := nameOf(call.Args[1]); name != "code" && name != "e.Code" { // which pass one on
		t.Errorf("%s: write the code as a text here, so that it can be found", files.Position(call.Pos()))
	}
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e.X) + "." + e.Sel.Name
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	code, err := strconv.Unquote(l.Value)
	return code, err == nil
}
