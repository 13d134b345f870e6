package pg

import (
	"github.com/jackc/pgx/v5/pgtype"

	"erp.internal/platform/place"
)

// Place is the fields of a row of a place alone, its organization_id and its department_id.
func Place(p *place.Place) []any { return []any{NullInt(&p.Organization), NullInt(&p.Department)} }

// NullInt is the field of a number that is null where it would be 0, such as an id.
func NullInt(n *int64) any { return nullInt{n} }

type nullInt struct{ to *int64 }

// ScanInt64 implements pgtype.Int64Scanner.
func (n nullInt) ScanInt64(v pgtype.Int8) error {
	*n.to = v.Int64 // 0 for null
	return nil
}
