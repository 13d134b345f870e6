package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"time"
)

// contest is the rounds and what they gave.
type contest struct {
	options
	dir      string
	db       *database
	pgbench  pgbench
	progress io.Writer

	token       string             // of the administrator's session
	samples     map[string][]round // by operation
	sessions    []pair             // GET by id
	signIns     signIns
	floods      []*flood
	listing     listing
	readers     []*crowd
	arrivals    arrivals
	revocations revocations
	decisions   decisions
	starts      []time.Duration // of the server with DATABASE_URL, to ready
	idleMemory  []int64         // in bytes, of a server that has done nothing yet
	loadMemory  []int64         // of the same one after its round
	pool        int
}

// round is one operation measured with each contender in turn.
type round struct{ pgbench, bare, erp sample }

// pair is one operation measured on an open server without a session and on a closed one with a session, in turn.
type pair struct{ open, signedIn sample }

// sample is one measurement; what could not be measured is NaN.
type sample struct {
	rate     float64 // requests/s
	cpu      float64 // us of the server process for each request
	postgres float64 // us of all of PostgreSQL's processes for each request
	allocs   float64 // objects that the server process allocated for each request
	bytes    float64 // and how large they were
}

// turn is how long a server is under load before the other one is: short, so that other processes of the machine affect
// both alike.
const turn = 500 * time.Millisecond

// enter starts the server once and signs its administrator in. That start makes the administrator, and none of those that
// are measured pays for it, nor for a password's hash.
func (c *contest) enter(ctx context.Context) error {
	erp, err := startErp(ctx, c.options, c.dir, "DATABASE_URL="+c.db.url)
	if err != nil {
		return err
	}
	defer erp.stop()
	c.token, err = signIn(newClient(erp.addr, 1))
	return err
}

// round starts both servers and measures every operation with each contender, one contender at a time.
func (c *contest) round(ctx context.Context, n int) error {
	fmt.Fprintf(c.progress, "round %d of %d\n", n+1, c.rounds)
	erp, err := startErp(ctx, c.options, c.dir, "DATABASE_URL="+c.db.url)
	if err != nil {
		return err
	}
	defer erp.stop()
	c.starts = append(c.starts, erp.took)
	if err := pause(ctx, c.idle); err != nil {
		return err
	}
	c.idleMemory = append(c.idleMemory, residentOf(erp.cmd.Process.Pid))
	if c.pool, err = poolSize(ctx, erp); err != nil {
		return err
	}
	bare, err := startBare(ctx, c.dir, c.db.url, c.pool)
	if err != nil {
		return err
	}
	defer bare.stop()

	for _, op := range operations(c.options) {
		if !c.wants(op.name) {
			continue
		}
		var r round
		if r.pgbench, err = c.measurePgbench(ctx, op); err != nil {
			return err
		}
		if r.bare, r.erp, err = c.measureInTurn(ctx, contestant{bare, op.ofBare()}, contestant{erp, op.signedIn(c.token)}); err != nil {
			return err
		}
		c.samples[op.name] = append(c.samples[op.name], r)
		fmt.Fprintf(c.progress, "  %-12s pgbench %6.0f/s  bare %6.0f/s  erp %6.0f/s\n", op.title, r.pgbench.rate, r.bare.rate, r.erp.rate)
	}
	if c.wants(signedInName) {
		if err := c.compareSignedIn(ctx, erp); err != nil {
			return err
		}
	}
	c.loadMemory = append(c.loadMemory, residentOf(erp.cmd.Process.Pid))
	if c.profiles == "" || n+1 < c.rounds {
		return nil
	}
	return c.profile(ctx, bare, erp)
}

// compareSignedIn measures what a session and its authorisation cost, against a server that asks for none.
func (c *contest) compareSignedIn(ctx context.Context, erp *process) error {
	open, err := startOpenErp(ctx, c.options, c.dir, "DATABASE_URL="+c.db.url)
	if err != nil {
		return err
	}
	defer open.stop()
	op := byID(c.options)
	var p pair
	if p.open, p.signedIn, err = c.measureInTurn(ctx, contestant{open, op}, contestant{erp, op.signedIn(c.token)}); err != nil {
		return err
	}
	c.sessions = append(c.sessions, p)
	fmt.Fprintf(c.progress, "  %-12s open    %6.0f/s  signed in %6.0f/s\n", op.title, p.open.rate, p.signedIn.rate)
	return nil
}

func (c *contest) measurePgbench(ctx context.Context, op operation) (sample, error) {
	none := sample{math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	if c.pgbench == "" {
		return none, nil
	}
	if err := c.db.settle(ctx); err != nil {
		return none, err
	}
	if _, err := c.pgbench.run(ctx, c.dir, c.db.url, op, c.connections, c.warmup); err != nil {
		return none, err
	}
	database := cpuOfTree(c.db.postmaster)
	begun := time.Now()
	rate, err := c.pgbench.run(ctx, c.dir, c.db.url, op, c.connections, c.duration)
	if err != nil {
		return none, err
	}
	if rate == 0 {
		return none, fmt.Errorf("pgbench did nothing within %s: give it a longer -duration", c.duration)
	}
	s := none
	s.rate = rate
	s.postgres = micros(cpuOfTree(c.db.postmaster)-database, rate*time.Since(begun).Seconds())
	return s, nil
}

// contestant is a server that is asked for an operation.
type contestant struct {
	server *process
	op     operation
}

// measureInTurn measures two contestants, which take turns until each was under load for the whole duration.
func (c *contest) measureInTurn(ctx context.Context, a, b contestant) (ofA, ofB sample, err error) {
	ta, tb := &tally{contestant: a}, &tally{contestant: b}
	order := []*tally{ta, tb}
	if err := c.db.settle(ctx); err != nil {
		return sample{}, sample{}, err
	}
	for _, t := range order {
		if _, _, err := load(ctx, t.server.addr, t.op, c.connections, c.warmup); err != nil {
			return sample{}, sample{}, err
		}
	}
	for spent := time.Duration(0); spent < c.duration; spent += turn {
		for _, t := range order {
			if err := t.add(ctx, c); err != nil {
				return sample{}, sample{}, err
			}
		}
		slices.Reverse(order) // neither is always the one behind the other
	}
	return ta.sample(), tb.sample(), nil
}

// tally adds up the turns of one contestant.
type tally struct {
	contestant
	answers             int
	took, cpu, database time.Duration
	objects, bytes      float64
}

func (t *tally) add(ctx context.Context, c *contest) error {
	defer t.server.forgetLog()
	objects, bytes, err := allocated(ctx, t.server)
	if err != nil {
		return err
	}
	cpu, database := cpuOf(t.server.cmd.Process.Pid), cpuOfTree(c.db.postmaster)
	answers, took, err := load(ctx, t.server.addr, t.op, c.connections, turn)
	if err != nil {
		return err
	}
	t.cpu += cpuOf(t.server.cmd.Process.Pid) - cpu
	t.database += cpuOfTree(c.db.postmaster) - database
	objectsAfter, bytesAfter, err := allocated(ctx, t.server)
	if err != nil {
		return err
	}
	t.answers, t.took = t.answers+answers, t.took+took
	t.objects, t.bytes = t.objects+objectsAfter-objects, t.bytes+bytesAfter-bytes
	return nil
}

func (t *tally) sample() sample {
	answers := float64(t.answers)
	return sample{
		rate: answers / t.took.Seconds(), cpu: micros(t.cpu, answers), postgres: micros(t.database, answers),
		allocs: t.objects / answers, bytes: t.bytes / answers,
	}
}

// micros is a CPU time divided by requests, in us; NaN where there is no /proc to read it from.
func micros(cpu time.Duration, requests float64) float64 {
	if cpu <= 0 {
		return math.NaN()
	}
	return cpu.Seconds() * 1e6 / requests
}

// startsOnOwnDatabase starts the server on the database that it brings along, which the first start makes, and gives
// how long the starts after that one took.
func startsOnOwnDatabase(ctx context.Context, o options, dir string) ([]time.Duration, error) {
	var took []time.Duration
	for n := range o.starts + 1 {
		erp, err := startErp(ctx, o, dir, "DATA_DIR="+filepath.Join(dir, "own"))
		if err != nil {
			return nil, err
		}
		erp.stop()
		if n > 0 {
			took = append(took, erp.took)
		}
	}
	return took, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
