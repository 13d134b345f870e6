package period

import (
	"time"

	"erp.internal/platform/errs"
)

// Day is a day of the calendar in the form of RFC 3339, such as 2026-03-01. The earlier of two days is the lesser text.
type Day string

// ParseDay returns a day of the years 1 to 9999.
//
// Errors: errs.Invalid with one field whose location is left to the caller.
func ParseDay(s string) (Day, error) {
	day, err := time.Parse(time.DateOnly, s)
	if err != nil || day.Year() < 1 {
		return "", errs.Violation("", "date", "must be a date such as 2026-03-01")
	}
	return Day(s), nil
}
