package pg

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

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

// List is how a repository's list is read, page by page.
type List[T any] struct {
	Name string
	ID   func(T) int64
	// Columns by the names they are sorted by; "id" need not be among them.
	Columns map[string]Column[T]
	Fields  Fields[T]
}

// Page reads one page of what query selects; query has its filters, and no order or limit yet.
//
// Errors: page.ErrCursor, ErrUnavailable.
func (l List[T]) Page(ctx context.Context, db *DB, query squirrel.SelectBuilder, request page.Request) (page.Page[T], error) {
	paged, err := l.keyset(query, request)
	if err != nil {
		return page.Page[T]{}, err
	}
	return l.read(ctx, db, Dynamic(l.Name, paged), query, request)
}

// read runs the statement of a page; all is what is counted.
func (l List[T]) read(ctx context.Context, db *DB, call Call, all squirrel.SelectBuilder, request page.Request) (page.Page[T], error) {
	call.most = request.Limit + 1
	items, err := All(ctx, db, call, l.Fields)
	if err != nil {
		return page.Page[T]{}, err
	}
	result := page.Page[T]{Items: items}
	if len(items) > request.Limit { // one more was asked for than is given, to know whether there is one
		result.Items = items[:request.Limit]
		result.Next = l.cursor(request.Sort, items[request.Limit-1])
	}
	if request.Count {
		total, err := One(ctx, db, Dynamic(l.Name+": count", all.RemoveColumns().Column("count(*)")), Int, nil)
		if err != nil {
			return page.Page[T]{}, err
		}
		result.Total = &total
	}
	return result, nil
}

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
	return query.Suffix("LIMIT ?", request.Limit+1), nil
}

// order is what a page is ordered by.
func (l List[T]) order(sort page.Sort) []string {
	direction := " ASC"
	if sort.Desc {
		direction = " DESC"
	}
	if column, sorted := l.Columns[sort.Field]; sorted {
		return []string{column.SQL + direction, "id" + direction}
	}
	return []string{"id" + direction}
}

func (l List[T]) cursor(sort page.Sort, last T) *page.Cursor {
	c := page.Cursor{Sort: sort.String(), ID: l.ID(last)}
	if column, sorted := l.Columns[sort.Field]; sorted {
		c.Key = column.key(last)
	}
	return &c
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Contains is a filter for items in which any of the columns contains q, in whatever case.
func Contains(q string, columns ...string) squirrel.Or {
	pattern := "%" + likeEscaper.Replace(q) + "%"
	var either squirrel.Or
	for _, column := range columns {
		either = append(either, squirrel.ILike{column: pattern})
	}
	return either
}
