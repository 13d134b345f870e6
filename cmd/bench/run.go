package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"erp.internal/cmd/bench/report"
)

// bench is what the parts of a run share.
type bench struct {
	options
	dir      string
	db       *database
	pgbench  pgbench
	ladder   ladder
	progress io.Writer
}

// run measures what is wanted and prints each section when it is ready. What it started has ended when it returns.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "erp-bench-")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // PostgreSQL runs as another user than root
		return fmt.Errorf("make a directory: %w", err)
	}
	db, err := openDatabase(ctx, o, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	b := &bench{options: o, dir: dir, db: db, progress: os.Stderr}
	if b.pgbench, err = findPgbench(db); err != nil {
		fmt.Fprintln(out, err)
	}
	defer func() { err = errors.Join(err, b.ladder.drop()) }()
	results := &report.Run{
		Format: report.Format, Begun: time.Now().UTC().Truncate(time.Second),
		Machine: fmt.Sprintf("%s; %d cores, %s/%s, %s", db.description, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version()),
		Settings: strings.Join(append([]string{fmt.Sprintf("%d organizations, %d connections, %d rounds of %s", o.rows, o.connections, o.rounds, o.duration)},
			o.environ...), ", "),
	}
	fmt.Fprintf(out, "%s\n%s\n\n", results.Machine, results.Settings)
	for _, p := range parts() {
		if !o.wants(p.called()...) {
			continue
		}
		section := results.Section(p.section)
		if err := p.measure(b, ctx, section); err != nil {
			return err
		}
		section.Print(out)
		results.Seconds = time.Since(results.Begun).Seconds()
		if o.json == "" {
			continue
		}
		if err := results.Save(o.json); err != nil {
			return err
		}
	}
	if o.check && results.Missed() {
		return errMissed
	}
	return nil
}
