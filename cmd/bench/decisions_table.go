package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"erp.internal/cmd/bench/report"
)

// Targets of decisions.
const (
	heldTarget   = 300.0    // ns
	firstTarget  = 3.0      // of a first decision divided by a query by a primary key
	memoryTarget = 64 << 20 // bytes for heldUsers
	casbinTarget = 1.0      // of casbin's time divided by the modules'
)

func (m *decisions) report(s *report.Section) {
	s.Note("decisions by %d roles, %d users, %d grants, and %d departments %d levels deep",
		policyRoles, policyUsers, policyGrants, policyDepartments, organizationDepth)
	m.reportHeld(s)
	m.reportFirst(s)
	m.casbin.report(s)
}

func (m *decisions) reportHeld(s *report.Section) {
	// The least of the runs: whatever else the machine does only adds to it.
	t := s.Table("decision from memory", "different", "allowed", "least", "each", "allocations", "target", "")
	for _, k := range m.held {
		var each []string
		for _, ns := range k.each {
			each = append(each, fmt.Sprintf("%.0f", ns))
		}
		target, met := "", ""
		if len(k.questions) < manyQuestions { // more than the core's caches hold are shown for comparison
			target, met = fmt.Sprintf("< %.0f ns, 0", heldTarget), t.Verdict(k.title, slices.Min(k.each) < heldTarget && k.allocations == 0)
		}
		t.Row(k.title, fmt.Sprint(len(k.questions)), fmt.Sprintf("%.0f%%", 100*allowedShare(k.questions)), report.Number("%.0f ns", slices.Min(k.each)), strings.Join(each, " "), fmt.Sprint(k.allocations), target, met)
	}
}

func (m *decisions) reportFirst(s *report.Section) {
	first, lookup := report.Median(m.first), report.Median(m.lookups)
	ratio := first.Seconds() / lookup.Seconds()
	t := s.Table(fmt.Sprintf("%d each", neverUsers), "first decision", "query by primary key", "ratio", "target", "")
	t.Row("median", micro(first), micro(lookup), report.Number("%.2f", ratio), fmt.Sprintf("< %.0f", firstTarget), t.Verdict("first decision", ratio < firstTarget))

	t = s.Table("heap", "before", "after", "difference", "target", "")
	t.Row(fmt.Sprintf("%d users held", heldUsers), mebibytes(m.unheld), mebibytes(m.holding), mebibytes(m.grown()),
		"< "+mebibytes(uint64(memoryTarget)), t.Verdict("heap", m.grown() < memoryTarget))
}

func (f *casbinFigures) report(s *report.Section) {
	t := s.Table("the same decisions", "each", "by erp", "casbin/erp", "target", "")
	row := func(title string, ns float64) {
		t.Row(title, micro(time.Duration(ns)), report.Number("%.2f us", f.erp/1e3), report.Number("%.1f", ns/f.erp), fmt.Sprintf("> %.0f", casbinTarget), t.Verdict(title, ns/f.erp > casbinTarget))
	}
	row(fmt.Sprintf("casbin, %d of them", f.plain.decisions), f.plain.each)
	row(fmt.Sprintf("casbin with a filled cache, %d of them", f.asked), f.cached)
	s.Note("casbin held %d rules in %s of heap after %.1f s; it is asked for %.1f domains for a decision, and agreed in each",
		f.rules, mebibytes(f.memory), f.took.Seconds(), f.domains)
}

func micro(d time.Duration) string { return fmt.Sprintf("%.2f us", d.Seconds()*1e6) }

// mebibytes is a size as text.
func mebibytes[T int64 | uint64](bytes T) string {
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}
