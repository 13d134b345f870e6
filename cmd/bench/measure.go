package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"erp.internal/cmd/bench/report"
)

// sample is one measurement; what could not be measured is NaN.
type sample struct {
	rate     float64 // requests/s
	p50, p99 float64 // ms until a request was answered
	cpu      float64 // us of the server process for each request
	postgres float64 // us of all of PostgreSQL's processes for each request
	allocs   float64 // objects that the server process allocated for each request
	bytes    float64 // and how large they were
}

// unmeasured is a sample of nothing.
func unmeasured() sample {
	nan := math.NaN()
	return sample{nan, nan, nan, nan, nan, nan, nan}
}

// record adds a round to the figures of a request.
func (m sample) record(s *report.Section, id report.ID) {
	for kind, value := range m.kinds() {
		id.Kind = kind
		s.Record(id, value)
	}
}

func (m sample) kinds() map[report.Kind]float64 {
	return map[report.Kind]float64{
		report.Rate: m.rate, report.P50: m.p50, report.P99: m.p99, report.CPU: m.cpu, report.Database: m.postgres,
		report.Objects: m.allocs, report.Bytes: m.bytes,
	}
}

// turn is how long a server is under load before the other one is: short, so that other processes of the machine affect
// both alike.
const turn = 500 * time.Millisecond

// contestant is a server that is asked for an operation.
type contestant struct {
	server *process
	op     operation
}

// measureInTurn measures contestants, which take turns until each was under load for the whole duration. Before that, each
// is under load for the time of -warmup, which does not count.
func (b *bench) measureInTurn(ctx context.Context, connections int, duration time.Duration, of ...contestant) ([]sample, error) {
	if err := b.db.settle(ctx); err != nil {
		return nil, err
	}
	tallies := make([]*tally, len(of))
	for i, one := range of {
		tallies[i] = &tally{contestant: one}
		if _, err := load(ctx, one.server.addr, one.op, connections, min(b.warmup, duration)); err != nil {
			return nil, err
		}
	}
	order := slices.Clone(tallies)
	for spent := time.Duration(0); spent < duration; spent += turn {
		for _, t := range order {
			if err := t.add(ctx, b.db, connections, min(turn, duration)); err != nil {
				return nil, err
			}
		}
		slices.Reverse(order) // neither is always the one behind the other
	}
	samples := make([]sample, len(of))
	for i, t := range tallies {
		samples[i] = t.sample()
	}
	return samples, nil
}

// tally adds up the turns of one contestant.
type tally struct {
	contestant
	answers       answers
	cpu, database time.Duration
	objects       float64
	bytes         float64
}

func (t *tally) add(ctx context.Context, db *database, connections int, duration time.Duration) error {
	defer t.server.forgetLog()
	objects, bytes, err := allocated(ctx, t.server)
	if err != nil {
		return err
	}
	cpu, database := cpuOf(t.server.cmd.Process.Pid), cpuOfTree(db.postmaster)
	got, err := load(ctx, t.server.addr, t.op, connections, duration)
	if err != nil {
		return err
	}
	t.cpu += cpuOf(t.server.cmd.Process.Pid) - cpu
	t.database += cpuOfTree(db.postmaster) - database
	objectsAfter, bytesAfter, err := allocated(ctx, t.server)
	if err != nil {
		return err
	}
	t.answers.add(got)
	t.objects, t.bytes = t.objects+objectsAfter-objects, t.bytes+bytesAfter-bytes
	return nil
}

func (t *tally) sample() sample {
	n := float64(len(t.answers.each))
	if n == 0 {
		return unmeasured()
	}
	return sample{
		rate: n / t.answers.took.Seconds(), p50: t.answers.percentile(50), p99: t.answers.percentile(99),
		cpu: micros(t.cpu, n), postgres: micros(t.database, n), allocs: t.objects / n, bytes: t.bytes / n,
	}
}

// micros is a CPU time divided by requests, in us; NaN where there is no /proc to read it from.
func micros(cpu time.Duration, requests float64) float64 {
	if cpu <= 0 {
		return math.NaN()
	}
	return cpu.Seconds() * 1e6 / requests
}

// measurePgbench measures contender (a) of an operation; without the program, nothing.
func (b *bench) measurePgbench(ctx context.Context, url string, op operation, duration time.Duration) (sample, error) {
	found := unmeasured()
	if b.pgbench == "" || op.statement == "" {
		return found, nil
	}
	if err := b.db.settle(ctx); err != nil {
		return found, err
	}
	if _, err := b.pgbench.run(ctx, b.dir, url, op, b.connections, b.warmup); err != nil {
		return found, err
	}
	database := cpuOfTree(b.db.postmaster)
	begun := time.Now()
	rate, err := b.pgbench.run(ctx, b.dir, url, op, b.connections, duration)
	if err != nil {
		return found, err
	}
	if rate == 0 {
		return found, fmt.Errorf("pgbench did nothing within %s: give it longer", duration)
	}
	found.rate = rate
	found.postgres = micros(cpuOfTree(b.db.postmaster)-database, rate*time.Since(begun).Seconds())
	return found, nil
}

// milliseconds is a time as a figure.
func milliseconds(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1e3) }

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
