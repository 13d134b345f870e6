package report_test

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"erp.internal/cmd/bench/report"
)

func TestRun_is_loaded_as_it_was_saved(t *testing.T) {
	t.Parallel()
	r := &report.Run{Format: report.Format, Machine: "a machine"}
	s := r.Section("ladder")
	id := report.ID{Name: "GET user", Group: "by id", Of: report.Erp, Users: 1000, Connections: 1, Kind: report.P50}
	for _, value := range []float64{3, 1, 2, math.NaN(), math.Inf(1)} { // what was not measured leaves no round
		s.Record(id, value)
	}
	table := s.Table("what", "ms", "target", "")
	table.Row("GET user", "2", "<= 1", table.Verdict("GET user", false))
	path := filepath.Join(t.TempDir(), "run.json")
	if err := r.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := report.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, r) {
		t.Errorf("loaded %+v, want %+v", got, r)
	}
	if median := got.Find("ladder").Of(id); median != 2 {
		t.Errorf("the median is %v, want 2", median)
	}
	if !got.Missed() {
		t.Error("the missed target was forgotten")
	}
	var out strings.Builder
	got.Find("ladder").Print(&out)
	if want := "what       ms   target\nGET user   2    <= 1     MISSED\n\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}

func TestLoad_refuses_another_format(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.json")
	if err := os.WriteFile(path, []byte(`{"format": 0}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := report.Load(path); err == nil || !strings.Contains(err.Error(), "format 0") {
		t.Errorf("the error is %v", err)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	s := (&report.Run{}).Section("ladder")
	table := s.Table("what")
	if got := table.Verdict("one", true) + " " + table.Verdict("other", false); got != "ok MISSED" {
		t.Errorf("the verdicts are %s", got)
	}
	if s.Targets != 2 || !reflect.DeepEqual(s.Missed, []string{"other"}) {
		t.Errorf("%d targets, missed %v", s.Targets, s.Missed)
	}
}
