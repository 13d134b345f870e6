package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"erp.internal/cmd/bench/report"
)

// ladderRun is a run of a ladder of two rungs.
func ladderRun() *report.Run {
	r := &report.Run{Format: report.Format, Machine: "a machine", Settings: "settings"}
	s := r.Section("ladder")
	for _, users := range []int{10_000, 1_000} { // in no order
		for _, name := range []string{"users by email", "users by email, within 50 departments"} {
			for kind, value := range map[report.Kind]float64{report.P50: 0.5, report.P99: 4} {
				s.Record(report.ID{Name: name, Group: firstGroup, Of: report.Erp, Users: users, Connections: 1, Kind: kind}, value)
			}
		}
		for of, rate := range map[string]float64{report.Erp: 150, report.Bare: 100, report.Pgbench: 300} {
			s.Record(report.ID{Name: "GET user", Group: contestGroup, Of: of, Users: users, Connections: 32, Kind: report.Rate}, rate)
		}
		s.Record(report.ID{Name: "GET user", Group: contestGroup, Of: report.Erp, Users: users, Connections: 32, Kind: report.Ratio}, 1.5)
	}
	s.Table("what", "ms").Row("users by email", "0.5")
	return r
}

func TestCharts(t *testing.T) {
	t.Parallel()
	drawn := map[string]string{}
	for _, c := range charts(ladderRun()) {
		drawn[c.name] = c.svg
	}
	for name, texts := range map[string][]string{
		"pages":         {"users by email<", "p50 in ms", "users in the database", "1,000", "10,000"},
		"scoped-pages":  {"users by email, within 50 departments"},
		"every-request": {"Every request, 10^4 users", "first page", "p99"},
		"contenders":    {"10^4 users, erp/bare 1.50", "requests/s"},
	} {
		for _, text := range texts {
			if !strings.Contains(drawn[name], text) {
				t.Errorf("the chart %s does not show %q:\n%s", name, text, drawn[name])
			}
		}
	}
	if strings.Contains(drawn["pages"], "within 50 departments") {
		t.Error("the chart of pages shows those of a scope")
	}
	if _, ok := drawn["starvation"]; ok {
		t.Error("a chart shows what was not measured")
	}
}

func TestWriteDocs(t *testing.T) {
	t.Parallel()
	docs := t.TempDir()
	page := filepath.Join(docs, "benchmarks.md")
	for _, err := range []error{
		os.Mkdir(filepath.Join(docs, "images"), 0o700),
		os.WriteFile(page, []byte("before\n\n"+resultsBegin+"\nold\n"+resultsEnd+"\n\nafter\n"), 0o600),
		writeDocs(ladderRun(), docs),
		writeDocs(ladderRun(), docs), // again changes nothing
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(written)
	for _, wanted := range []string{"before\n\n" + resultsBegin, "### Ladder", "users by email   0.5", "(images/bench-pages.svg)", resultsEnd + "\n\nafter\n"} {
		if strings.Count(text, wanted) != 1 {
			t.Errorf("the page does not hold %q once:\n%s", wanted, text)
		}
	}
	if strings.Contains(text, "old") {
		t.Errorf("the page holds the results of before:\n%s", text)
	}
	if _, err := os.Stat(filepath.Join(docs, "images", "bench-pages.svg")); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(page, []byte("no place\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeDocs(ladderRun(), docs); err == nil {
		t.Error("a page without a place for results was written to")
	}
}
