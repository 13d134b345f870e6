// Package report holds what a run measured, in the one form that is printed, kept as JSON, drawn, and compared with another
// run.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

// Format is the version of the JSON; a run of another version cannot be read.
const Format = 1

// Run is one run of the benchmarks.
type Run struct {
	Format   int        `json:"format"`
	Begun    time.Time  `json:"begun"`
	Seconds  float64    `json:"seconds"`
	Machine  string     `json:"machine"`
	Settings string     `json:"settings"`
	Sections []*Section `json:"sections"`
}

// Section is what one part of a run measured.
type Section struct {
	Name    string   `json:"name"`
	Blocks  []*Block `json:"blocks"`           // as they are printed
	Figures []Figure `json:"figures"`          // what is drawn and compared
	Targets int      `json:"targets"`          // how many were asked for
	Missed  []string `json:"missed,omitempty"` // the rows of missed targets
}

// Block is a table, or a paragraph when it has no columns.
type Block struct {
	Text    string     `json:"text,omitempty"`
	Columns []string   `json:"columns,omitempty"`
	Rows    [][]string `json:"rows,omitempty"`
}

// Kind is what a figure says of requests, with its unit.
type Kind string

// The kinds of figures.
const (
	Rate     Kind = "requests/s"
	P50      Kind = "p50 ms"
	P99      Kind = "p99 ms"
	CPU      Kind = "CPU us"            // of the server, for each request
	Database Kind = "PostgreSQL CPU us" // of all of PostgreSQL's processes, for each request
	Objects  Kind = "objects"           // that the server allocated for each request
	Bytes    Kind = "bytes"             // that they had
	Resident Kind = "resident MiB"
	Disk     Kind = "MiB on disk"
	Ratio    Kind = "requests/s, erp/bare"
)

// HigherIsBetter reports whether a greater figure of this kind is the better one.
func (k Kind) HigherIsBetter() bool { return k == Rate || k == Ratio }

// Timed reports whether figures of this kind follow the speed of the machine.
func (k Kind) Timed() bool {
	return k != Objects && k != Bytes && k != Resident && k != Disk && k != Ratio
}

// The servers that a figure may be of.
const (
	Erp     = "erp"
	Bare    = "bare"
	Pgbench = "pgbench"
)

// ID names a figure within a section.
type ID struct {
	Name        string `json:"name"`
	Group       string `json:"group,omitempty"` // figures of one group are drawn together
	Of          string `json:"of"`
	Users       int    `json:"users,omitempty"` // in the database; 0 where that does not matter
	Connections int    `json:"connections,omitempty"`
	Kind        Kind   `json:"kind"`
}

// Figure is one measured value of each round.
type Figure struct {
	ID
	Rounds []float64 `json:"rounds"`
}

// Median is that of the rounds.
func (f Figure) Median() float64 { return Median(f.Rounds) }

// Section begins a section.
func (r *Run) Section(name string) *Section {
	s := &Section{Name: name}
	r.Sections = append(r.Sections, s)
	return s
}

// Find returns the section of a name, nil when the run has none.
func (r *Run) Find(name string) *Section {
	for _, s := range r.Sections {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Missed reports whether a target was missed.
func (r *Run) Missed() bool {
	for _, s := range r.Sections {
		if len(s.Missed) > 0 {
			return true
		}
	}
	return false
}

// Save writes the run as JSON.
func (r *Run) Save(path string) error {
	content, err := json.MarshalIndent(r, "", " ")
	if err == nil {
		err = os.WriteFile(path, append(content, '\n'), 0o644) //nolint:gosec // to be read by anyone
	}
	if err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

// Load reads what Save wrote.
//
// Errors: a file that is no run, or one of another Format.
func Load(path string) (*Run, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	r := &Run{}
	if err := json.Unmarshal(content, r); err != nil {
		return nil, fmt.Errorf("%s holds no results of a run: %w", path, err)
	}
	if r.Format != Format {
		return nil, fmt.Errorf("%s has results in format %d; this program reads format %d", path, r.Format, Format)
	}
	return r, nil
}

// Record adds a value of one round to a figure. NaN, which stands for what could not be measured, is left out.
func (s *Section) Record(id ID, value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return
	}
	for i := range s.Figures {
		if s.Figures[i].ID == id {
			s.Figures[i].Rounds = append(s.Figures[i].Rounds, value)
			return
		}
	}
	s.Figures = append(s.Figures, Figure{id, []float64{value}})
}

// Of returns the median of a figure; NaN when there is none.
func (s *Section) Of(id ID) float64 {
	for _, f := range s.Figures {
		if f.ID == id {
			return f.Median()
		}
	}
	return math.NaN()
}

// Table begins a table.
func (s *Section) Table(columns ...string) *Table {
	b := &Block{Columns: columns}
	s.Blocks = append(s.Blocks, b)
	return &Table{b, s}
}

// Note adds a paragraph.
func (s *Section) Note(format string, args ...any) {
	s.Blocks = append(s.Blocks, &Block{Text: fmt.Sprintf(format, args...)})
}

// Table is a table that is being written.
type Table struct {
	block   *Block
	section *Section
}

// Row adds a row.
func (t *Table) Row(cells ...string) { t.block.Rows = append(t.block.Rows, cells) }

// Verdict is the text of a target that was met or missed, and counts it; what names the target.
func (t *Table) Verdict(what string, met bool) string {
	t.section.Targets++
	if met {
		return "ok"
	}
	t.section.Missed = append(t.section.Missed, what)
	return "MISSED"
}

// Print writes the section's blocks.
func (s *Section) Print(out io.Writer) {
	for _, b := range s.Blocks {
		if len(b.Columns) == 0 {
			fmt.Fprintf(out, "%s\n\n", b.Text)
			continue
		}
		var text strings.Builder
		t := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
		for _, row := range append([][]string{b.Columns}, b.Rows...) {
			fmt.Fprintln(t, strings.Join(row, "\t"))
		}
		_ = t.Flush() // to memory
		for line := range strings.Lines(text.String()) {
			fmt.Fprintln(out, strings.TrimRight(line, " \n"))
		}
		fmt.Fprintln(out)
	}
}
