package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"erp.internal/cmd/bench/plot"
	"erp.internal/cmd/bench/report"
)

// chart is a picture of results; its SVG is empty when the run did not measure what it shows.
type chart struct{ name, svg string }

// charts are all pictures of a run.
func charts(r *report.Run) []chart {
	var all []chart
	if ladder := r.Find("ladder"); ladder != nil {
		all = append(all, growthCharts(ladder)...)
		all = append(all, chart{"every-request", everyRequest(ladder)}, chart{"contenders", contendersChart(ladder)})
	}
	if s := r.Find("starvation"); s != nil {
		all = append(all, chart{"starvation", starvationChart(s)})
	}
	if s := r.Find("writes"); s != nil {
		all = append(all, chart{"writes", writesChart(s)})
	}
	return slices.DeleteFunc(all, func(c chart) bool { return c.svg == "" })
}

// growthCharts show p50 over users. A request within a scope is in another chart than the same one without.
func growthCharts(s *report.Section) []chart {
	scoped := func(f report.Figure) bool { return strings.Contains(f.Name, scopedBy) }
	in := func(groups ...string) func(report.Figure) bool {
		return func(f report.Figure) bool { return slices.Contains(groups, f.Group) }
	}
	var all []chart
	for _, c := range []struct {
		name, title string
		shows       func(report.Figure) bool
	}{
		{"pages", "First pages, and reads by id", func(f report.Figure) bool { return in(firstGroup, byIDGroup)(f) && !scoped(f) }},
		{"scoped-pages", "First pages of callers who may see some departments", func(f report.Figure) bool { return in(firstGroup)(f) && scoped(f) }},
		{"deep-pages", "Deep pages", in(deepGroup)},
		{"filters", "Filters and counts", in(filterGroup)},
		{"searches", "Searches", func(f report.Figure) bool { return in(searchGroup)(f) && !scoped(f) }},
		{"scoped-searches", "Searches of callers who may see some departments", func(f report.Figure) bool { return in(searchGroup)(f) && scoped(f) }},
		{"changes", "Changes, trees and signing in", in(changeGroup, treeGroup, signInGroup)},
	} {
		lines := plot.Lines{
			Title: c.title, Subtitle: "one connection, median of the rounds, both axes logarithmic",
			X: plot.Axis{Label: "users in the database"}, Y: plot.Axis{Label: "p50 in ms"}, Guides: []plot.Guide{{Value: slowestTarget, Name: "50 ms"}},
		}
		for _, f := range s.Figures {
			if f.Kind == report.P50 && f.Of == report.Erp && f.Connections == 1 && c.shows(f) {
				add(&lines, f)
			}
		}
		all = append(all, chart{c.name, lines.SVG()})
	}
	return all
}

// add adds a figure to the line of its name.
func add(lines *plot.Lines, f report.Figure) {
	point := plot.Point{X: float64(f.Users), Y: f.Median()}
	for i := range lines.Of {
		if lines.Of[i].Name == f.Name {
			lines.Of[i].Points = append(lines.Of[i].Points, point)
			slices.SortFunc(lines.Of[i].Points, func(a, b plot.Point) int { return int(a.X - b.X) })
			return
		}
	}
	lines.Of = append(lines.Of, plot.Line{Name: f.Name, Points: []plot.Point{point}})
}

// mostUsers is the largest database of a section.
func mostUsers(s *report.Section) int {
	most := 0
	for _, f := range s.Figures {
		most = max(most, f.Users)
	}
	return most
}

// together are the figures with those of one kind beside each other, in the order in which the kinds come first.
func together(s *report.Section, kind func(report.Figure) string) []report.Figure {
	first := map[string]int{}
	for i, f := range s.Figures {
		if _, ok := first[kind(f)]; !ok {
			first[kind(f)] = i
		}
	}
	all := slices.Clone(s.Figures)
	slices.SortStableFunc(all, func(a, b report.Figure) int { return first[kind(a)] - first[kind(b)] })
	return all
}

// everyRequest shows p50 and p99 of each request at the last rung.
func everyRequest(s *report.Section) string {
	users := mostUsers(s)
	dots := plot.Dots{
		Title: fmt.Sprintf("Every request, %s users", power(users)), Subtitle: "one connection, medians of the rounds, logarithmic",
		X: plot.Axis{Label: "ms"}, Series: []string{"p50", "p99"}, Guides: []plot.Guide{{Value: slowestTarget, Name: "50 ms"}},
	}
	group := ""
	for _, f := range together(s, func(f report.Figure) string { return f.Group }) {
		if f.Kind != report.P50 || f.Of != report.Erp || f.Connections != 1 || f.Users != users {
			continue
		}
		if f.Group != group {
			group = f.Group
			dots.Rows = append(dots.Rows, plot.Row{Name: group})
		}
		slow := f.ID
		slow.Kind = report.P99
		dots.Rows = append(dots.Rows, plot.Row{Name: f.Name, Values: []float64{f.Median(), s.Of(slow)}})
	}
	return dots.SVG()
}

// contendersChart shows requests a second of pgbench, the bare handler and the server at each rung.
func contendersChart(s *report.Section) string {
	dots := plot.Dots{
		Title: "pgbench, the bare handler, and the server", Subtitle: "medians of the rounds, logarithmic; ratios are of one round, since the machine differs from minute to minute",
		X: plot.Axis{Label: "requests/s"}, Series: []string{"erp", "bare", "pgbench"},
	}
	title := ""
	for _, f := range together(s, func(f report.Figure) string { return f.Name }) {
		if f.Group != contestGroup || f.Kind != report.Rate || f.Of != report.Erp {
			continue
		}
		if f.Name != title {
			title = f.Name
			dots.Rows = append(dots.Rows, plot.Row{Name: title})
		}
		bare, pgbench := f.ID, f.ID
		bare.Of, pgbench.Of = report.Bare, report.Pgbench
		ratio := f.ID
		ratio.Kind = report.Ratio
		dots.Rows = append(dots.Rows, plot.Row{
			Name:   fmt.Sprintf("%s users, erp/bare %.2f", power(f.Users), s.Of(ratio)),
			Values: []float64{f.Median(), s.Of(bare), s.Of(pgbench)},
		})
	}
	return dots.SVG()
}

// starvationChart shows a read by id with and without the noise of others.
func starvationChart(s *report.Section) string {
	dots := plot.Dots{
		Title: "GET user by id, with and without 64 other clients", Subtitle: fmt.Sprintf("one connection, %s users, medians of the rounds, logarithmic", power(mostUsers(s))),
		X: plot.Axis{Label: "ms"}, Series: []string{"p50 before", "p50 meanwhile", "p99 before", "p99 meanwhile"},
	}
	for _, f := range s.Figures {
		what, among := strings.CutPrefix(f.Name, "GET user, while 64 clients ")
		if !among || f.Kind != report.P50 {
			continue
		}
		before := f.ID
		before.Name = "GET user, before 64 clients " + what
		slowBefore, slow := before, f.ID
		slowBefore.Kind, slow.Kind = report.P99, report.P99
		dots.Rows = append(dots.Rows, plot.Row{Name: "64 clients " + what, Values: []float64{s.Of(before), f.Median(), s.Of(slowBefore), s.Of(slow)}})
	}
	return dots.SVG()
}

// writesChart shows changes a second over connections.
func writesChart(s *report.Section) string {
	lines := plot.Lines{
		Title: "Changes at once", Subtitle: fmt.Sprintf("%s users, medians of the rounds, both axes logarithmic", power(mostUsers(s))),
		X: plot.Axis{Label: "connections"}, Y: plot.Axis{Label: "requests/s"},
	}
	for _, f := range s.Figures {
		if f.Kind == report.Rate && f.Group == "writes" {
			g := f
			g.Users, g.Name = f.Connections, f.Name+", "+f.Of
			add(&lines, g)
		}
	}
	return lines.SVG()
}

// The generated part of a page, between two comments.
const (
	resultsBegin = "<!-- bench results -->"
	resultsEnd   = "<!-- end -->"
)

// writeDocs writes the tables of a run into docs/benchmarks.md, and its charts beside it.
func writeDocs(r *report.Run, docs string) error {
	path := filepath.Join(docs, "benchmarks.md")
	page, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	before, rest, found := strings.Cut(string(page), resultsBegin)
	_, after, ended := strings.Cut(rest, resultsEnd)
	if !found || !ended {
		return fmt.Errorf("%s has no place for results: it needs a line %s and one %s", path, resultsBegin, resultsEnd)
	}
	text := before + resultsBegin + "\n" + tables(r) + pictures(r) + "\n" + resultsEnd + after
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // to be read by anyone
		return fmt.Errorf("write the page: %w", err)
	}
	for _, c := range charts(r) {
		if err := os.WriteFile(filepath.Join(docs, picture(c)), []byte(c.svg), 0o644); err != nil { //nolint:gosec // to be read by anyone
			return fmt.Errorf("write a chart: %w", err)
		}
	}
	return nil
}

func picture(c chart) string { return "images/bench-" + c.name + ".svg" }

// tables are those of the run as they are printed.
func tables(r *report.Run) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n```\n%s\n%s\n%s, %s\n```\n", r.Machine, r.Settings, r.Begun.Format("January 2006"), duration(r.Seconds))
	for _, s := range r.Sections {
		fmt.Fprintf(&out, "\n### %s\n\n```\n", strings.ToUpper(s.Name[:1])+s.Name[1:])
		var text strings.Builder
		s.Print(&text)
		out.WriteString(strings.TrimSpace(text.String()) + "\n```\n")
	}
	return out.String()
}

func duration(seconds float64) string { return fmt.Sprintf("%.0f minutes", math.Ceil(seconds/60)) }

// pictures are links to the charts.
func pictures(r *report.Run) string {
	var out strings.Builder
	if all := charts(r); len(all) > 0 {
		out.WriteString("\n### Charts\n")
		for _, c := range all {
			fmt.Fprintf(&out, "\n![%s](%s)\n", strings.ReplaceAll(c.name, "-", " "), picture(c))
		}
	}
	return out.String()
}
