package pg

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// Within is a scope in terms of a table's columns. An index on each of the columns, the field that a list is sorted by, and
// id serves its pages.
type Within struct {
	Scope                    place.Scope
	At                       place.Place // narrows the scope to an organization, a department or both; 0 does not narrow
	Organization, Department string      // columns; those without a department have null there
	Null                     string      // a column that has no value in the rows, as one more condition; "" for none
}

// Everywhere reports whether nothing is narrowed.
func (w Within) Everywhere() bool { return w.Scope.Everywhere && w.At == (place.Place{}) }

// Filter is the scope for a WHERE; nil for everywhere.
func (w Within) Filter() squirrel.Sqlizer {
	if w.Scope.Everywhere {
		return nil
	}
	return squirrel.Expr("("+w.Organization+" = ANY(?) OR "+w.Department+" = ANY(?))", w.Scope.Organizations, w.Scope.Departments)
}

// narrow turns At into fewer places of the scope, and into conditions where that is not enough.
func (w Within) narrow(query squirrel.SelectBuilder) (Within, squirrel.SelectBuilder) {
	if w.Null != "" {
		query = query.Where(w.Null + " IS NULL")
	}
	organization, department := w.At.Organization, w.At.Department
	if organization != 0 {
		query = query.Where(w.Organization+" = ?", organization)
	}
	if w.Scope.Everywhere {
		if department != 0 {
			query = query.Where(w.Department+" = ?", department)
		}
		return w, query
	}
	switch organizations := w.Scope.Organizations; {
	case department != 0 && slices.Contains(w.Scope.Departments, department):
		w.Scope = place.Scope{Departments: []int64{department}}
	case department != 0 && len(organizations) > 0:
		w.Scope = place.Scope{Departments: []int64{department}}
		query = query.Where(w.Organization+" = ANY(?)", organizations)
	case department != 0:
		w.Scope = place.Scope{}
	case organization != 0 && slices.Contains(organizations, organization):
		w.Scope = place.Scope{Organizations: []int64{organization}}
	case organization != 0:
		w.Scope = place.Scope{Departments: w.Scope.DepartmentsOf(organization)}
	}
	return w, query
}

// Of restricts a query to the scope, for what is not read place by place.
func (w Within) Of(query squirrel.SelectBuilder) squirrel.SelectBuilder {
	w, query = w.narrow(query)
	if w.Scope.Everywhere {
		return query
	}
	return query.Where(w.Filter())
}

// PageWithin is Page of what is within a scope. Each place of the scope is read by its own index in the list's order, and
// the rows are merged: a page costs what it holds and a look at each place, however many rows of others lie between.
//
// Errors: those of Page.
func (l List[T]) PageWithin(ctx context.Context, db *DB, query squirrel.SelectBuilder, within Within, request page.Request) (page.Page[T], error) {
	within, query = within.narrow(query)
	if within.Scope.Everywhere {
		if within.Null != "" && within.Everywhere() { // an index that begins with the column serves an order that begins with it
			query = query.OrderBy(directed([]string{within.Null}, request.Sort.Desc)...)
		}
		return l.Page(ctx, db, query, request)
	}
	call, fields, err := l.merged(query, within, request)
	if err != nil {
		return page.Page[T]{}, err
	}
	return l.read(ctx, db, call, fields, request, func() Call { return l.countWithin(query, within) })
}

// fewPlaces is how many places are each read for a whole page.
const fewPlaces = 4

// merged is the statement of a page of several places. Its text is the same for any number of many places.
//
// Of many places, whole pages would be far more rows than one page holds. So a few rows of each are read first, together about
// twice a page. Were these all, the page would end with one of them, and with the others it ends no later. So only places of
// which all these rows are on the page are read further, up to that row. Where they are too few for a page, there is no such
// row.
func (l List[T]) merged(query squirrel.SelectBuilder, within Within, request page.Request) (Call, Fields[T], error) {
	keyset, err := l.keyset(query.Where(ofPlace), request)
	if err != nil {
		return Call{}, nil, err
	}
	m := merge{keys: l.keys(request.Sort), desc: request.Sort.Desc}
	if m.rows, m.args, err = keyset.ToSql(); err != nil {
		return Call{}, nil, err
	}
	if m.upToLast, _, err = keyset.Where(m.notBeyondLast()).ToSql(); err != nil {
		return Call{}, nil, err
	}
	custom := l.filtered(m.args, request)
	m.whole = m.parameter(request.Limit + 1)
	m.addAll(within)
	call := func(sql string) Call {
		return Call{Statement: Statement{name: l.Name, sql: sql, reads: true}, args: m.args, custom: custom, lists: true}
	}
	places := m.places()
	if places <= fewPlaces {
		sql := m.page("", m.single)
		return call(sql), l.Fields, nil
	}
	m.bind()
	sql := m.many(m.parameter((2*(request.Limit+1) + places - 1) / places))
	return call(sql), func(item *T) []any { return append(l.Fields(item), nil, nil) }, nil // nobody wants of_column and of_place
}

// countWithin counts the rows of several places. It reads no more of them than are counted.
func (l List[T]) countWithin(query squirrel.SelectBuilder, within Within) Call {
	m := merge{}
	var err error
	m.rows, m.args, err = query.RemoveColumns().Column("1").Where(ofPlace).ToSql()
	m.whole = m.parameter(page.MostCounted + 1)
	m.addAll(within)
	rows := m.single
	if m.places() > fewPlaces {
		m.bind()
		rows = func(p part) string { return p.lateral("", "unnest("+p.bound+")", m.rows, "LIMIT "+m.whole) }
	}
	sql := "SELECT count(*) FROM (SELECT FROM (" + m.union(rows) + ") AS merged LIMIT " + m.whole + ") AS counted"
	return Call{Statement: Statement{name: l.Name + ": count", sql: sql, reads: true, err: err}, args: m.args, lists: true}
}

// merge is a page of several places as SQL. Its texts stand for the rows of one place, scoped.place.
type merge struct {
	keys     []string // what rows are sorted by
	desc     bool
	rows     string // behind the cursor
	upToLast string // those of them that come no later than the row in "last"
	args     []any
	whole    string // the parameter of how many rows are enough for a page
	parts    []part
}

// part are the places of one kind.
type part struct {
	column string
	places []int64
	bound  string // their parameter
}

// ofPlace is the condition of a place's rows; placeColumn stands for the column of a part.
const (
	placeColumn = "{place}"
	ofPlace     = placeColumn + " = scoped.place"
)

func (m *merge) parameter(value any) string {
	m.args = append(m.args, value)
	return "$" + strconv.Itoa(len(m.args)) + "::bigint"
}

// addAll adds the places of a scope. One without any has a part without any.
func (m *merge) addAll(within Within) {
	if places := within.Scope.Organizations; len(places) > 0 {
		m.add(within.Organization, places)
	}
	if places := within.Scope.Departments; len(places) > 0 {
		m.add(within.Department, places)
	}
	if len(m.parts) == 0 {
		m.add(within.Department, []int64{0}) // no place has this id
	}
}

func (m *merge) add(column string, places []int64) {
	places = slices.Compact(slices.Sorted(slices.Values(places))) // a place that is given twice would be read twice
	m.parts = append(m.parts, part{column: column, places: places})
}

func (m *merge) places() (n int) {
	for _, p := range m.parts {
		n += len(p.places)
	}
	return n
}

// bind makes the places of each part a parameter.
func (m *merge) bind() {
	for i, p := range m.parts {
		m.parts[i].bound = m.parameter(p.places) + "[]"
	}
}

// single reads each place for a whole page, by a condition of its own: what serves a filter best depends on how many rows the
// place has.
func (m *merge) single(p part) string {
	all := make([]string, len(p.places))
	for i, id := range p.places {
		all[i] = "(" + strings.ReplaceAll(m.rows, ofPlace, p.column+" = "+m.parameter(id)) + " LIMIT " + m.whole + ")"
	}
	return strings.Join(all, " UNION ALL ")
}

// lateral reads rows of each place in from.
func (p part) lateral(columns, from, rows, limit string) string {
	return "SELECT part.*" + columns + " FROM " + from + " AS scoped (place) CROSS JOIN LATERAL (" +
		strings.ReplaceAll(rows, placeColumn, p.column) + " " + limit + ") AS part"
}

// many reads few rows of each place first.
func (m *merge) many(few string) string {
	keys := strings.Join(m.keys, ", ")
	origin := func(p part) string { return ", '" + p.column + "' AS of_column, scoped.place AS of_place" }
	first := func(p part) string { return p.lateral(origin(p), "unnest("+p.bound+")", m.rows, "LIMIT "+few) }
	further := func(p part) string {
		full := "(SELECT of_place FROM full_places WHERE of_column = '" + p.column + "'"
		rest := "OFFSET " + few + " LIMIT " + m.whole
		return p.lateral(origin(p), full+")", m.upToLast, rest) + " UNION ALL " +
			p.lateral(origin(p), full+" AND NOT EXISTS (SELECT FROM last))", m.rows, rest)
	}
	return "WITH first AS MATERIALIZED (" + m.union(first) +
		"), last (" + strings.Join(m.lastKeys(), ", ") + ") AS MATERIALIZED (SELECT " + keys + " FROM first ORDER BY " + m.order() + " OFFSET " + m.whole + " - 1 LIMIT 1" +
		"), full_places AS MATERIALIZED (SELECT of_column, of_place FROM first WHERE " + m.notBeyondLast() + " OR NOT EXISTS (SELECT FROM last)" +
		" GROUP BY of_column, of_place HAVING count(*) = " + few + ") " + m.page("SELECT * FROM first UNION ALL ", further)
}

// page is the first rows of those given and those of all parts.
func (m *merge) page(given string, rows func(part) string) string {
	return "SELECT * FROM (" + given + m.union(rows) + ") AS merged ORDER BY " + m.order() + " LIMIT " + m.whole
}

func (m *merge) union(rows func(part) string) string {
	all := make([]string, len(m.parts))
	for i, p := range m.parts {
		all[i] = rows(p)
	}
	return strings.Join(all, " UNION ALL ")
}

func (m *merge) order() string { return strings.Join(directed(m.keys, m.desc), ", ") }

// notBeyondLast is the condition that a row comes no later than the one in "last".
func (m *merge) notBeyondLast() string {
	last := m.lastKeys()
	for i, key := range last {
		last[i] = "(SELECT " + key + " FROM last)"
	}
	no := " <= "
	if m.desc {
		no = " >= "
	}
	return "(" + strings.Join(m.keys, ", ") + ")" + no + "(" + strings.Join(last, ", ") + ")"
}

// lastKeys are the names of the keys in "last".
func (m *merge) lastKeys() []string { return []string{"last_key", "last_id"}[2-len(m.keys):] }
