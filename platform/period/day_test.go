package period_test

import (
	"testing"

	"erp.internal/platform/errs"
	"erp.internal/platform/period"
)

func TestParseDay(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"2026-03-01", "2024-02-29", "0001-01-01", "9999-12-31"} {
		if day, err := period.ParseDay(s); err != nil || string(day) != s {
			t.Errorf("%s: %q, %v", s, day, err)
		}
	}
	for _, s := range []string{"", "2026-02-29", "2026-3-1", "0000-01-01", "10000-01-01", "2026-03-01T00:00:00Z", "2026-03-01 ", "-001-01-01", "infinity", "２０２６-03-01"} {
		if day, err := period.ParseDay(s); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %q, %v", s, day, err)
		}
	}
}
