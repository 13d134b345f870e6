package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// statementLog is the file to which PostgreSQL can log each statement with its values, so that they can be replayed exactly
// as the server sent them.
type statementLog string

// logged is a statement as the server sent it.
type logged struct {
	text   string
	values string // of its parameters, as SQL, with commas between them
}

var (
	executed = regexp.MustCompile(`(?mi)^.*LOG: +duration: [0-9.]+ ms +execute [^:]+: (.*(?:\n\t.*)*)\n(?:.*DETAIL: +parameters: (.*(?:\n\t.*)*)\n)?`)
	valueOf  = regexp.MustCompile(`(?:^|, )\$\d+ = ('(?:[^']|'')*'|NULL)`)
)

// since returns the statements that read rows and were logged behind a place in the file.
func (l statementLog) since(from int64) ([]logged, error) {
	content, err := os.ReadFile(string(l))
	if err != nil {
		return nil, fmt.Errorf("-explain: %w", err)
	}
	var found []logged
	for _, match := range executed.FindAllStringSubmatch(string(content[min(from, int64(len(content))):]), -1) {
		statement := strings.ReplaceAll(match[1], "\n\t", "\n")
		if !strings.HasPrefix(statement, "SELECT") && !strings.HasPrefix(statement, "WITH") || strings.Contains(statement, "pg_current_snapshot") {
			continue
		}
		var values []string
		for _, value := range valueOf.FindAllStringSubmatch(match[2], -1) {
			values = append(values, value[1])
		}
		found = append(found, logged{statement, strings.Join(values, ", ")})
	}
	return found, nil
}

// generic is how often PostgreSQL plans a prepared statement for its values before it may plan it for any.
const generic = 5

// explain runs the statement as it is run on a connection that has prepared it and used it for some time, and gives
// the plan.
func (s logged) explain(ctx context.Context, conn *pgx.Conn) (string, error) {
	run := "EXECUTE explained"
	if s.values != "" {
		run += "(" + s.values + ")"
	}
	plan := ""
	for _, step := range append(append([]string{"PREPARE explained AS " + s.text}, repeated(run, generic+1)...),
		"EXPLAIN (ANALYZE, BUFFERS OFF, COSTS OFF) "+run, "DEALLOCATE explained") {
		results, err := conn.PgConn().Exec(ctx, step).ReadAll() // as it stands, with the values in it
		if err != nil {
			return "", fmt.Errorf("-explain: %w", err)
		}
		if !strings.HasPrefix(step, "EXPLAIN") {
			continue
		}
		for _, row := range results[0].Rows {
			plan += string(row[0]) + "\n"
		}
	}
	return plan, nil
}

func repeated(s string, times int) []string {
	all := make([]string, times)
	for n := range all {
		all[n] = s
	}
	return all
}
