package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

type options struct {
	erp         string // path of the server's binary
	db          string // URL of an empty database; "" starts a PostgreSQL of our own
	rows        int
	connections int
	rounds      int
	duration    time.Duration  // of one measurement
	warmup      time.Duration  // before each
	idle        time.Duration  // before the memory of a server that does nothing is read
	starts      int            // of the server on its own database
	only        []string       // what to measure, by name
	rungs       []int          // users in each of the ladder's databases
	step        time.Duration  // of one request of the ladder in one round
	requests    *regexp.Regexp // which of the ladder's requests; nil: all
	json        string         // file for the results, "" for none
	environ     []string       // settings of the server under test
	fsync       bool
	pooler      string // host:port, "" for none
	profiles    string // directory, "" for none
	explain     bool   // print how PostgreSQL runs the statements of the ladder
	check       bool
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
	flags.BoolVar(&o.explain, "explain", false, "print how PostgreSQL runs the statements of the ladder at its last rung; not with -db")
	flags.StringVar(&o.json, "json", "", "`file` for the results, which bench compare reads")
	flags.DurationVar(&o.step, "step", 500*time.Millisecond, "length of one measurement of the ladder")
	o.rungs = []int{1_000, 10_000, 100_000, 1_000_000}
	flags.Func("rungs", "users in each database of the ladder, with commas between them (default 1000,10000,100000,1000000)", func(s string) (err error) {
		o.rungs, err = parseRungs(s)
		return err
	})
	huge := flags.Bool("huge", false, "also a rung of 10,000,000 users, for which 30 GB must be free")
	flags.Func("requests", "a `pattern` of the names of the ladder's requests (default all)", func(s string) (err error) {
		o.requests, err = regexp.Compile(s)
		return err
	})
	flags.BoolVar(&o.check, "check", false, "exit with 1 when a target is missed")
	flags.Func("only", "what to measure, with commas between them (default "+strings.Join(names(), ",")+")", func(s string) error {
		o.only = strings.Split(s, ",")
		for _, name := range o.only {
			if !slices.Contains(names(), name) {
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
	if *huge {
		o.rungs = append(o.rungs, 10_000_000)
	}
	if o.rows < listLimit || o.step < 100*time.Millisecond || o.connections < 1 || o.rounds < 1 || o.starts < 1 || o.duration < time.Second || o.warmup < time.Second {
		return o, fmt.Errorf("-rows wants at least %d, the other numbers at least 1, the durations at least 1s, and -step at least 100ms", listLimit)
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
		return o, fmt.Errorf("-erp: there is no %s: build it with make build", o.erp)
	}
	o.erp = path
	return o, nil
}

// parseRungs reads numbers of users, which grow.
func parseRungs(s string) ([]int, error) {
	var rungs []int
	for _, text := range strings.Split(s, ",") {
		users, err := strconv.Atoi(text)
		if err != nil || users < leastUsers {
			return nil, fmt.Errorf("%q is no number of users from %d on", text, leastUsers)
		}
		if len(rungs) > 0 && users <= rungs[len(rungs)-1] {
			return nil, errors.New("write the smaller numbers first")
		}
		rungs = append(rungs, users)
	}
	return rungs, nil
}
