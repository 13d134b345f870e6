package main

import (
	"fmt"
	"math"
	"slices"

	"erp.internal/cmd/bench/report"
)

// report makes the tables of the figures.
func (c *climb) report() {
	s := c.section
	last := c.rungs[len(c.rungs)-1]
	s.Note("Medians of %d rounds at one connection, each %s long. Growth: p50 at the last rung divided by that at the first one that has it.", c.rounds, c.options.step)
	lines := requests(&rung{users: last, facts: facts{}})
	for _, group := range groups(lines) {
		columns := []string{group + ": p50 in ms of users"}
		for _, users := range c.rungs {
			columns = append(columns, power(users))
		}
		t := s.Table(append(columns, "growth", "target", "", "p99 at "+power(last), "target", "", "against", "times", "target", "")...)
		for _, line := range lines {
			if line.group == group && !c.missing[line.title] {
				c.reportLine(t, line)
			}
		}
	}
	if len(c.failed) > 0 {
		t := s.Table("not answered as they should be", "")
		for _, failure := range c.failed {
			t.Row(failure, t.Verdict(failure, false))
		}
	}
	for _, title := range missingIn(lines, c.missing) {
		s.Note("This build does not offer: %s.", title)
	}
	t := s.Table("database", "on disk")
	for _, users := range c.rungs {
		t.Row(power(users)+" users", report.Number("%.0f MiB", s.Of(report.ID{Name: "database", Of: report.Erp, Users: users, Kind: report.Disk})))
	}
	c.reportCosts(lines, last)
	c.reportContested(last)
}

// reportLine writes the times of one request.
func (c *climb) reportLine(t *report.Table, line request) {
	id := report.ID{Name: line.title, Group: line.group, Of: report.Erp, Connections: 1, Kind: report.P50}
	row, least, most, measured := []string{line.title}, math.NaN(), math.NaN(), 0
	for _, users := range c.rungs {
		id.Users = users
		p50 := c.section.Of(id)
		if row = append(row, report.Number("%.2f", p50)); math.IsNaN(p50) {
			continue
		}
		if most = p50; measured == 0 {
			least = p50
		}
		measured++
	}
	if math.IsNaN(most) {
		return
	}
	growth, target, met := "", "", ""
	if measured > 1 {
		if growth = report.Number("%.2f", most/least); flat(line.group) {
			target, met = fmt.Sprintf("<= %.1f", growthTarget), t.Verdict(line.title+": growth", most/least <= growthTarget)
		}
	}
	row = append(row, growth, target, met)
	id.Kind = report.P99
	p99 := c.section.Of(id)
	row = append(row, report.Number("%.2f", p99), fmt.Sprintf("<= %d", slowestTarget), t.Verdict(line.title+": p99", p99 <= slowestTarget))
	if line.times > 0 {
		id.Name, id.Kind = line.against, report.P50
		if line.against == reference {
			id.Group = byIDGroup
		}
		times := most / c.section.Of(id)
		row = append(row, line.against, report.Number("%.2f", times), fmt.Sprintf("<= %.0f", line.times), t.Verdict(line.title+": against "+line.against, times <= line.times))
	}
	t.Row(row...)
}

// flat reports whether requests of a group must cost the same in a database of any size.
func flat(group string) bool {
	return group != changeGroup && group != treeGroup && group != signInGroup
}

// reportCosts writes what each request costs at the last rung.
func (c *climb) reportCosts(lines []request, users int) {
	t := c.section.Table(fmt.Sprintf("each request, %s users", power(users)), "group", "requests/s", "p50", "p99", "CPU of erp", "of PostgreSQL", "objects", "KiB")
	for _, line := range lines {
		of := func(kind report.Kind) float64 {
			return c.section.Of(report.ID{Name: line.title, Group: line.group, Of: report.Erp, Users: users, Connections: 1, Kind: kind})
		}
		if math.IsNaN(of(report.Rate)) {
			continue
		}
		t.Row(line.title, line.group, report.Number("%.0f", of(report.Rate)), report.Number("%.2f ms", of(report.P50)), report.Number("%.2f ms", of(report.P99)),
			report.Number("%.0f us", of(report.CPU)), report.Number("%.0f us", of(report.Database)), report.Number("%.0f", of(report.Objects)), report.Number("%.1f", of(report.Bytes)/1024))
	}
	for _, name := range []string{"after the requests one by one", "after the contest"} {
		t = c.section.Table("resident "+name, "erp")
		for _, users := range c.rungs {
			t.Row(power(users)+" users", report.Number("%.1f MiB", c.section.Of(report.ID{Name: name, Of: report.Erp, Users: users, Kind: report.Resident})))
		}
	}
}

// reportContested writes the contenders' rates. The targets are of the last rung.
func (c *climb) reportContested(last int) {
	t := c.section.Table(fmt.Sprintf("requests/s at %d connections", c.connections), "users", "(a) pgbench", "(b) bare", "(c) erp", "(b)/(a)", "(c)/(b)", "rounds", "target", "",
		"p50 (b)", "(c)", "p99 (b)", "(c)", "CPU (b)", "(c)")
	for _, op := range contested(&rung{users: last}) {
		for _, users := range c.rungs {
			of := func(of string, kind report.Kind) float64 {
				return c.section.Of(report.ID{Name: op.title, Group: contestGroup, Of: of, Users: users, Connections: c.connections, Kind: kind})
			}
			ratio := of(report.Erp, report.Ratio)
			if math.IsNaN(ratio) {
				continue
			}
			target, met := "", ""
			if op.target > 0 && users == last {
				target, met = fmt.Sprintf(">= %.1f", op.target), t.Verdict(op.title+" against the bare handler", ratio >= op.target)
			}
			t.Row(op.title, power(users),
				report.Number("%.0f", of(report.Pgbench, report.Rate)), report.Number("%.0f", of(report.Bare, report.Rate)), report.Number("%.0f", of(report.Erp, report.Rate)),
				report.Number("%.2f", of(report.Bare, report.Rate)/of(report.Pgbench, report.Rate)), report.Number("%.2f", ratio), c.ratios(op.title, users), target, met,
				report.Number("%.2f", of(report.Bare, report.P50)), report.Number("%.2f ms", of(report.Erp, report.P50)),
				report.Number("%.2f", of(report.Bare, report.P99)), report.Number("%.2f ms", of(report.Erp, report.P99)),
				report.Number("%.0f", of(report.Bare, report.CPU)), report.Number("%.0f us", of(report.Erp, report.CPU)))
		}
	}
}

// ratios are those of each round.
func (c *climb) ratios(title string, users int) string {
	text := ""
	for _, f := range c.section.Figures {
		if f.Name == title && f.Users == users && f.Kind == report.Ratio {
			for _, ratio := range f.Rounds {
				text += fmt.Sprintf("%.2f ", ratio)
			}
		}
	}
	return text
}

// groups are those of the lines, in their order.
func groups(lines []request) []string {
	var all []string
	for _, line := range lines {
		if !slices.Contains(all, line.group) {
			all = append(all, line.group)
		}
	}
	return all
}

func missingIn(lines []request, missing map[string]bool) []string {
	var all []string
	for _, line := range lines {
		if missing[line.title] && !slices.Contains(all, line.title) {
			all = append(all, line.title)
		}
	}
	return all
}

// power writes a number of users: 10^6.
func power(users int) string {
	n := math.Log10(float64(users))
	if n == math.Trunc(n) {
		return fmt.Sprintf("10^%.0f", n)
	}
	return fmt.Sprint(users)
}
