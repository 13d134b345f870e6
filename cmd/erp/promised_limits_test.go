package main

import (
	"bufio"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/migrations"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// promisedLimits are the numbers of docs/operating/ and where each comes from: a constant of the source, the default of
// a setting, or the running program. The page must hold the text with that number in the place of {}, so that neither is
// changed without the other.
var promisedLimits = []struct {
	says string
	is   func(t *testing.T) string
}{
	{"| a request's header | about {} KiB,", func(t *testing.T) string { // net/http adds 4 KiB to what is set
		return strconv.FormatInt((number(t, "platform/httpx", "MaxHeaderBytes")+4096)>>10, 10)
	}},
	{"KiB, {} s to arrive |\n| its body", seconds("platform/httpx", "ReadHeaderTimeout")},
	{"| its body | {} MiB,", mebibytes("platform/httpx", "maxBody")},                    // and TestPromisedProblems/body_too_large
	{"MiB, {} KiB where anybody", kibibytes("platform/httpx", "maxBodyWithoutTurn")},    // and TestPromisedLimits_ofFreeBodies
	{"anybody may send it; {} s to arrive |", seconds("platform/httpx", "readTimeout")}, // and TestPromisedProblems/body_timeout
	{"takes at least {} KiB of it", kibibytes("platform/httpx", "minProgress")},
	{"KiB of it in {} s,", seconds("platform/httpx", "progressTimeout")},
	{"`REQUESTS_PER_USER`, {}, under way", byDefault(func(s settings) any { return s.http.RequestsPerUser })},
	{"answers are written; {} times as many", count("platform/httpx", "waitingPerTurn")}, // and TestPromisedProblems/too_many_at_once
	{"times as many wait up to {} s, then 429", seconds("platform/httpx", "turnTimeout")},
	{"as many again wait up to {} s, then 429", seconds("platform/httpx", "turnTimeout")},     // and TestPromisedLimits_ofAddresses
	{"the others wait up to {} s, then 503 `busy`", seconds("platform/httpx", "turnTimeout")}, // and TestPromisedProblems/busy
	{"| an idle connection | {} s;", seconds("platform/httpx", "idleTimeout")},
	{"less and less, down to {} s |", seconds("platform/httpx", "minIdleTimeout")},
	{"| connections | `HTTP_MAX_CONNECTIONS`, {}, less", byDefault(func(s settings) any { return s.http.MaxConnections })},
	{"(`ulimit -n`); {} at `ADMIN_ADDR`", count("platform/httpx", "AdminConnections")},
	{"`DATABASE_STATEMENT_TIMEOUT`, {} s;", byDefault(func(s settings) any { return s.database.StatementTimeout.Seconds() })},
	{"`DATABASE_LIST_TIMEOUT`, {} s;", byDefault(func(s settings) any { return s.database.ListTimeout.Seconds() })}, // and TestLists_haveATimeLimit
	{"| an idle transaction | {} s |", func(t *testing.T) string { return shownBy(t, "idle_in_transaction_session_timeout", time.Second) }},
	{"| connecting to the database | {} s;", seconds("platform/pg", "connectWithin")},
	{"s; {} s for each server", seconds("platform/pg", "connectEachWithin")},
	{"They are tried in turn, each for {} s,", seconds("platform/pg", "connectEachWithin")},
	{"`SESSION_IDLE` {} min", byDefault(func(s settings) any { return s.identity.App.SessionIdle.Minutes() })},
	{"`SESSION_TTL` {} h in all", byDefault(func(s settings) any { return s.identity.App.SessionTTL.Hours() })},
	{"| one page of a list | {} items,", written("platform/httpx/list.go", `maximum:"(\d+)" doc:"[^"]*"`)}, /* and TestPromisedViolations/too_large */
	{"items, and about {} MiB:", mebibytes("platform/pg", "pageBytes")},
	{"| levels of a department tree | {} |", count("modules/organization/domain", "MaxDepth")}, // and TestPromisedProblems/department.too_deep

	{"most {} s together; their verdict", seconds("platform/health", "checkTimeout")},
	{"their verdict is used for {} s", seconds("platform/health", "checkAge")},
	{"none has had an answer for {} s, a", seconds("platform/pg", "silence")},
	{"a new connection is tried for {} s.", seconds("platform/pg", "knockWithin")},
	{"`SHUTDOWN_TIMEOUT` ({} s), then", byDefault(func(s settings) any { return s.http.ShutdownTimeout.Seconds() })},
	{"at the latest {} ms after the answer", milliseconds("platform/logging", "flushInterval")},
	{"request lines of its last {} ms", milliseconds("platform/logging", "flushInterval")},
	{"administrator waits, for at most {} s.", seconds("modules/identity/adapters/smtp", "sendWithin")},
	{"It waits at most {} s for a table", seconds("platform/pg/migrate", "lockTimeout")},
	{"`PASSWORD_HASH_QUEUE` ({})", byDefault(func(s settings) any { return s.identity.Hashing.Queue })},
	{"`PASSWORD_HASH_MEMORY_KIB` ({} MiB)", byDefault(func(s settings) any { return s.identity.Hashing.MemoryKiB >> 10 })},
	{"| sessions | {} | 300 bytes |", thousands("modules/identity/app", "maxCachedSessions")},
	{"| users with their grants | {} | 200", thousands("modules/access/app", "maxCachedUsers")},
	{"| departments in trees | {} | 150", thousands("modules/organization/app", "mostDepartments")},
	{"| sessions | {} days after their end |", kept("modules/identity/adapters/postgres/sessions.go", "delete sessions", " days")},
	{"| counts of failures | an {} after they ended |", kept("modules/identity/adapters/postgres/sign_ins.go", "delete attempts", "1 ")},
	{"| known devices | {} days after", days("modules/identity/domain", "DeviceLife")},
	{"there within {} days; else strangers", days("modules/identity/domain", "NetworkLife")},
}

func TestPromisedLimits(t *testing.T) {
	t.Parallel()
	text, table := onOneLine(operatingPages(t)), section(t, "../../docs/operating/limits.md", "# Limits")
	for _, promised := range promisedLimits {
		want := strings.Replace(promised.says, "{}", promised.is(t), 1)
		if !strings.Contains(text, onOneLine(want)) {
			t.Errorf("no page of docs/operating says %q, which the program does: correct the page, or the row of this test", want)
		}
		before, after, _ := strings.Cut(promised.says, "{}")
		number := regexp.MustCompile(regexp.QuoteMeta(before) + `[\d,]+` + regexp.QuoteMeta(after))
		table = number.ReplaceAllStringFunc(table, func(found string) string { return blanked(found, len(before), len(found)-len(after)) })
	}
	// What no constant has: statuses, what TestPromisedLimits_ofConnections observes, and what was measured.
	for _, observed := range []string{"about 25 KiB of memory", "then 429", "503", "`DATABASE_POOL_SIZE`: 4 for each core, at least 8", "Retry-After"} {
		table = strings.ReplaceAll(table, observed, "")
	}
	for line := range strings.Lines(table) {
		if left := regexp.MustCompile(`\d+`).FindString(line); left != "" && strings.HasPrefix(line, "|") {
			t.Errorf("nothing holds the %s of this row of the limits: add it to promisedLimits\n%s", left, line)
		}
	}
}

// operatingPages returns the pages for operators, one after the other.
func operatingPages(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/operating/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	var all strings.Builder
	for _, path := range append(paths, "../../docs/operating.md") {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(page)
	}
	return all.String()
}

// onOneLine returns a text without its line breaks, which may come anywhere in a sentence.
func onOneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// blanked writes # for what was found, so that texts around it are still found by other rows.
func blanked(s string, from, to int) string { return s[:from] + strings.Repeat("#", to-from) + s[to:] }

// The settings of the database's sessions, as the database shows them.
func TestPromisedLimits_ofConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got, want := w.DB.Stat().MaxConns(), int32(max(8, 4*runtime.GOMAXPROCS(0))); got != want {
		t.Errorf("the pool has up to %d connections, documented are 4 for each core and at least 8: %d", got, want)
	}
	address := onDatabase(t)
	closed(t, t.TempDir(), address)
	url := strings.TrimPrefix(address, "DATABASE_URL=")
	if n := execute(t, url, "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% listen'"); n != 0 {
		t.Errorf("%d connections listen, none is documented", n)
	}
}

// One address has a quarter of the connections for what is not a user's, as many more requests wait, and the next is refused.
// Probes and users are served meanwhile.
func TestPromisedLimits_ofAddresses(t *testing.T) {
	t.Parallel()
	if s, err := load(console{environ: []string{"HTTP_MAX_CONNECTIONS=100"}}); err != nil || s.http.RequestsPerAddress != 25 {
		t.Errorf("of 100 connections an address has %d, %v", s.http.RequestsPerAddress, err)
	}
	p, root := withRoot(t, "REQUESTS_PER_ADDRESS=1")
	underWay := dial(t, p.address, "POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
	if line, err := bufio.NewReader(underWay).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	for path, token := range map[string]string{"/organizations": root, "/healthz": "", "/readyz": ""} {
		if a := p.askAs(token, "GET", path, ""); a.status != http.StatusOK {
			t.Errorf("%s: %d %v", path, a.status, a.body)
		}
	}
	refused := firstOf(2, func() answer { return p.post("/auth/login", `{"email":"a@example.org","password":"wrong"}`) })
	if refused.status != http.StatusTooManyRequests || refused.body["code"] != "too_many_at_once" || refused.header.Get("Retry-After") != "1" {
		t.Errorf("%d %v", refused.status, refused.body)
	}
}

// Where anybody may send a body, it is smaller: one of just that size is read, one byte more is not.
func TestPromisedLimits_ofFreeBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/auth/login", "/auth/session", "/auth/password-reset"} {
		body := func(bytes int) string {
			return `{"email":"` + strings.Repeat("a", bytes-len(`{"email":""}`)) + `"}`
		}
		w.Do(t, "POST", path, body(64<<10)).Want(t, 422)
		w.Do(t, "POST", path, body(64<<10+1)).Want(t, 413, "code", "body_too_large")
	}
}

func byDefault(of func(settings) any) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		s, err := load(console{})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(of(s))
	}
}

// shownBy returns a parameter of a session of the pool, in a unit.
func shownBy(t *testing.T, parameter string, unit time.Duration) string {
	t.Helper()
	milliseconds, err := pg.One(t.Context(), pgtest.New(t, migrations.Files), pg.ReadsOnce("parameter", squirrel.Expr("SELECT setting::bigint FROM pg_settings WHERE name = $1", parameter)),
		func(n *int64) []any { return []any{n} }, errors.New("no such parameter"))
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatInt(milliseconds*int64(time.Millisecond)/int64(unit), 10)
}

func seconds(dir, name string) func(*testing.T) string { return in(dir, name, int64(time.Second)) }
func days(dir, name string) func(*testing.T) string    { return in(dir, name, int64(24*time.Hour)) }
func milliseconds(dir, name string) func(*testing.T) string {
	return in(dir, name, int64(time.Millisecond))
}
func kibibytes(dir, name string) func(*testing.T) string { return in(dir, name, 1<<10) }
func mebibytes(dir, name string) func(*testing.T) string { return in(dir, name, 1<<20) }
func count(dir, name string) func(*testing.T) string     { return in(dir, name, 1) }

func thousands(dir, name string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		n := number(t, dir, name) / 1000
		if n >= 1000 {
			return fmt.Sprintf("%d,%03d,000", n/1000, n%1000)
		}
		return strconv.FormatInt(n, 10) + ",000"
	}
}

func in(dir, name string, unit int64) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		n := number(t, dir, name)
		if n%unit != 0 {
			t.Errorf("%s of %s is %d, no whole number of what the page counts", name, dir, n)
		}
		return strconv.FormatInt(n/unit, 10)
	}
}

// kept returns the interval of a statement, without what stands around the number or the unit.
func kept(file, statement, without string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		return strings.ReplaceAll(written(file, regexp.QuoteMeta(statement)+`.*interval '([^']+)'`)(t), without, "")
	}
}

// written returns what the group of a pattern finds in a file.
func written(file, pattern string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		source, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(pattern).FindStringSubmatch(string(source))
		if found == nil {
			t.Fatalf("%s holds nothing like %s", file, pattern)
		}
		return found[1]
	}
}

// number finds a constant, or a member of a literal, in a package's source and computes it. It may not be exported, and
// what the running server does with it is the matter of that package's own tests.
func number(t *testing.T, dir, name string) int64 {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var found []ast.Expr
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, defined := range n.Names {
					if defined.Name == name && i < len(n.Values) {
						found = append(found, n.Values[i])
					}
				}
			case *ast.KeyValueExpr:
				if nameOf(n.Key) == name {
					found = append(found, n.Value)
				}
			}
			return true
		})
	}
	if len(found) != 1 {
		t.Fatalf("%s is defined %d times in %s, want once: correct promisedLimits", name, len(found), dir)
	}
	value, ok := compute(found[0])
	if !ok {
		t.Fatalf("%s of %s is no product of numbers and units", name, dir)
	}
	return value
}

func compute(e ast.Expr) (int64, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		n, err := strconv.ParseInt(strings.ReplaceAll(e.Value, "_", ""), 0, 64)
		return n, err == nil
	case *ast.SelectorExpr:
		unit, is := map[string]time.Duration{"time.Millisecond": time.Millisecond, "time.Second": time.Second, "time.Minute": time.Minute, "time.Hour": time.Hour}[nameOf(e)]
		return int64(unit), is
	case *ast.BinaryExpr:
		x, okX := compute(e.X)
		y, okY := compute(e.Y)
		switch e.Op {
		case token.MUL:
			return x * y, okX && okY
		case token.SHL:
			return x << y, okX && okY
		default:
			return 0, false
		}
	}
	return 0, false
}
