// Package period holds for how long something holds: since when, until when, and what that makes of it at a moment.
package period

import (
	"time"

	"erp.internal/platform/errs"
)

// Period is the time from From until Until. Until is not a part of it, so that of two periods of which one ends where the
// other begins, exactly one is active at each moment. The zero value is always active.
type Period struct {
	From  *time.Time // nil: since what it belongs to was made
	Until *time.Time // nil: without an end
}

// Normal returns the period as it is stored and shown: in UTC, cut to the microseconds that PostgreSQL keeps.
func (p Period) Normal() Period {
	return Period{From: normal(p.From), Until: normal(p.Until)}
}

func normal(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	cut := t.UTC().Truncate(time.Microsecond)
	return &cut
}

// CheckCalendar notes a date that RFC 3339 cannot write in UTC, where an offset may lead out of the years 1 to 9999. from
// and until are the names of the two fields.
func (p Period) CheckCalendar(v *errs.Violations, from, until string) {
	checkCalendar(v, from, p.From)
	checkCalendar(v, until, p.Until)
}

func checkCalendar(v *errs.Violations, field string, t *time.Time) {
	if t == nil {
		return
	}
	if year := t.UTC().Year(); year < 1 || year > 9999 {
		v.Add(field, "out_of_calendar", "must be within the years 1 to 9999 in UTC")
	}
}

// Empty reports whether the period ends before it begins, or as it begins: it is never active.
func (p Period) Empty() bool {
	return p.From != nil && p.Until != nil && !p.Until.After(*p.From)
}

// ContainsFrom reports whether this period is active whenever the other one is, from a moment on.
func (p Period) ContainsFrom(moment time.Time, other Period) bool {
	begins := p.From == nil || !p.From.After(moment) || other.From != nil && !p.From.After(*other.From)
	lasts := p.Until == nil || other.Until != nil && !p.Until.Before(*other.Until)
	return begins && lasts
}
