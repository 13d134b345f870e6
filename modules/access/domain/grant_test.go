package domain_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

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

// A grant includes another one of the same user, role and place whose period its own contains, unless it was ended. What
// containing means is held by TestPeriod_ContainsFrom.
func TestGrant_Includes(t *testing.T) {
	t.Parallel()
	days := func(from, until int) period.Period {
		return period.Period{From: after(time.Duration(from) * 24 * time.Hour), Until: after(time.Duration(until) * 24 * time.Hour)}
	}
	grant := func(change func(*domain.Grant)) domain.Grant {
		g := domain.Grant{UserID: 1, RoleID: 2, Place: place.Place{Organization: 1}, Period: days(-2, 2), GrantedAt: noon.Add(-time.Hour)}
		change(&g)
		return g
	}
	it := grant(func(*domain.Grant) {})
	for name, tc := range map[string]struct {
		including, other domain.Grant
		want             bool
	}{
		"the same":                {it, it, true},
		"a shorter one":           {it, grant(func(g *domain.Grant) { g.Period = days(0, 1) }), true},
		"one that began earlier":  {it, grant(func(g *domain.Grant) { g.Period = days(-9, 1) }), true}, // from now on it is no longer
		"a longer one":            {it, grant(func(g *domain.Grant) { g.Period = days(0, 3) }), false},
		"one without an end":      {it, grant(func(g *domain.Grant) { g.Period.Until = nil }), false},
		"without an end, any":     {grant(func(g *domain.Grant) { g.Period = period.Period{} }), it, true},
		"one that begins later":   {grant(func(g *domain.Grant) { g.Period = days(1, 2) }), it, false},
		"one that was ended":      {it, grant(func(g *domain.Grant) { g.EndedAt = after(0) }), true},
		"ended itself":            {grant(func(g *domain.Grant) { g.EndedAt = after(time.Hour) }), it, false},
		"of another user":         {it, grant(func(g *domain.Grant) { g.UserID = 3 }), false},
		"of another role":         {it, grant(func(g *domain.Grant) { g.RoleID = 3 }), false},
		"for a department of it":  {it, grant(func(g *domain.Grant) { g.Place.Department = 2 }), false},
		"for what contains it":    {grant(func(g *domain.Grant) { g.Place.Department = 2 }), it, false},
		"for the whole system":    {it, grant(func(g *domain.Grant) { g.Place = place.System() }), false},
		"the same in the system":  {grant(func(g *domain.Grant) { g.Place = place.System() }), grant(func(g *domain.Grant) { g.Place = place.System() }), true},
		"in another organization": {it, grant(func(g *domain.Grant) { g.Place.Organization = 2 }), false},
	} {
		if got := tc.including.Includes(tc.other, noon); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	added, removed := domain.Differences([]string{"a", "b", "d"}, []string{"b", "c", "d", "e"})
	if !slices.Equal(added, []string{"c", "e"}) || !slices.Equal(removed, []string{"a"}) {
		t.Errorf("added %v, removed %v", added, removed)
	}
}
