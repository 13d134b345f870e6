// Command bench measures the server against what it stands on: pgbench with the same statements, and an ordinary Gin
// handler of them, in one run on one database. docs/benchmarks.md says how to read what it prints.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"erp.internal/postgres/embedded"
)

// bareCommand is the first argument of a process that is contender (b).
const bareCommand = "bare"

type options struct {
	erp         string // path of the server's binary
	db          string // URL of an empty database; "" starts a PostgreSQL of our own
	rows        int
	connections int
	rounds      int
	duration    time.Duration // of one measurement
	warmup      time.Duration // before each
	idle        time.Duration // before the memory of a server that does nothing is read
	starts      int           // of the server on its own database
	only        []string      // what to measure, by name
	environ     []string      // settings of the server under test
	fsync       bool
	pooler      string // host:port, "" for none
	profiles    string // directory, "" for none
	explain     bool   // print how PostgreSQL runs the statements of listing
	check       bool
}

// wants reports whether something is to be measured.
func (o options) wants(name string) bool { return len(o.only) == 0 || slices.Contains(o.only, name) }

// errMissed is the outcome of -check when a target was missed.
var errMissed = errors.New("a target was missed")

func main() {
	embedded.RunKeeperIfAsked() // this process may have been started to look after the database
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:], os.Stdout)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case interrupted:
		fmt.Fprintln(os.Stderr, "bench: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == bareCommand {
		return runBare(ctx, args[1:])
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	return bench(ctx, o, out)
}

func parse(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.erp, "erp", "bin/erp", "the server's binary")
	flags.StringVar(&o.db, "db", "", "URL of an existing empty database; without it a PostgreSQL of our own is started")
	flags.StringVar(&o.pooler, "pooler", "", "`host:port` of a connection pooler before the server of -db, through which revocations are measured")
	flags.IntVar(&o.rows, "rows", 100_000, "organizations in the database")
	flags.IntVar(&o.connections, "connections", 32, "connections of each contender's clients")
	flags.IntVar(&o.rounds, "rounds", 3, "rounds, each with a fresh server")
	flags.DurationVar(&o.duration, "duration", 10*time.Second, "length of one measurement, in whole seconds")
	flags.DurationVar(&o.warmup, "warmup", time.Second, "load before each measurement, in whole seconds")
	flags.DurationVar(&o.idle, "idle", 3*time.Second, "how long a fresh server does nothing before its memory is read")
	flags.IntVar(&o.starts, "starts", 3, "starts of the server on its own database")
	flags.BoolVar(&o.fsync, "fsync", true, "whether our own PostgreSQL waits for the disk; no effect with -db")
	flags.StringVar(&o.profiles, "profiles", "", "directory for profiles of both servers, taken after the rounds")
	flags.BoolVar(&o.explain, "explain", false, "print how PostgreSQL runs the statements of listing; not with -db")
	flags.BoolVar(&o.check, "check", false, "exit with 1 when a target is missed")
	flags.Func("only", "what to measure, with commas between them (default "+strings.Join(names(o), ",")+")", func(s string) error {
		o.only = strings.Split(s, ",")
		for _, name := range o.only {
			if !slices.Contains(names(o), name) {
				return fmt.Errorf("there is no %q to measure", name)
			}
		}
		return nil
	})
	flags.Func("env", "a `NAME=value` that the server is started with; may be repeated", func(s string) error {
		if !strings.Contains(s, "=") {
			return errors.New("write it as NAME=value")
		}
		o.environ = append(o.environ, s)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return o, flag.ErrHelp // the flag set has said why
	}
	if o.rows < listLimit || o.connections < 1 || o.rounds < 1 || o.starts < 1 || o.duration < time.Second || o.warmup < time.Second {
		return o, fmt.Errorf("-rows wants at least %d, the other numbers at least 1, and the durations at least 1s", listLimit)
	}
	if o.pooler != "" && o.db == "" {
		return o, errors.New("-pooler stands before the server that -db names")
	}
	if o.explain && o.db != "" {
		return o, errors.New("-explain reads the log of a PostgreSQL of our own: leave -db out")
	}
	path, err := filepath.Abs(o.erp)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return o, fmt.Errorf("-erp: there is no %s: build it with go build -o bin/erp ./cmd/erp", o.erp)
	}
	o.erp = path
	return o, nil
}

// bench measures everything and prints it. What it started has ended when it returns.
func bench(ctx context.Context, o options, out io.Writer) (err error) {
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
	programs, err := findPgbench(db)
	if err != nil {
		fmt.Fprintln(out, err)
	}
	fmt.Fprintf(out, "%s, %d organizations, %d connections, %d rounds of %s; %d cores, %s\n",
		db.description, o.rows, o.connections, o.rounds, o.duration, runtime.NumCPU(), runtime.Version())
	if len(o.environ) > 0 {
		fmt.Fprintf(out, "erp with %s\n", strings.Join(o.environ, " "))
	}

	c := contest{options: o, dir: dir, db: db, pgbench: programs, progress: os.Stderr, samples: map[string][]round{}}
	if err := c.enter(ctx); err != nil {
		return err
	}
	for n := range o.rounds {
		if err := c.round(ctx, n); err != nil {
			return err
		}
	}
	if o.wants(floodsName) {
		if err := c.measureFloods(ctx); err != nil {
			return err
		}
	}
	if o.wants(signInName) { // after the floods, whose server would count its failures
		if err := c.measureSignIns(ctx); err != nil {
			return err
		}
	}
	if o.wants(listingName) {
		if err := c.measureListing(ctx); err != nil {
			return err
		}
	}
	if o.wants(readersName) {
		if err := c.measureReaders(ctx); err != nil {
			return err
		}
	}
	if o.wants(arrivalsName) {
		if err := c.measureArrivals(ctx); err != nil {
			return err
		}
	}
	if o.wants(revocationsName) {
		if err := c.measureRevocations(ctx); err != nil {
			return err
		}
	}
	own, err := startsOnOwnDatabase(ctx, o, dir)
	if err != nil {
		return err
	}
	if o.wants(decisionsName) { // last: this process is large afterwards
		if err := c.measureDecisions(ctx); err != nil {
			return err
		}
	}
	missed := c.print(out, own)
	if o.check && missed {
		return errMissed
	}
	return nil
}
