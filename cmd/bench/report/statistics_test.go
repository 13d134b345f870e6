package report_test

import (
	"math"
	"testing"
	"time"

	"erp.internal/cmd/bench/report"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		of   []float64
		want float64
	}{
		"of one":                        {[]float64{7}, 7},
		"of an odd number":              {[]float64{9, 1, 5}, 5},
		"of an even number, the lower":  {[]float64{9, 1, 5, 3}, 3},
		"not moved by one far away":     {[]float64{1, 2, 1000}, 2},
		"of equal ones":                 {[]float64{2, 2, 2}, 2},
		"with the smallest in the last": {[]float64{3, 2, 1}, 2},
	} {
		if got := report.Median(test.of); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestMedian_leaves_the_order(t *testing.T) {
	t.Parallel()
	all := []float64{3, 1, 2}
	if report.Median(all); all[0] != 3 {
		t.Errorf("the values were sorted: %v", all)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for n := range hundred {
		hundred[n] = time.Duration(100-n) * time.Millisecond
	}
	for name, test := range map[string]struct {
		of   []time.Duration
		p    float64
		want time.Duration
	}{
		"half of a hundred":             {hundred, 50, 50 * time.Millisecond},
		"99 of a hundred":               {hundred, 99, 99 * time.Millisecond},
		"all of a hundred":              {hundred, 100, 100 * time.Millisecond},
		"99 of one":                     {hundred[:1], 99, 100 * time.Millisecond},
		"99 of three is the slowest":    {hundred[:3], 99, 100 * time.Millisecond},
		"half of three is the middle":   {hundred[:3], 50, 99 * time.Millisecond},
		"half of two is the faster one": {hundred[:2], 50, 99 * time.Millisecond},
		"nothing is the fastest":        {hundred, 0, time.Millisecond},
	} {
		if got := report.Percentile(test.of, test.p); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestMedianOf(t *testing.T) {
	t.Parallel()
	type round struct{ erp, bare float64 }
	ratio := func(r round) float64 { return r.erp / r.bare }
	// The median of the ratios, not the ratio of the medians: each round has a machine of its own.
	rounds := []round{{100, 100}, {60, 40}, {50, 25}}
	if got := report.MedianOf(rounds, ratio); got != 1.5 {
		t.Errorf("the ratio is %v, want 1.5", got)
	}
	if got := report.MedianOf(append(rounds, round{math.NaN(), 1}), ratio); !math.IsNaN(got) {
		t.Errorf("the ratio with a round that was not measured is %v", got)
	}
	if got := report.MedianOf(nil, ratio); !math.IsNaN(got) {
		t.Errorf("the ratio of no rounds is %v", got)
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	if got := report.Spread([]float64{90, 100, 120}); math.Abs(got-0.3) > 1e-9 {
		t.Errorf("the spread is %v, want 0.3", got)
	}
}
