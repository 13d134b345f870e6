package main

import (
	"fmt"
	"strings"

	"erp.internal/cmd/bench/report"
)

// signedInTarget is the least requests/s with a session divided by those of an open server.
const signedInTarget = 0.90

func (c *contest) report(s *report.Section) {
	s.Note("(a) pgbench, (b) bare Gin and pgx, (c) erp, signed in; (b) and (c) with %d connections to the database; medians of the rounds", c.pool)
	if len(c.samples) > 0 {
		c.reportRates(s)
		c.reportCosts(s)
	}
	if len(c.sessions) > 0 {
		c.reportSessions(s)
	}
	c.reportServer(s)
	for _, op := range operations(c.rows) {
		for _, r := range c.samples[op.name] {
			id := report.ID{Name: op.title, Group: "contenders", Connections: c.connections}
			for of, m := range map[string]sample{report.Pgbench: r.pgbench, report.Bare: r.bare, report.Erp: r.erp} {
				id.Of = of
				m.record(s, id)
			}
		}
	}
	for _, bytes := range c.loadMemory {
		s.Record(report.ID{Name: "after the load", Of: report.Erp, Kind: report.Resident}, float64(bytes)/(1<<20))
	}
}

func (c *contest) reportRates(s *report.Section) {
	t := s.Table("requests/s", "(a)", "(b)", "(c)", "(b)/(a)", "(c)/(a)", "(c)/(b)", "target", "")
	for _, op := range operations(c.rows) {
		rounds := c.samples[op.name]
		if len(rounds) == 0 {
			continue
		}
		ratio := report.MedianOf(rounds, func(r round) float64 { return r.erp.rate / r.bare.rate })
		target, met := "", ""
		if op.target > 0 {
			target, met = fmt.Sprintf(">= %.2f", op.target), t.Verdict(op.title, ratio >= op.target)
		}
		t.Row(op.title,
			report.Number("%.0f", report.MedianOf(rounds, func(r round) float64 { return r.pgbench.rate })),
			report.Number("%.0f", report.MedianOf(rounds, func(r round) float64 { return r.bare.rate })),
			report.Number("%.0f", report.MedianOf(rounds, func(r round) float64 { return r.erp.rate })),
			report.Number("%.2f", report.MedianOf(rounds, func(r round) float64 { return r.bare.rate / r.pgbench.rate })),
			report.Number("%.2f", report.MedianOf(rounds, func(r round) float64 { return r.erp.rate / r.pgbench.rate })),
			report.Number("%.2f", ratio), target, met)
	}
}

func (c *contest) reportCosts(s *report.Section) {
	t := s.Table("for each request", "CPU (b)", "CPU (c)", "(c)/(b)", "PostgreSQL (a)", "(b)", "(c)", "objects (b)", "(c)", "KiB (b)", "(c)")
	for _, op := range operations(c.rows) {
		rounds := c.samples[op.name]
		if len(rounds) == 0 {
			continue
		}
		t.Row(op.title,
			report.Number("%.0f us", report.MedianOf(rounds, func(r round) float64 { return r.bare.cpu })),
			report.Number("%.0f us", report.MedianOf(rounds, func(r round) float64 { return r.erp.cpu })),
			report.Number("%.2f", report.MedianOf(rounds, func(r round) float64 { return r.erp.cpu / r.bare.cpu })),
			report.Number("%.0f us", report.MedianOf(rounds, func(r round) float64 { return r.pgbench.postgres })),
			report.Number("%.0f us", report.MedianOf(rounds, func(r round) float64 { return r.bare.postgres })),
			report.Number("%.0f us", report.MedianOf(rounds, func(r round) float64 { return r.erp.postgres })),
			report.Number("%.0f", report.MedianOf(rounds, func(r round) float64 { return r.bare.allocs })),
			report.Number("%.0f", report.MedianOf(rounds, func(r round) float64 { return r.erp.allocs })),
			report.Number("%.1f", report.MedianOf(rounds, func(r round) float64 { return r.bare.bytes / 1024 })),
			report.Number("%.1f", report.MedianOf(rounds, func(r round) float64 { return r.erp.bytes / 1024 })))
	}
}

// reportSessions compares the medians.
func (c *contest) reportSessions(s *report.Section) {
	open := report.MedianOf(c.sessions, func(p pair) float64 { return p.open.rate })
	signedIn := report.MedianOf(c.sessions, func(p pair) float64 { return p.signedIn.rate })
	t := s.Table("erp, requests/s", "open", "signed in", "signed in/open", "CPU open", "CPU signed in", "target", "")
	t.Row(byID(c.rows).title,
		report.Number("%.0f", open), report.Number("%.0f", signedIn), report.Number("%.2f", signedIn/open),
		report.Number("%.0f us", report.MedianOf(c.sessions, func(p pair) float64 { return p.open.cpu })),
		report.Number("%.0f us", report.MedianOf(c.sessions, func(p pair) float64 { return p.signedIn.cpu })),
		fmt.Sprintf(">= %.2f", signedInTarget), t.Verdict("signed in", signedIn/open >= signedInTarget))
}

// reportServer writes how long each round's server took to start, and its memory.
func (c *contest) reportServer(s *report.Section) {
	t := s.Table("erp serve", "median", "each", "target", "")
	reportStarts(t, "to ready, with DATABASE_URL", c.starts, startTarget)
	if report.Median(c.idleMemory) == 0 { // no /proc
		return
	}
	memory := func(what string, bytes []int64, target, verdict string) {
		var each []string
		for _, n := range bytes {
			each = append(each, fmt.Sprintf("%.1f", float64(n)/(1<<20)))
		}
		t.Row(what, mebibytes(report.Median(bytes)), strings.Join(each, " "), target, verdict)
	}
	memory("resident when idle", c.idleMemory, fmt.Sprintf("< %d MiB", idleTarget>>20), t.Verdict("resident when idle", report.Median(c.idleMemory) < idleTarget))
	memory("resident after the load", c.loadMemory, "", "")
}
