// Package page implements keyset pagination: a page has a limit, an order, and a cursor that says where the page before it
// ended. The hundredth page costs as much as the first, and rows that are added meanwhile neither repeat nor hide others.
package page

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"

	"erp.internal/platform/errs"
)

// Request describes a page of a list.
type Request struct {
	Limit int
	Sort  Sort
	After *Cursor // nil: the first page
	Count bool    // also count the items of all pages
}

// Sort is an order: by one field, and by id in the same direction for equal values.
type Sort struct {
	Field string
	Desc  bool
}

// ParseSort reads "name" or, descending, "-name". The schema of the operation checks the field.
func ParseSort(s string) Sort {
	field, desc := strings.CutPrefix(s, "-")
	return Sort{Field: field, Desc: desc}
}

// String is what ParseSort reads.
func (s Sort) String() string {
	if s.Desc {
		return "-" + s.Field
	}
	return s.Field
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  *Cursor // nil: this is the last page
	Total *int64  // nil: not requested
	More  bool    // there are more than Total says: counting ends at MostCounted

	Shared *Shared // unless nil, other callers have the same items, which must not be changed
}

// Shared is what the callers who have the same page make of it once.
type Shared struct {
	once    sync.Once
	encoded []byte
	err     error
}

// Encoded returns what encode returned to the first of the callers.
func (s *Shared) Encoded(encode func() ([]byte, error)) ([]byte, error) {
	s.once.Do(func() { s.encoded, s.err = encode() })
	return s.encoded, s.err
}

// MostCounted is how far the items of all pages are counted.
const MostCounted = 10_000

// Of returns a page of other items, made of those of a page one by one, perhaps for its caller alone.
func Of[T, U any](p Page[T], items []U) Page[U] {
	return Page[U]{Items: items, Next: p.Next, Total: p.Total, More: p.More}
}

// Map returns a page of other items. What of returns depends on the item alone, so that callers may go on sharing the page.
func Map[T, U any](p Page[T], of func(T) U) Page[U] {
	items := make([]U, len(p.Items))
	for i, item := range p.Items {
		items[i] = of(item)
	}
	mapped := Of(p, items)
	mapped.Shared = p.Shared
	return mapped
}

// Condition narrows a list by what another module keeps. That module writes it, for the column that holds the id which it knows;
// only platform/pg and adapters to the database read it.
type Condition func(id string) (sql string, args []any)

// Cursor is the position of a page: the value of the sort field and the id of the last item before it.
type Cursor struct {
	Sort string `json:"s"`
	Key  string `json:"k"`
	ID   int64  `json:"i"`
}

// String returns the cursor in an opaque form that is safe in a URL.
func (c Cursor) String() string {
	b, _ := json.Marshal(c) // two strings and a number always marshal
	return base64.RawURLEncoding.EncodeToString(b)
}

// ErrCursor answers an invalid cursor, or a cursor of another order.
var ErrCursor = errs.Violation("after", "cursor", "must be a cursor of this list, with the same sort")

// ParseCursor reads a cursor and checks that it was made for the same sort; nil for an empty string.
//
// Errors: ErrCursor.
func ParseCursor(s string, sort Sort) (*Cursor, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no cursor means the first page
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, ErrCursor
	}
	var c Cursor
	if json.Unmarshal(b, &c) != nil || c.Sort != sort.String() || strings.ContainsRune(c.Key, 0) { // Postgres has no NUL in texts
		return nil, ErrCursor
	}
	return &c, nil
}
