package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

// writers are how many connections send changes at once, each of another user as far as there are users.
func writers() []int { return []int{1, 8, 32, 128} }

const writingUsers = 64

// measureWrites sends changes on more and more connections, to the server and to the bare handler.
func (b *bench) measureWrites(ctx context.Context, s *report.Section) error {
	r, err := b.rung(ctx, b.rungs[len(b.rungs)-1])
	if err != nil {
		return err
	}
	for n := range b.rounds {
		if err := b.write(ctx, s, r, n); err != nil {
			return err
		}
		fmt.Fprintf(b.progress, "writes: round %d of %d\n", n+1, b.rounds)
	}
	b.reportWrites(s, r)
	return nil
}

// changes are the operations that are measured.
func changes(r *rung) []operation {
	all := []operation{}
	for _, op := range contested(r) {
		if op.title == "POST organization" || op.title == "PUT user" {
			all = append(all, op)
		}
	}
	for _, line := range requests(r) {
		if line.title == "create a user" || line.title == "grant a role" {
			all = append(all, line.operation)
		}
	}
	return all
}

// write is one round, on fresh servers.
func (b *bench) write(ctx context.Context, s *report.Section, r *rung, n int) (err error) {
	side, drop, err := b.fresh(ctx, r)
	if err != nil {
		return err
	}
	defer func() {
		if dropErr := drop(); err == nil {
			err = dropErr
		}
	}()
	tokens, err := side.administrators(ctx, fmt.Sprintf("writer-%d", n), writingUsers)
	if err != nil {
		return err
	}
	return b.withErp(ctx, side, func(erp *process) error {
		pool, err := poolSize(ctx, erp)
		if err != nil {
			return err
		}
		bare, err := startBare(ctx, b.dir, side.url, pool)
		if err != nil {
			return err
		}
		defer bare.stop()
		for _, op := range changes(r) {
			for _, connections := range writers() {
				if err := b.writeOn(ctx, s, r, erp, bare, op, tokens, connections); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// writeOn measures one operation at a number of connections.
func (b *bench) writeOn(ctx context.Context, s *report.Section, r *rung, erp, bare *process, op operation, tokens []string, connections int) error {
	contestants := []contestant{{erp, op.signedInAsAny(tokens)}}
	if op.statement != "" {
		contestants = append(contestants, contestant{bare, op.ofBare()})
	}
	samples, err := b.measureInTurn(ctx, connections, max(contestedSteps*b.step, time.Second).Truncate(time.Second), contestants...)
	if err != nil {
		return err
	}
	id := report.ID{Name: op.title, Group: "writes", Of: report.Erp, Users: r.users, Connections: connections}
	samples[0].record(s, id)
	if len(samples) > 1 {
		id.Kind = report.Ratio
		s.Record(id, samples[0].rate/samples[1].rate)
		id.Of = report.Bare
		samples[1].record(s, id)
	}
	return nil
}

func (b *bench) reportWrites(s *report.Section, r *rung) {
	t := s.Table(fmt.Sprintf("changes of %s users", power(r.users)), "connections", "requests/s (b) bare", "(c) erp", "(c)/(b)", "p50 (b)", "(c)", "p99 (b)", "(c)", "PostgreSQL (b)", "(c)")
	for _, op := range changes(r) {
		for _, connections := range writers() {
			of := func(of string, kind report.Kind) float64 {
				return s.Of(report.ID{Name: op.title, Group: "writes", Of: of, Users: r.users, Connections: connections, Kind: kind})
			}
			ratio := of(report.Erp, report.Ratio)
			if math.IsNaN(of(report.Erp, report.Rate)) {
				continue
			}
			t.Row(op.title, fmt.Sprint(connections), report.Number("%.0f", of(report.Bare, report.Rate)), report.Number("%.0f", of(report.Erp, report.Rate)), report.Number("%.2f", ratio),
				report.Number("%.2f", of(report.Bare, report.P50)), report.Number("%.2f ms", of(report.Erp, report.P50)),
				report.Number("%.2f", of(report.Bare, report.P99)), report.Number("%.2f ms", of(report.Erp, report.P99)),
				report.Number("%.0f", of(report.Bare, report.Database)), report.Number("%.0f us", of(report.Erp, report.Database)))
		}
	}
}

// signedInAsAny is the operation of one of several callers, another one each time.
func (op operation) signedInAsAny(tokens []string) operation {
	anonymous := op.prepare
	op.prepare = func(r *fasthttp.Request, chance *rand.Rand) {
		anonymous(r, chance)
		r.Header.Set(fasthttp.HeaderAuthorization, "Bearer "+tokens[chance.IntN(len(tokens))])
	}
	return op
}
