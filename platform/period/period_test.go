package period_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"erp.internal/platform/errs"
	"erp.internal/platform/period"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func after(d time.Duration) *time.Time {
	t := noon.Add(d)
	return &t
}

func TestPeriod_State(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		period period.Period
		want   period.State
	}{
		"without dates":         {period.Period{}, period.Active},
		"begins now":            {period.Period{From: after(0)}, period.Active},
		"begins in an instant":  {period.Period{From: after(1)}, period.Scheduled},
		"ends now":              {period.Period{Until: after(0)}, period.Expired},
		"ends in an instant":    {period.Period{Until: after(1)}, period.Active},
		"between its dates":     {period.Period{From: after(-1), Until: after(1)}, period.Active},
		"empty, and to come":    {period.Period{From: after(1), Until: after(1)}, period.Scheduled},
		"empty, now":            {period.Period{From: after(0), Until: after(0)}, period.Expired},
		"ended, and begins not": {period.Period{From: after(1), Until: after(0)}, period.Expired},
	} {
		if got := tc.period.State(noon); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestPeriod_Empty(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		period period.Period
		want   bool
	}{
		"without dates":            {period.Period{}, false},
		"without an end":           {period.Period{From: after(0)}, false},
		"without a start":          {period.Period{Until: after(0)}, false},
		"an instant":               {period.Period{From: after(0), Until: after(1)}, false},
		"ends where it begins":     {period.Period{From: after(0), Until: after(0)}, true},
		"ends before it begins":    {period.Period{From: after(1), Until: after(0)}, true},
		"the same in another zone": {period.Period{From: after(0), Until: in(after(0), 9)}, true},
	} {
		if got := tc.period.Empty(); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func in(t *time.Time, hours int) *time.Time {
	moved := t.In(time.FixedZone("", hours*3600))
	return &moved
}

func TestPeriod_Normal(t *testing.T) {
	t.Parallel()
	got := period.Period{From: in(after(1999), 9)}.Normal()
	if got.Until != nil || got.From == nil || got.From.Location() != time.UTC || !got.From.Equal(*after(1000)) {
		t.Errorf("%+v", got)
	}
}

func TestPeriod_CheckCalendar(t *testing.T) {
	t.Parallel()
	date := func(year int, month time.Month, day, hour, offset int) *time.Time {
		d := time.Date(year, month, day, hour, 0, 0, 0, time.FixedZone("", offset*3600))
		return &d
	}
	for name, tc := range map[string]struct {
		period period.Period
		want   string
	}{
		"without dates":               {period.Period{}, ""},
		"the first and the last hour": {period.Period{From: date(1, 1, 1, 0, 0), Until: date(9999, 12, 31, 23, 0)}, ""},
		"led into it by an offset":    {period.Period{From: date(0, 12, 31, 23, -1), Until: date(10000, 1, 1, 0, 1)}, ""},
		"led out of it by an offset":  {period.Period{From: date(1, 1, 1, 0, 1), Until: date(9999, 12, 31, 23, -1)}, "from out_of_calendar, until out_of_calendar"},
		"a year before it":            {period.Period{From: date(0, 12, 31, 23, 0)}, "from out_of_calendar"},
		"a year after it":             {period.Period{Until: date(10000, 1, 1, 0, 0)}, "until out_of_calendar"},
	} {
		var v errs.Violations
		tc.period.CheckCalendar(&v, "from", "until")
		var invalid *errs.Error
		var got []string
		if errors.As(v.Err(), &invalid) {
			for _, f := range invalid.Fields {
				got = append(got, f.Location+" "+f.Code)
			}
		}
		if strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: %v, want %q", name, got, tc.want)
		}
	}
}

// From the moment on, a period that contains another one is active whenever that one is; one that does not, is not at
// some moment, unless the other one is over or never active.
func TestPeriod_ContainsFrom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Custom(func(t *rapid.T) *time.Time {
			if rapid.Bool().Draw(t, "none") {
				return nil
			}
			return after(time.Duration(rapid.IntRange(-3, 3).Draw(t, "hours")) * time.Hour)
		})
		draw := func(label string) period.Period {
			return period.Period{From: moment.Draw(t, label+" from"), Until: moment.Draw(t, label+" until")}
		}
		a, b := draw("a"), draw("b")
		active, more := false, false // b ever is; b is where a is not
		for h := range 5 {
			at := noon.Add(time.Duration(h) * time.Hour)
			if b.State(at) == period.Active {
				active, more = true, more || a.State(at) != period.Active
			}
		}
		if contains := a.ContainsFrom(noon, b); contains && more || !contains && active && !more {
			t.Fatalf("%+v contains %+v: %v", a, b, contains)
		}
	})
}
