package pg

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgtype"

	"erp.internal/platform/page"
)

// Column is a column that a list of T can be sorted by. It must not be null; an index on it and id serves its pages.
type Column[T any] struct {
	SQL   string
	key   func(T) string                // the item's value, for a cursor
	parse func(key string) (any, error) // back to a value for SQL
}

// TextColumn is a column of text.
func TextColumn[T any](sql string, of func(T) string) Column[T] {
	return Column[T]{SQL: sql, key: of, parse: func(key string) (any, error) { return key, nil }}
}

// IntColumn is a column of whole numbers.
func IntColumn[T any](sql string, of func(T) int64) Column[T] {
	return Column[T]{
		SQL:   sql,
		key:   func(item T) string { return strconv.FormatInt(of(item), 10) },
		parse: func(key string) (any, error) { return strconv.ParseInt(key, 10, 64) },
	}
}

// TimeColumn is a column of timestamps.
func TimeColumn[T any](sql string, of func(T) time.Time) Column[T] {
	return Column[T]{
		SQL:   sql,
		key:   func(item T) string { return of(item).Format(time.RFC3339Nano) },
		parse: func(key string) (any, error) { return time.Parse(time.RFC3339Nano, key) },
	}
}

// PastColumn is a column of moments in the past that is -infinity where there was none.
func PastColumn[T any](sql string, of func(T) *time.Time) Column[T] {
	return Column[T]{
		SQL: sql,
		key: func(item T) string {
			if at := of(item); at != nil {
				return at.Format(time.RFC3339Nano)
			}
			return ""
		},
		parse: func(key string) (any, error) {
			if key == "" {
				return pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}, nil
			}
			return time.Parse(time.RFC3339Nano, key)
		},
	}
}

// Past is the field of such a column, nil for none.
func Past(at **time.Time) any { return past{at} }

type past struct{ to **time.Time }

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (p past) ScanTimestamptz(v pgtype.Timestamptz) error {
	*p.to = nil
	if v.InfinityModifier == pgtype.Finite {
		at := v.Time.UTC()
		*p.to = &at
	}
	return nil
}

// List is how a repository's list is read, page by page.
type List[T any] struct {
	Name string
	ID   func(T) int64
	// Columns by the names they are sorted by; "id" need not be among them.
	Columns map[string]Column[T]
	Fields  Fields[T]
	// Long are the columns of texts that may be long. PostgreSQL then sends no more of them than a page holds. A list
	// without it is right too: what is too much for a page is sent and thrown away.
	Long []string
	// Generic says that Page's query leaves the planner no choice that depends on a value: see Call.Generic.
	Generic bool
}

const (
	// pageBytes is how many bytes of rows are enough for a page, whatever its limit: the row that reaches it is the last.
	// It bounds what an answer takes in memory while a slow client reads it.
	pageBytes = 1 << 20
	// shortPage is the limit up to which a page of long texts is read as it is: adding up their sizes costs more.
	shortPage = 100
)

// Page reads one page of what query selects; query has its filters, and no order or limit yet.
//
// Errors: page.ErrCursor, ErrUnavailable.
func (l List[T]) Page(ctx context.Context, db *DB, query squirrel.SelectBuilder, request page.Request) (page.Page[T], error) {
	paged, err := l.keyset(query, request)
	if err != nil {
		return page.Page[T]{}, err
	}
	call := ListsOnce(l.Name, paged.Suffix("LIMIT ?", request.Limit+1))
	if call.custom = l.filtered(call.args[:max(0, len(call.args)-1)], request); l.Generic {
		call = call.Generic()
	}
	return l.read(ctx, db, call, l.Fields, request, func() Call { return l.count(query) })
}

// filtered reports whether the arguments of a page hold any besides those of its cursor. What serves a filter best depends on
// its value: how many rows have it.
func (l List[T]) filtered(args []any, request page.Request) bool {
	if request.After == nil {
		return len(args) > 0
	}
	return len(args) > len(l.keys(request.Sort))
}

// count counts rows, and one more than is said.
func (l List[T]) count(query squirrel.SelectBuilder) Call {
	call := ListsOnce(l.Name+": count", query.RemoveColumns().Column("1").Suffix("LIMIT ?", page.MostCounted+1))
	call.sql = "SELECT count(*) FROM (" + call.sql + ") AS counted"
	return call
}

// read runs the statement of a page, and that which counts all of them, together for all who want it.
func (l List[T]) read(ctx context.Context, db *DB, call Call, fields Fields[T], request page.Request, count func() Call) (page.Page[T], error) {
	call, fields = l.bounded(call, fields, request)
	return l.together(ctx, db, call, request, func(ctx context.Context, call Call) (page.Page[T], error) {
		return l.readOnce(ctx, db, call, fields, request, count)
	})
}

// readOnce is read, once for all.
func (l List[T]) readOnce(ctx context.Context, db *DB, call Call, fields Fields[T], request page.Request, count func() Call) (page.Page[T], error) {
	items, size, more := make([]T, 0, request.Limit), 0, false
	err := each(ctx, db, call, fields, func(item T, bytes int) bool {
		if more = len(items) == request.Limit || size >= pageBytes; more { // one more was asked for than is given, to know whether there is one
			return false
		}
		items, size = append(items, item), size+bytes
		return true
	})
	if err != nil {
		return page.Page[T]{}, err
	}
	result := page.Page[T]{Items: items}
	if more {
		result.Next = l.cursor(request.Sort, items[len(items)-1])
	}
	if request.Count {
		count := count()
		count.custom = true
		total, err := One(ctx, db, count, Int, nil)
		if err != nil {
			return page.Page[T]{}, err
		}
		total, result.More = min(total, page.MostCounted), total > page.MostCounted
		result.Total = &total
	}
	return result, nil
}

// bounded lets the statement of a page end with the second row after the long texts before it are enough for a page:
// that row shows that there is more. Their sizes are known without reading them.
func (l List[T]) bounded(call Call, fields Fields[T], request page.Request) (Call, Fields[T]) {
	if len(l.Long) == 0 || request.Limit <= shortPage || call.err != nil {
		return call, fields
	}
	sizes := make([]string, len(l.Long))
	for i, column := range l.Long {
		sizes[i] = "coalesce(octet_length(" + column + "), 0)"
	}
	order := strings.Join(l.order(request.Sort), ", ")
	call.args = append(call.args, pageBytes)
	call.sql = "SELECT * FROM (SELECT listed.*, sum(" + strings.Join(sizes, " + ") + ") OVER (ORDER BY " + order +
		" ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING) AS bytes_before FROM (" + call.sql +
		") AS listed) AS bounded WHERE coalesce(bytes_before, 0) < $" + strconv.Itoa(len(call.args)) + " ORDER BY " + order
	return call, func(item *T) []any { return append(fields(item), nil) } // nobody wants bytes_before
}

// keyset orders a query and lets it begin behind the page's cursor.
func (l List[T]) keyset(query squirrel.SelectBuilder, request page.Request) (squirrel.SelectBuilder, error) {
	beyond := ">"
	if request.Sort.Desc {
		beyond = "<"
	}
	query = query.OrderBy(l.order(request.Sort)...)
	if after := request.After; after != nil {
		if column, sorted := l.Columns[request.Sort.Field]; sorted {
			key, err := column.parse(after.Key)
			if err != nil {
				return query, page.ErrCursor
			}
			query = query.Where("("+column.SQL+", id) "+beyond+" (?, ?)", key, after.ID)
		} else {
			query = query.Where("id "+beyond+" ?", after.ID)
		}
	}
	return query, nil
}

// order is what a page is ordered by.
func (l List[T]) order(sort page.Sort) []string { return directed(l.keys(sort), sort.Desc) }

// keys are what tells the rows of a page apart in their order.
func (l List[T]) keys(sort page.Sort) []string {
	if column, sorted := l.Columns[sort.Field]; sorted {
		return []string{column.SQL, "id"}
	}
	return []string{"id"}
}

func directed(keys []string, desc bool) []string {
	direction := " ASC"
	if desc {
		direction = " DESC"
	}
	order := make([]string, len(keys))
	for i, key := range keys {
		order[i] = key + direction
	}
	return order
}

func (l List[T]) cursor(sort page.Sort, last T) *page.Cursor {
	c := page.Cursor{Sort: sort.String(), ID: l.ID(last)}
	if column, sorted := l.Columns[sort.Field]; sorted {
		c.Key = column.key(last)
	}
	return &c
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Contains is a filter for rows in which any of the columns contains q, ignoring case.
func Contains(q string, columns ...string) squirrel.Or {
	pattern := "%" + likeEscaper.Replace(q) + "%"
	var either squirrel.Or
	for _, column := range columns {
		either = append(either, squirrel.ILike{column: pattern})
	}
	return either
}
