package pg

import (
	"context"
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// Within is a scope in terms of a table's columns. An index on each of the columns and id serves its pages.
type Within struct {
	Scope                    place.Scope
	Organization, Department string // columns; those without a department have null there
}

// mostParts is how many organizations and departments are read apart; beyond it, a scope is so much of the table that
// one walk finds a page soon.
const mostParts = 128

// Filter is the scope for a WHERE; nil for everywhere.
func (w Within) Filter() squirrel.Sqlizer {
	if w.Scope.Everywhere {
		return nil
	}
	return squirrel.Expr("("+w.Organization+" = ANY(?) OR "+w.Department+" = ANY(?))", w.Scope.Organizations, w.Scope.Departments)
}

// PageWithin is Page of what is within a scope. A part of the scope is read by its own index in the list's order, and
// the parts are merged, so that a page costs what it holds, however many rows of others lie between.
//
// Errors: those of Page.
func (l List[T]) PageWithin(ctx context.Context, db *DB, query squirrel.SelectBuilder, within Within, request page.Request) (page.Page[T], error) {
	scope := within.Scope
	if scope.Everywhere {
		return l.Page(ctx, db, query, request)
	}
	filtered := query.Where(within.Filter())
	if parts := len(scope.Organizations) + len(scope.Departments); parts == 0 || parts > mostParts {
		return l.Page(ctx, db, filtered, request)
	}
	merged, err := l.merged(query, within, request)
	if err != nil {
		return page.Page[T]{}, err
	}
	return l.read(ctx, db, merged, filtered, request)
}

// key stands in the text of a part for the parameter by which it differs from the others.
const key = "{key}"

// merged is the statement of a page whose parts are read apart. It is put together of text, since building each part
// costs more than running it; all parts share the parameters of the filters.
func (l List[T]) merged(query squirrel.SelectBuilder, within Within, request page.Request) (Call, error) {
	ofOrganization, args, err := l.part(query, within.Organization, request)
	if err != nil {
		return Call{}, err
	}
	ofDepartment, _, err := l.part(query, within.Department, request)
	if err != nil {
		return Call{}, err
	}
	var sql strings.Builder
	sql.WriteString("SELECT * FROM (")
	add := func(part string, value int64) {
		if sql.Len() > len("SELECT * FROM (") {
			sql.WriteString(" UNION ALL ")
		}
		args = append(args, value)
		sql.WriteString("(" + strings.ReplaceAll(part, key, "$"+strconv.Itoa(len(args))) + ")")
	}
	for _, id := range within.Scope.Organizations {
		add(ofOrganization, id)
	}
	for _, id := range within.Scope.Departments {
		add(ofDepartment, id)
	}
	args = append(args, request.Limit+1)
	sql.WriteString(") AS merged ORDER BY " + strings.Join(l.order(request.Sort), ", ") + " LIMIT $" + strconv.Itoa(len(args)))
	return Call{Statement: Statement{name: l.Name, sql: sql.String(), reads: true}, args: args}, nil
}

// part is the text of a part, and its parameters but the key.
func (l List[T]) part(query squirrel.SelectBuilder, column string, request page.Request) (string, []any, error) {
	paged, err := l.keyset(query.Where(column+" = "+key), request)
	if err != nil {
		return "", nil, err
	}
	return paged.ToSql()
}
