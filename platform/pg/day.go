package pg

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"erp.internal/platform/period"
)

// NullDay is the field of a date that may be null.
func NullDay(d **period.Day) any { return nullDay{d} }

type nullDay struct{ to **period.Day }

// ScanDate implements pgtype.DateScanner.
func (n nullDay) ScanDate(v pgtype.Date) error {
	*n.to = nil
	if v.Valid && v.InfinityModifier == pgtype.Finite {
		day := period.Day(v.Time.Format(time.DateOnly))
		*n.to = &day
	}
	return nil
}
