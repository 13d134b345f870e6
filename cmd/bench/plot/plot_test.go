package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestScale(t *testing.T) {
	t.Parallel()
	s := newScale(Axis{}, []float64{0.3, 40}, 0, 100)
	if s.min != 0.2 || s.max != 50 {
		t.Errorf("the axis is from %v to %v, want 0.2 to 50", s.min, s.max)
	}
	if s.place(0.2) != 0 || s.place(50) != 100 {
		t.Errorf("the ends are at %v and %v", s.place(0.2), s.place(50))
	}
	if one, ten := s.place(10)-s.place(1), s.place(20)-s.place(2); math.Abs(one-ten) > 1e-9 {
		t.Errorf("ten times as much is %v here and %v there", one, ten)
	}
	var ticks []string
	for _, tick := range s.ticks() {
		ticks = append(ticks, number(tick))
	}
	if got := strings.Join(ticks, " "); got != "0.2 0.5 1 2 5 10 20 50" {
		t.Errorf("the ticks are %s", got)
	}
	if got := newScale(Axis{Linear: true}, []float64{0.8, 2}, 0, 1).ticks(); got[0] != 0 || got[len(got)-1] < 2 {
		t.Errorf("the ticks of a linear axis are %v", got)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ value, above, below float64 }{{1, 1, 1}, {1.5, 2, 1}, {2, 2, 2}, {3, 5, 2}, {7, 10, 5}, {0.03, 0.05, 0.02}, {1000, 1000, 1000}} {
		if above, below := stepAbove(test.value), stepBelow(test.value); math.Abs(above/test.above-1) > 1e-9 || math.Abs(below/test.below-1) > 1e-9 {
			t.Errorf("%v is between %v and %v, want %v and %v", test.value, below, above, test.below, test.above)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for value, want := range map[float64]string{0.05: "0.05", 0.1 + 0.2: "0.3", 20: "20", 1000: "1,000", 1_000_000: "1,000,000"} {
		if got := number(value); got != want {
			t.Errorf("%v is written %s, want %s", value, got, want)
		}
	}
}

func TestApart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ places, want []float64 }{
		"far enough":         {[]float64{10, 30, 50}, []float64{10, 30, 50}},
		"on each other":      {[]float64{10, 10, 10}, []float64{10, 20, 30}},
		"at the end":         {[]float64{99, 100}, []float64{90, 100}},
		"before the first":   {[]float64{-5}, []float64{0}},
		"a chain at the end": {[]float64{95, 96, 97}, []float64{80, 90, 100}},
	} {
		if got := apart(test.places, 10, 0, 100); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestCharts_are_XML(t *testing.T) {
	t.Parallel()
	lines := Lines{
		Title: "a < b & c", X: Axis{Label: "users"}, Y: Axis{Label: "ms"}, Guides: []Guide{{50, "target"}},
		Of: []Line{{"one", []Point{{1000, 0.1}, {1e6, 0.2}}}, {"none", nil}, {"two", []Point{{1000, 3}}}},
	}.SVG()
	dots := Dots{Title: "p50 & p99", X: Axis{Label: "ms"}, Series: []string{"p50", "p99"}, Rows: []Row{{"heading", nil}, {"GET", []float64{0.1, math.NaN()}}}}.SVG()
	for name, svg := range map[string]string{"lines": lines, "dots": dots} {
		decoder := xml.NewDecoder(strings.NewReader(svg))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v in\n%s", name, err, svg)
			}
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%s holds coordinates that are none:\n%s", name, svg)
		}
	}
	if !strings.Contains(lines, "1,000,000") || strings.Count(lines, "<polyline") != 2 {
		t.Errorf("the lines are\n%s", lines)
	}
	if (Lines{}).SVG() != "" || (Dots{}).SVG() != "" {
		t.Error("a chart of nothing is drawn")
	}
}
