package report_test

import (
	"math"
	"strings"
	"testing"

	"erp.internal/cmd/bench/report"
)

// runOf is a run whose server and bare handler took so long, by round.
func runOf(kind report.Kind, erp, bare []float64) *report.Run {
	r := &report.Run{Format: report.Format}
	s := r.Section("ladder")
	for _, value := range erp {
		s.Record(report.ID{Name: "GET user", Of: report.Erp, Users: 1000, Kind: kind}, value)
	}
	for _, value := range bare {
		s.Record(report.ID{Name: "GET user", Of: report.Bare, Users: 1000, Kind: kind}, value)
	}
	return r
}

func TestCompare(t *testing.T) {
	t.Parallel()
	steady := []float64{1, 1, 1}
	for name, test := range map[string]struct {
		kind             report.Kind
		before, after    []float64
		machine          []float64 // of the bare handler in the new run; steady in the old one
		want             report.Verdict
		wantTimes        float64
		wantIncomparable bool
	}{
		"equal":                   {report.P50, []float64{10, 11, 12}, []float64{10, 11, 12}, steady, report.Same, 1, false},
		"less than the threshold": {report.P50, []float64{10, 10, 10}, []float64{10.9, 10.9, 10.9}, steady, report.Same, 1.09, false},
		"every round worse, beyond the threshold": {report.P50, []float64{10, 10.5, 11}, []float64{13, 14, 15}, steady, report.Slower, 14 / 10.5, false},
		"the medians apart, the rounds overlap":   {report.P50, []float64{10, 10, 15}, []float64{12, 14, 16}, steady, report.Same, 1.4, false},
		"every round better":                      {report.P50, []float64{13, 14, 15}, []float64{10, 10.5, 11}, steady, report.Faster, 10.5 / 14, false},
		"too few rounds":                          {report.P50, []float64{10, 10}, []float64{20, 20, 20}, steady, report.Unsure, 2, false},
		"a rate that fell":                        {report.Rate, []float64{100, 110, 120}, []float64{50, 55, 60}, steady, report.Slower, 2, false},
		"a rate that rose":                        {report.Rate, []float64{50, 55, 60}, []float64{100, 110, 120}, steady, report.Faster, 0.5, false},
		"slower as the machine is":                {report.P50, []float64{10, 10, 10}, []float64{13, 13, 13}, []float64{1.3, 1.3, 1.3}, report.Same, 1, false},
		"as fast on a faster machine":             {report.P50, []float64{10, 10, 10}, []float64{10, 10, 10}, []float64{0.75, 0.75, 0.75}, report.Slower, 4.0 / 3, false},
		"a rate, slower as the machine is":        {report.Rate, []float64{100, 100, 100}, []float64{80, 80, 80}, []float64{0.8, 0.8, 0.8}, report.Same, 1, false},
		"memory does not follow the machine":      {report.Bytes, []float64{10, 10, 10}, []float64{20, 20, 20}, []float64{1.3, 1.3, 1.3}, report.Slower, 2, true}, // bytes tell nothing of the machine
		"another machine":                         {report.P50, []float64{10, 10, 10}, []float64{20, 20, 20}, []float64{2, 2, 2}, report.Same, 1, true},
		"nothing to compare with":                 {report.P50, []float64{10, 10, 10}, []float64{20, 20, 20}, nil, report.Slower, 2, true},
	} {
		found := report.Compare(runOf(test.kind, test.before, steady), runOf(test.kind, test.after, test.machine))
		if len(found.Changes) != 1 {
			t.Fatalf("%s: %d changes, want 1: the bare handler is not compared", name, len(found.Changes))
		}
		got := found.Changes[0]
		if got.Verdict != test.want || math.Abs(got.Worse-test.wantTimes) > 1e-9 {
			t.Errorf("%s: %s, %v times, want %s, %v times", name, got.Verdict, got.Worse, test.want, test.wantTimes)
		}
		if found.Comparable() == test.wantIncomparable {
			t.Errorf("%s: comparable is %v, with the machine %v times as slow", name, found.Comparable(), found.Machine)
		}
		if found.Slower() != (test.want == report.Slower) {
			t.Errorf("%s: slower is %v", name, found.Slower())
		}
	}
}

func TestCompare_what_only_one_run_has(t *testing.T) {
	t.Parallel()
	before, after := &report.Run{}, &report.Run{}
	before.Section("ladder").Record(report.ID{Name: "gone", Of: report.Erp, Kind: report.P50}, 1)
	after.Section("ladder").Record(report.ID{Name: "new", Of: report.Erp, Kind: report.P50}, 1)
	var out strings.Builder
	report.Compare(before, after).Print(&out)
	for _, line := range []string{"only in the old run: ladder: gone, p50 ms", "only in the new run: ladder: new, p50 ms", "0 slower, 0 faster, 0 unsure, 0 the same"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is missing in:\n%s", line, out.String())
		}
	}
}

func TestCompare_shows_the_worst_first(t *testing.T) {
	t.Parallel()
	before, after := &report.Run{}, &report.Run{}
	old, recent := before.Section("ladder"), after.Section("ladder")
	for name, times := range map[string]float64{"twice": 2, "thrice": 3, "half": 0.5} {
		for range 3 {
			old.Record(report.ID{Name: name, Of: report.Erp, Kind: report.P50}, 1)
			recent.Record(report.ID{Name: name, Of: report.Erp, Kind: report.P50}, times)
		}
	}
	var order []string
	for _, change := range report.Compare(before, after).Changes {
		order = append(order, change.ID.Name)
	}
	if got := strings.Join(order, " "); got != "thrice twice half" {
		t.Errorf("the order is %s", got)
	}
}
