package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"erp.internal/cmd/bench/report"
)

const (
	noisyClients    = 64
	starvationSteps = 8                      // how many times as long as a request of the ladder each is measured
	noiseLead       = 500 * time.Millisecond // how long the noise goes on before

	starvedMedian = 3.0  // how many times as long as without noise p50 may be
	starvedTail   = 10.0 // and p99
)

// crowding is what 64 clients ask for while another one reads by id.
type crowding struct {
	title string
	paths []string
}

func crowdings(r *rung) []crowding {
	search := []string{"/users/?q=" + url.QueryEscape("쀍뙗") + "{n}"} // another text each time, so that no answer is another's
	var lists []string
	for _, sort := range []string{"id", "full_name", "-created_at", "email", "updated_at"} {
		lists = append(lists, "/users/?limit=100&sort="+sort)
	}
	tree := []string{fmt.Sprintf("/organizations/%d/tree", r.treeOf(10_000))}
	all := make([]string, 0, 3*len(lists))
	for _, list := range lists {
		all = append(all, search[0], list, tree[0])
	}
	return []crowding{
		{"search for what is absent", search},
		{"list users", lists},
		{"ask for the largest tree", tree},
		{"do all three", all},
	}
}

// measureStarvation reads users by id on one connection, with and without the noise of others, in turn.
func (b *bench) measureStarvation(ctx context.Context, s *report.Section) error {
	r, err := b.rung(ctx, b.rungs[len(b.rungs)-1])
	if err != nil {
		return err
	}
	others := make([]map[string]map[int]int, 0, b.rounds)
	for n := range b.rounds {
		answered, err := b.starve(ctx, s, r, n)
		if err != nil {
			return err
		}
		others = append(others, answered)
	}
	reportStarvation(s, r, others[len(others)-1], b.step*starvationSteps)
	return nil
}

// starve is one round, on a fresh server.
func (b *bench) starve(ctx context.Context, s *report.Section, r *rung, n int) (others map[string]map[int]int, err error) {
	side, drop, err := b.fresh(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() {
		if dropErr := drop(); err == nil {
			err = dropErr
		}
	}()
	tokens, err := side.readers(ctx, fmt.Sprintf("noisy-%d", n), noisyClients)
	if err != nil {
		return nil, err
	}
	others = map[string]map[int]int{}
	err = b.withErp(ctx, side, func(erp *process) error {
		callers, err := r.signedIn(ctx, side, erp)
		if err != nil {
			return err
		}
		defer callers[0].client.CloseIdleConnections()
		op := operation{
			title: "GET user", status: http.StatusOK, check: holdsJSON,
			prepare: get(func(chance *rand.Rand) string { return fmt.Sprintf("/users/%d", r.anyUser(chance)) }),
		}.signedIn(callers[0].token)
		for _, crowd := range crowdings(r) {
			if err := b.readAmong(ctx, s, r, erp, op, crowd.title, nil); err != nil {
				return err
			}
			noise, err := startNoise(noise{erp.addr, crowd.paths, tokens})
			if err != nil {
				return err
			}
			err = b.readAmong(ctx, s, r, erp, op, crowd.title, noise)
			statuses, stopErr := noise.stop()
			if err != nil {
				return err
			}
			if stopErr != nil {
				return stopErr
			}
			others[crowd.title] = statuses
			erp.forgetLog()
		}
		return nil
	})
	fmt.Fprintf(b.progress, "starvation: round %d of %d\n", n+1, b.rounds)
	return others, err
}

// readAmong measures the reads by id; noise of nil is none.
func (b *bench) readAmong(ctx context.Context, s *report.Section, r *rung, erp *process, op operation, title string, noise *noisy) error {
	if noise != nil {
		if err := pause(ctx, noiseLead); err != nil {
			return err
		}
	}
	got, err := load(ctx, erp.addr, op, 1, b.step*starvationSteps)
	if err != nil {
		return err
	}
	for kind, p := range map[report.Kind]float64{report.P50: 50, report.P99: 99} {
		id := amongID(r, title, noise != nil)
		id.Kind = kind
		s.Record(id, got.percentile(p))
	}
	return nil
}

func amongID(r *rung, title string, among bool) report.ID {
	name := "GET user, before 64 clients " + title
	if among {
		name = "GET user, while 64 clients " + title
	}
	return report.ID{Name: name, Group: "starvation", Of: report.Erp, Users: r.users, Connections: 1}
}

func reportStarvation(s *report.Section, r *rung, others map[string]map[int]int, duration time.Duration) {
	s.Note("GET user by id on one connection, of %s users, before and while %d clients of as many users send requests without a pause; %s each. A client that is refused waits %s.",
		power(r.users), noisyClients, duration, refusedPause)
	t := s.Table("while 64 clients", "p50 before", "meanwhile", "times", "target", "", "p99 before", "meanwhile", "times", "target", "", "answers to the 64 in the last round")
	for _, crowd := range crowdings(r) {
		row := []string{crowd.title}
		for _, kind := range []struct {
			kind  report.Kind
			times float64
		}{{report.P50, starvedMedian}, {report.P99, starvedTail}} {
			quiet, among := amongID(r, crowd.title, false), amongID(r, crowd.title, true)
			quiet.Kind, among.Kind = kind.kind, kind.kind
			before, meanwhile := s.Of(quiet), s.Of(among)
			row = append(row, report.Number("%.2f ms", before), report.Number("%.2f ms", meanwhile), report.Number("%.1f", meanwhile/before),
				fmt.Sprintf("<= %.0f", kind.times), t.Verdict(crowd.title+", "+string(kind.kind), meanwhile <= kind.times*before))
		}
		t.Row(append(row, byStatus(others[crowd.title]))...)
	}
}

// byStatus writes how many answers there were of each status.
func byStatus(statuses map[int]int) string {
	var all []string
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		name := fmt.Sprint(status)
		if status == 0 {
			name = "none"
		}
		all = append(all, fmt.Sprintf("%s: %d", name, statuses[status]))
	}
	return strings.Join(all, ", ")
}
