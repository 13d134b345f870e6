package report

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// The rule of Compare.
const (
	// Threshold is the least change of a median that counts, as a share.
	Threshold = 0.10
	// leastRounds is how many rounds both runs need for a verdict.
	leastRounds = 3
	// farMachine is the difference of the machine's speed beyond which two runs are not comparable.
	farMachine = 1.5
)

// Verdict is how a figure changed between two runs.
type Verdict string

// The verdicts.
const (
	Same   Verdict = "same"   // the medians differ by less than Threshold, or the rounds overlap
	Slower Verdict = "SLOWER" // worse in every round than in any of the old run, and by more than Threshold in the median
	Faster Verdict = "faster" // the same, better
	Unsure Verdict = "unsure" // the medians differ, but one of the runs has too few rounds
)

// Change is a figure of two runs.
type Change struct {
	Section  string
	ID       ID
	Old, New float64 // medians, as measured
	// Worse is how many times worse the new median is, with the machine's speed taken out; below 1 it is better.
	Worse   float64
	Verdict Verdict
}

// Comparison is what Compare found.
type Comparison struct {
	// Machine is how many times as long the bare handler and pgbench, which did not change, take in the new run. Times and
	// rates of the server are divided by it. 1 when no figure of theirs is in both runs.
	Machine    float64
	References int
	Changes    []Change // of the figures that both runs have, the worst first
	Only       []string // figures of one of the runs
}

// Comparable reports whether the machine was about as fast in both runs, and figures say so.
func (c Comparison) Comparable() bool {
	return c.References > 0 && c.Machine < farMachine && c.Machine > 1/farMachine
}

// Slower reports whether anything got slower.
func (c Comparison) Slower() bool {
	return slices.ContainsFunc(c.Changes, func(ch Change) bool { return ch.Verdict == Slower })
}

// Compare says what changed from one run to another, beyond the noise of their rounds.
func Compare(before, after *Run) Comparison {
	type key struct {
		section string
		id      ID
	}
	figures := func(r *Run) (order []key, all map[key]Figure) {
		all = map[key]Figure{}
		for _, s := range r.Sections {
			for _, f := range s.Figures {
				order, all[key{s.Name, f.ID}] = append(order, key{s.Name, f.ID}), f
			}
		}
		return order, all
	}
	order, olds := figures(before)
	newOrder, news := figures(after)

	c := Comparison{Machine: 1}
	var speeds []float64
	for _, k := range order {
		if f, ok := news[k]; ok && k.id.Of != Erp && k.id.Kind.Timed() {
			speeds = append(speeds, worse(k.id.Kind, olds[k].Median(), f.Median()))
		}
	}
	if c.References = len(speeds); len(speeds) > 0 {
		c.Machine = Median(speeds)
	}
	for _, k := range order {
		f, ok := news[k]
		switch {
		case !ok:
			c.Only = append(c.Only, fmt.Sprintf("only in the old run: %s: %s", k.section, k.id))
		case k.id.Of == Erp:
			c.Changes = append(c.Changes, change(k.section, olds[k], f, c.Machine))
		}
	}
	for _, k := range newOrder {
		if _, ok := olds[k]; !ok {
			c.Only = append(c.Only, fmt.Sprintf("only in the new run: %s: %s", k.section, k.id))
		}
	}
	slices.SortStableFunc(c.Changes, func(a, b Change) int { return -compareWorse(a.Worse, b.Worse) })
	return c
}

// change compares the rounds of one figure. machine is how much slower the machine became.
func change(section string, before, after Figure, machine float64) Change {
	if !before.Kind.Timed() {
		machine = 1
	}
	at := make([]float64, len(after.Rounds)) // as they would have been on the old machine
	for i, value := range after.Rounds {
		if at[i] = value / machine; before.Kind.HigherIsBetter() {
			at[i] = value * machine
		}
	}
	c := Change{
		Section: section, ID: before.ID, Old: before.Median(), New: after.Median(),
		Worse: worse(before.Kind, before.Median(), Median(at)), Verdict: Same,
	}
	if math.IsNaN(c.Worse) || c.Worse < 1+Threshold && c.Worse > 1/(1+Threshold) {
		return c
	}
	above, below := slices.Min(at) > slices.Max(before.Rounds), slices.Max(at) < slices.Min(before.Rounds)
	switch apart := above || below; {
	case len(before.Rounds) < leastRounds || len(after.Rounds) < leastRounds:
		c.Verdict = Unsure
	case !apart:
	case c.Worse > 1:
		c.Verdict = Slower
	default:
		c.Verdict = Faster
	}
	return c
}

// worse is how many times worse a value is than another; NaN where a value is 0.
func worse(kind Kind, before, after float64) float64 {
	if before <= 0 || after <= 0 {
		return math.NaN()
	}
	if kind.HigherIsBetter() {
		return before / after
	}
	return after / before
}

// compareWorse puts NaN, which no comparison is known of, behind all others when it is turned around.
func compareWorse(a, b float64) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return -1
	case math.IsNaN(b):
		return 1
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// String is how a figure is named in a comparison.
func (id ID) String() string {
	text := id.Name + ", " + string(id.Kind)
	if id.Of != Erp {
		text = id.Of + ": " + text
	}
	if id.Users > 0 {
		text += fmt.Sprintf(", %d users", id.Users)
	}
	if id.Connections > 0 {
		text += fmt.Sprintf(", %d connections", id.Connections)
	}
	return text
}

// Print writes what changed; of what did not, how much that is.
func (c Comparison) Print(out io.Writer) {
	fmt.Fprintf(out, "The bare handler and pgbench took %.2f times as long in the new run (median of %d figures); times and rates are compared as if they had not.\n",
		c.Machine, c.References)
	if !c.Comparable() {
		fmt.Fprintln(out, "That is too far apart, or unknown: do not trust the verdicts, and measure both builds anew on one machine.")
	}
	fmt.Fprintln(out)
	counts := map[Verdict]int{}
	s := &Section{}
	t := s.Table("verdict", "times worse", "old", "new", "what")
	for _, ch := range c.Changes {
		if counts[ch.Verdict]++; ch.Verdict != Same {
			t.Row(string(ch.Verdict), Number("%.2f", ch.Worse), Number("%.4g", ch.Old), Number("%.4g", ch.New), ch.Section+": "+ch.ID.String())
		}
	}
	s.Print(out)
	fmt.Fprintf(out, "%d slower, %d faster, %d unsure, %d the same\n", counts[Slower], counts[Faster], counts[Unsure], counts[Same])
	for _, line := range c.Only {
		fmt.Fprintln(out, line)
	}
}
