package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Targets besides those of the operations.
const (
	startTarget    = 300 * time.Millisecond
	ownStartTarget = time.Second
	idleTarget     = 40 << 20 // bytes
	signedInTarget = 0.90     // requests/s with a session divided by those of an open server
	refusalTarget  = 5.0      // percent that an unknown email may take longer or shorter than a known one
)

// print writes the tables and says whether a target was missed.
func (c *contest) print(out io.Writer, own []time.Duration) (missed bool) {
	verdict := func(met bool) string {
		if met {
			return "ok"
		}
		missed = true
		return "MISSED"
	}
	fmt.Fprintf(out, "(a) pgbench, (b) bare Gin and pgx, (c) erp, signed in; (b) and (c) with %d connections to the database; medians of the rounds\n\n", c.pool)
	if len(c.samples) > 0 {
		c.printRates(out, verdict)
		c.printCosts(out)
	}
	if len(c.sessions) > 0 {
		c.printSessions(out, verdict)
	}
	if len(c.signIns.statuses) > 0 {
		c.signIns.print(out, verdict)
	}
	if len(c.floods) > 0 {
		c.printFloods(out, verdict)
	}
	if len(c.listing.kinds) > 0 {
		c.listing.print(out, verdict)
	}
	if len(c.readers) > 0 {
		c.printReaders(out)
	}
	if len(c.arrivals.caches) > 0 {
		c.arrivals.print(out, verdict)
	}
	if len(c.revocations.there) > 0 {
		c.revocations.print(out, c.through(), verdict)
	}
	if len(c.decisions.held) > 0 {
		c.decisions.print(out, verdict)
	}
	c.printStarts(out, own, verdict)
	return missed
}

func (c *contest) printRates(out io.Writer, verdict func(bool) string) {
	t := table(out, "requests/s", "(a)", "(b)", "(c)", "(b)/(a)", "(c)/(a)", "(c)/(b)", "target", "")
	for _, op := range operations(c.options) {
		rounds := c.samples[op.name]
		if len(rounds) == 0 {
			continue
		}
		ratio := of(rounds, func(r round) float64 { return r.erp.rate / r.bare.rate })
		target, met := "", ""
		if op.target > 0 {
			target, met = fmt.Sprintf(">= %.2f", op.target), verdict(ratio >= op.target)
		}
		t.row(op.title,
			number("%.0f", of(rounds, func(r round) float64 { return r.pgbench.rate })),
			number("%.0f", of(rounds, func(r round) float64 { return r.bare.rate })),
			number("%.0f", of(rounds, func(r round) float64 { return r.erp.rate })),
			number("%.2f", of(rounds, func(r round) float64 { return r.bare.rate / r.pgbench.rate })),
			number("%.2f", of(rounds, func(r round) float64 { return r.erp.rate / r.pgbench.rate })),
			number("%.2f", ratio), target, met)
	}
	t.end()
}

func (c *contest) printCosts(out io.Writer) {
	t := table(out, "for each request", "CPU (b)", "CPU (c)", "(c)/(b)", "PostgreSQL (a)", "(b)", "(c)", "objects (b)", "(c)", "KiB (b)", "(c)")
	for _, op := range operations(c.options) {
		rounds := c.samples[op.name]
		if len(rounds) == 0 {
			continue
		}
		t.row(op.title,
			number("%.0f us", of(rounds, func(r round) float64 { return r.bare.cpu })),
			number("%.0f us", of(rounds, func(r round) float64 { return r.erp.cpu })),
			number("%.2f", of(rounds, func(r round) float64 { return r.erp.cpu / r.bare.cpu })),
			number("%.0f us", of(rounds, func(r round) float64 { return r.pgbench.postgres })),
			number("%.0f us", of(rounds, func(r round) float64 { return r.bare.postgres })),
			number("%.0f us", of(rounds, func(r round) float64 { return r.erp.postgres })),
			number("%.0f", of(rounds, func(r round) float64 { return r.bare.allocs })),
			number("%.0f", of(rounds, func(r round) float64 { return r.erp.allocs })),
			number("%.1f", of(rounds, func(r round) float64 { return r.bare.bytes / 1024 })),
			number("%.1f", of(rounds, func(r round) float64 { return r.erp.bytes / 1024 })))
	}
	t.end()
}

// printSessions compares the medians.
func (c *contest) printSessions(out io.Writer, verdict func(bool) string) {
	open, signedIn := of(c.sessions, func(p pair) float64 { return p.open.rate }), of(c.sessions, func(p pair) float64 { return p.signedIn.rate })
	t := table(out, "erp, requests/s", "open", "signed in", "signed in/open", "CPU open", "CPU signed in", "target", "")
	t.row(byID(c.options).title,
		number("%.0f", open), number("%.0f", signedIn), number("%.2f", signedIn/open),
		number("%.0f us", of(c.sessions, func(p pair) float64 { return p.open.cpu })),
		number("%.0f us", of(c.sessions, func(p pair) float64 { return p.signedIn.cpu })),
		fmt.Sprintf(">= %.2f", signedInTarget), verdict(signedIn/open >= signedInTarget))
	t.end()
}

func (s *signIns) print(out io.Writer, verdict func(bool) string) {
	known, unknown := median(s.known), median(s.unknown)
	difference := 100 * (unknown.Seconds()/known.Seconds() - 1)
	t := table(out, "sign-in", "known email", "unknown", "difference", "target", "")
	t.row(fmt.Sprintf("wrong password, %d each", signInUsers),
		number("%.1f ms", known.Seconds()*1e3), number("%.1f ms", unknown.Seconds()*1e3), number("%+.1f%%", difference),
		fmt.Sprintf("< %.0f%%", refusalTarget), verdict(math.Abs(difference) < refusalTarget))
	t.end()

	titles, counts := []string{fmt.Sprintf("%d sign-ins at once", signInsAtOnce)}, []string{"answered"}
	for _, status := range expectedStatuses() {
		titles, counts = append(titles, fmt.Sprint(status)), append(counts, fmt.Sprint(s.statuses[status]))
	}
	t = table(out, append(titles, "other", "target", "")...)
	t.row(append(counts, fmt.Sprint(s.others()), "no other", verdict(s.others() == 0))...)
	t.end()

	if s.idle == 0 { // no /proc
		return
	}
	mebibytes := func(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
	t = table(out, "and resident meanwhile", "idle before", "peak", "target", "")
	t.row("erp serve", mebibytes(s.idle), mebibytes(s.peak), "<= "+mebibytes(s.bound()), verdict(s.peak <= s.bound()))
	t.end()
}

func (c *contest) printStarts(out io.Writer, own []time.Duration, verdict func(bool) string) {
	t := table(out, "erp serve", "median", "each", "target", "")
	times := func(what string, took []time.Duration, target time.Duration) {
		var each []string
		for _, d := range took {
			each = append(each, fmt.Sprint(d.Milliseconds()))
		}
		t.row(what, fmt.Sprintf("%d ms", median(took).Milliseconds()), strings.Join(each, " "),
			fmt.Sprintf("< %d ms", target.Milliseconds()), verdict(median(took) < target))
	}
	memory := func(what string, bytes []int64, target, verdict string) {
		var each []string
		for _, n := range bytes {
			each = append(each, fmt.Sprintf("%.1f", float64(n)/(1<<20)))
		}
		t.row(what, fmt.Sprintf("%.1f MiB", float64(median(bytes))/(1<<20)), strings.Join(each, " "), target, verdict)
	}
	times("to ready, with DATABASE_URL", c.starts, startTarget)
	times("to ready, on its own database", own, ownStartTarget)
	if median(c.idleMemory) == 0 { // no /proc
		t.end()
		return
	}
	memory("resident when idle", c.idleMemory, fmt.Sprintf("< %d MiB", idleTarget>>20), verdict(median(c.idleMemory) < idleTarget))
	memory("resident after the load", c.loadMemory, "", "")
	t.end()
}

// of is the median over the rounds.
func of[T any](rounds []T, figure func(T) float64) float64 {
	var all []float64
	for _, r := range rounds {
		all = append(all, figure(r))
	}
	return median(all)
}

// median is the middle one, of an even number the lower of both.
func median[T cmp.Ordered](all []T) T {
	return slices.Sorted(slices.Values(all))[(len(all)-1)/2]
}

// number is a figure as text, "-" for one that was not measured.
func number(format string, n float64) string {
	if math.IsNaN(n) {
		return "-"
	}
	return fmt.Sprintf(format, n)
}

type lines struct{ *tabwriter.Writer }

func table(out io.Writer, titles ...string) lines {
	t := lines{tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)}
	t.row(titles...)
	return t
}

func (t lines) row(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")) }

func (t lines) end() {
	fmt.Fprintln(t)
	_ = t.Flush() // to the terminal
}
