package main

import (
	"context"
	"fmt"
	"time"

	"erp.internal/cmd/bench/report"
)

// contest is the rounds in which pgbench, the bare handler and the server answer the same requests, and what they gave.
type contest struct {
	*bench
	token      string             // of the administrator's session
	samples    map[string][]round // by operation
	sessions   []pair             // GET by id
	starts     []time.Duration    // of the server with DATABASE_URL, to ready
	idleMemory []int64            // in bytes, of a server that has done nothing yet
	loadMemory []int64            // of the same one after its round
	pool       int
}

// round is one operation measured with each contender in turn.
type round struct{ pgbench, bare, erp sample }

// pair is one operation measured on an open server without a session and on a closed one with a session, in turn.
type pair struct{ open, signedIn sample }

// signedInName is what -only calls the comparison with a server that asks for no session.
const signedInName = "signed-in"

// contestNames are what -only takes of the contest.
func contestNames() []string {
	var all []string
	for _, op := range operations(0) {
		all = append(all, op.name)
	}
	return append(all, signedInName)
}

// measureContest measures the contenders in rounds.
func (b *bench) measureContest(ctx context.Context, s *report.Section) error {
	c := contest{bench: b, samples: map[string][]round{}}
	if err := c.enter(ctx); err != nil {
		return err
	}
	for n := range c.rounds {
		if err := c.round(ctx, n); err != nil {
			return err
		}
	}
	c.report(s)
	return nil
}

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

	for _, op := range operations(c.rows) {
		if !c.wants(op.name) {
			continue
		}
		var r round
		if r.pgbench, err = c.measurePgbench(ctx, c.db.url, op, c.duration); err != nil {
			return err
		}
		both, err := c.measureInTurn(ctx, c.connections, c.duration, contestant{bare, op.ofBare()}, contestant{erp, op.signedIn(c.token)})
		if err != nil {
			return err
		}
		r.bare, r.erp = both[0], both[1]
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
	op := byID(c.rows)
	both, err := c.measureInTurn(ctx, c.connections, c.duration, contestant{open, op}, contestant{erp, op.signedIn(c.token)})
	if err != nil {
		return err
	}
	p := pair{both[0], both[1]}
	c.sessions = append(c.sessions, p)
	fmt.Fprintf(c.progress, "  %-12s open    %6.0f/s  signed in %6.0f/s\n", op.title, p.open.rate, p.signedIn.rate)
	return nil
}
