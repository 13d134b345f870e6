package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Targets of decisions.
const (
	heldTarget   = 300.0    // ns
	firstTarget  = 3.0      // of a first decision divided by a query by a primary key
	memoryTarget = 64 << 20 // bytes for heldUsers
	casbinTarget = 1.0      // of casbin's time divided by the modules'
)

func (m *decisions) print(out io.Writer, verdict func(bool) string) {
	fmt.Fprintf(out, "decisions by %d roles, %d users, %d grants, and %d departments %d levels deep\n\n",
		policyRoles, policyUsers, policyGrants, policyDepartments, organizationDepth)
	m.printHeld(out, verdict)
	m.printFirst(out, verdict)
	m.casbin.print(out, verdict)
}

func (m *decisions) printHeld(out io.Writer, verdict func(bool) string) {
	// The least of the runs: whatever else the machine does only adds to it.
	t := table(out, "decision from memory", "different", "allowed", "least", "each", "allocations", "target", "")
	for _, k := range m.held {
		var each []string
		for _, ns := range k.each {
			each = append(each, fmt.Sprintf("%.0f", ns))
		}
		target, met := "", ""
		if len(k.questions) < manyQuestions { // more than the core's caches hold are shown for comparison
			target, met = fmt.Sprintf("< %.0f ns, 0", heldTarget), verdict(slices.Min(k.each) < heldTarget && k.allocations == 0)
		}
		t.row(k.title, fmt.Sprint(len(k.questions)), fmt.Sprintf("%.0f%%", 100*allowedShare(k.questions)), number("%.0f ns", slices.Min(k.each)), strings.Join(each, " "), fmt.Sprint(k.allocations), target, met)
	}
	t.end()
}

func (m *decisions) printFirst(out io.Writer, verdict func(bool) string) {
	first, lookup := median(m.first), median(m.lookups)
	ratio := first.Seconds() / lookup.Seconds()
	t := table(out, fmt.Sprintf("%d each", neverUsers), "first decision", "query by primary key", "ratio", "target", "")
	t.row("median", micro(first), micro(lookup), number("%.2f", ratio), fmt.Sprintf("< %.0f", firstTarget), verdict(ratio < firstTarget))
	t.end()

	t = table(out, "heap", "before", "after", "difference", "target", "")
	t.row(fmt.Sprintf("%d users held", heldUsers), mebibytes(m.unheld), mebibytes(m.holding), mebibytes(m.grown()),
		"< "+mebibytes(uint64(memoryTarget)), verdict(m.grown() < memoryTarget))
	t.end()
}

func (f *casbinFigures) print(out io.Writer, verdict func(bool) string) {
	t := table(out, "the same decisions", "each", "by erp", "casbin/erp", "target", "")
	row := func(title string, ns float64) {
		t.row(title, micro(time.Duration(ns)), number("%.2f us", f.erp/1e3), number("%.1f", ns/f.erp), fmt.Sprintf("> %.0f", casbinTarget), verdict(ns/f.erp > casbinTarget))
	}
	row(fmt.Sprintf("casbin, %d of them", f.plain.decisions), f.plain.each)
	row(fmt.Sprintf("casbin with a filled cache, %d of them", f.asked), f.cached)
	t.end()
	fmt.Fprintf(out, "casbin held %d rules in %s of heap after %.1f s; it is asked for %.1f domains for a decision, and agreed in each\n\n",
		f.rules, mebibytes(f.memory), f.took.Seconds(), f.domains)
}

func micro(d time.Duration) string { return fmt.Sprintf("%.2f us", d.Seconds()*1e6) }

func mebibytes(bytes uint64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
