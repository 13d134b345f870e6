package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Median is the middle value, of an even number the lower of both. It needs at least one.
func Median[T cmp.Ordered](all []T) T {
	return slices.Sorted(slices.Values(all))[(len(all)-1)/2]
}

// Percentile is the smallest value that at least p percent of all are not above (the nearest rank). It needs at least one.
func Percentile[T cmp.Ordered](all []T, p float64) T {
	rank := int(math.Ceil(p / 100 * float64(len(all))))
	return slices.Sorted(slices.Values(all))[max(rank, 1)-1]
}

// Spread is how far the rounds lie apart, as a share of their median.
func Spread(rounds []float64) float64 {
	return (slices.Max(rounds) - slices.Min(rounds)) / Median(rounds)
}

// MedianOf is the median of a figure of each round; NaN without rounds, or when a round has none.
func MedianOf[T any](rounds []T, figure func(T) float64) float64 {
	all := make([]float64, 0, len(rounds))
	for _, r := range rounds {
		if f := figure(r); !math.IsNaN(f) {
			all = append(all, f)
		}
	}
	if len(all) < len(rounds) || len(all) == 0 {
		return math.NaN()
	}
	return Median(all)
}

// Number is a figure as text, "-" for what was not measured.
func Number(format string, n float64) string {
	if math.IsNaN(n) {
		return "-"
	}
	return fmt.Sprintf(format, n)
}
