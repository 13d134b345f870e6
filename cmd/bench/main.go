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
	"syscall"

	"erp.internal/postgres/embedded"

	"erp.internal/cmd/bench/report"
)

// bareCommand is the first argument of a process that is contender (b).
const bareCommand = "bare"

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
	case interrupted && err != nil:
		fmt.Fprintln(os.Stderr, "bench: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case bareCommand:
			return runBare(ctx, args[1:])
		case noiseCommand:
			return runNoise(ctx, os.Stdin, out)
		case compareCommand:
			return compare(args[1:], out)
		case docsCommand:
			return docs(args[1:])
		}
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	return run(ctx, o, out)
}

// compareCommand is the first argument of a comparison of two runs.
const compareCommand = "compare"

// docsCommand is the first argument of writing results into the documentation.
const docsCommand = "docs"

func docs(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: bench docs RESULTS.json DIRECTORY")
	}
	r, err := report.Load(args[0])
	if err != nil {
		return err
	}
	return writeDocs(r, args[1])
}

// errSlower is the outcome of a comparison in which something got slower.
var errSlower = errors.New("something got slower")

// compare prints what changed between the results of two runs.
//
// Errors: errSlower.
func compare(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: bench compare OLD.json NEW.json")
	}
	var runs [2]*report.Run
	for i, path := range args {
		var err error
		if runs[i], err = report.Load(path); err != nil {
			return err
		}
	}
	found := report.Compare(runs[0], runs[1])
	found.Print(out)
	if found.Slower() {
		return errSlower
	}
	return nil
}
