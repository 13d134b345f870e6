package domain_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/errs"
	"erp.internal/platform/period"
	"erp.internal/platform/place"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func after(d time.Duration) *time.Time {
	t := noon.Add(d)
	return &t
}

func TestNewGrant(t *testing.T) {
	t.Parallel()
	blank, long, reason := " \n", strings.Repeat("a", 10_001), " cover for Kim "
	for name, tc := range map[string]struct {
		from, until *time.Time
		reason      *string
		want        string
	}{
		"without dates":            {},
		"from before now":          {from: after(-time.Hour)},
		"until now":                {until: after(0), want: "valid_until past"},
		"until where it begins":    {from: after(time.Hour), until: after(time.Hour), want: "valid_until before_from"},
		"a blank reason is none":   {reason: &blank},
		"a reason":                 {from: after(time.Hour), until: after(2 * time.Hour), reason: &reason},
		"a reason that is a novel": {until: after(-1), reason: &long, want: "valid_until past, reason too_long"},
	} {
		g, err := domain.NewGrant(1, 2, place.Place{}, period.Period{From: tc.from, Until: tc.until}, tc.reason, noon)
		var invalid *errs.Error
		var got []string
		if errors.As(err, &invalid) {
			for _, f := range invalid.Fields {
				got = append(got, f.Location+" "+f.Code)
			}
		}
		if strings.Join(got, ", ") != tc.want || err != nil && invalid == nil {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
		if tc.reason == &reason && (g.Reason == nil || *g.Reason != "cover for Kim") || tc.reason == &blank && g.Reason != nil {
			t.Errorf("%s: the reason is %v", name, g.Reason)
		}
	}
}

// A grant that includes another one is active whenever that one is, at the same place, from now on.
func TestGrant_Includes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Custom(func(t *rapid.T) *time.Time {
			if rapid.Bool().Draw(t, "none") {
				return nil
			}
			return after(time.Duration(rapid.IntRange(-3, 3).Draw(t, "hours")) * time.Hour)
		})
		draw := func(label string) domain.Grant {
			return domain.Grant{GrantedAt: noon.Add(-5 * time.Hour), Period: period.Period{From: moment.Draw(t, label+" from"), Until: moment.Draw(t, label+" until")}, EndedAt: moment.Draw(t, label+" ended")}
		}
		a, b := draw("a"), draw("b")
		b.EndedAt = nil
		includes := a.Includes(b, noon)
		more := false // b gives something that a does not
		for h := 0; h <= 4; h++ {
			at := noon.Add(time.Duration(h)*time.Hour + time.Minute)
			more = more || b.At(at) == domain.Active && a.At(at) != domain.Active
		}
		if includes && more {
			t.Fatalf("%+v is said to include %+v", a, b)
		}
	})
	here, there := domain.Grant{Place: place.Place{Organization: 1}}, domain.Grant{Place: place.Place{Organization: 1, Department: 2}}
	if here.Includes(there, noon) || there.Includes(here, noon) || !here.Includes(here, noon) {
		t.Error("places are not told apart")
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	added, removed := domain.Differences([]string{"a", "b", "d"}, []string{"b", "c", "d", "e"})
	if !slices.Equal(added, []string{"c", "e"}) || !slices.Equal(removed, []string{"a"}) {
		t.Errorf("added %v, removed %v", added, removed)
	}
}
