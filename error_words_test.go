package erp_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// outerWords are those of HTTP and of the command line. A use case is asked from either, and its errors do not speak of them:
// the adapter that knows how it was asked adds such words (httpx.API.Reword, cmd/erp).
var outerWords = regexp.MustCompile(`\b(GET|POST|PUT|PATCH|DELETE|HTTP|URL)\b|/[a-z]+(-[a-z]+)*(/|\b)|\b(query|path|header|body)\.|(?i:\b(query|headers?|endpoint|status code|json|cookie)\b)|\b(Idempotency-Key|If-Match|ETag|Link|Retry-After)\b|\berp [a-z]+|--[a-z]+|[a-z]+_id\b.*[ ;]|[ ].*[a-z]+_id\b`)

// innerPackages are those whose errors use cases give.
var innerPackages = regexp.MustCompile(`^(modules/\w+/(domain|app)|platform/(authn|authz|change|errs|etag|page|patch|period|place|text))/\w+\.go$`)

// Errors of domain and app, and of the packages that they stand on, do not speak of paths, parameters, headers or commands.
func TestErrors_speakOfNoTransport(t *testing.T) {
	t.Parallel()
	looked := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			if err == nil {
				err = fs.SkipDir
			}
			return err
		}
		if !innerPackages.MatchString(path) || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, said := range messagesIn(n) {
				looked++
				if word := outerWords.FindString(said); word != "" {
					t.Errorf("%s: %q speaks of %q", files.Position(n.Pos()), said, word)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || looked < 50 {
		t.Errorf("%d texts of errors were looked at: the test is blind, %v", looked, err)
	}
	for _, said := range []string{ // the rule itself
		"Change your password first: POST /auth/password", "query.covering", "needs an organization_id or a department_id",
		"A request with this Idempotency-Key is under way", "make one with erp admin create", "must be a cursor from a Link header of this list",
	} {
		if !outerWords.MatchString(said) {
			t.Errorf("%q is taken", said)
		}
	}
	for _, said := range []string{"organization_id", "must be the id of an organization", "permissions[%d]", "must be in the future", "user.own_password"} {
		if word := outerWords.FindString(said); word != "" {
			t.Errorf("%q is refused for %q", said, word)
		}
	}
}

// makers are the functions that make errors, or give them their words.
var makers = map[string]bool{"New": true, "Violation": true, "Add": true, "WithMessage": true, "Errorf": true, "Reason": true}

// messagesIn returns the texts with which a node makes an error: arguments of makers, and members called Message or Location.
func messagesIn(n ast.Node) []string {
	var values []ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		if name, ok := n.Fun.(*ast.SelectorExpr); ok && makers[name.Sel.Name] {
			values = n.Args
		}
	case *ast.KeyValueExpr:
		if name, ok := n.Key.(*ast.Ident); ok && (name.Name == "Message" || name.Name == "Location") {
			values = []ast.Expr{n.Value}
		}
	case *ast.ValueSpec:
		values = n.Values // words that are constants
	}
	var said []string
	for _, value := range values {
		if call, ok := value.(*ast.CallExpr); ok && len(call.Args) > 0 { // fmt.Sprintf
			value = call.Args[0]
		}
		if text, ok := value.(*ast.BasicLit); ok && text.Kind == token.STRING {
			if unquoted, err := strconv.Unquote(text.Value); err == nil {
				said = append(said, unquoted)
			}
		}
	}
	return said
}
