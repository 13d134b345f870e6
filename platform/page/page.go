// Package page holds how lists are asked for and answered: a limit, an order, and a cursor that says where the last
// page ended (keyset pagination: the hundredth page costs what the first one does, and rows added meanwhile neither
// repeat nor hide others).
package page

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"erp.internal/platform/errs"
)

// Request asks for one page.
type Request struct {
	Limit int
	Sort  Sort
	After *Cursor // nil: the first page
	Count bool    // also count all items, on whatever page
}

// Sort is an order: by one field, ties by id in the same direction.
type Sort struct {
	Field string
	Desc  bool
}

// ParseSort reads "name" or, descending, "-name". Whether the field may be sorted by is the schema's to say.
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
	Next  *Cursor // nil: there is no more
	Total *int64  // nil: not asked for
}

// Cursor says after which item a page begins: the value of the sorted field and the id of the last item before it.
type Cursor struct {
	Sort string `json:"s"`
	Key  string `json:"k"`
	ID   int64  `json:"i"`
}

// String gives the cursor in its opaque form, safe in a URL.
func (c Cursor) String() string {
	b, _ := json.Marshal(c) // two strings and a number always marshal
	return base64.RawURLEncoding.EncodeToString(b)
}

// ErrCursor is what a list answers to a cursor that it did not give, or gave for another order.
var ErrCursor = errs.Violation("query.after", "cursor", "must be a cursor from a Link header of this list, with the same sort")

// ParseCursor reads a cursor that was given for the same sort; an empty string is no cursor.
//
// Errors: ErrCursor.
func ParseCursor(s string, sort Sort) (*Cursor, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no cursor is the first page, not an error
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
