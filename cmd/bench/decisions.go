package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"go.uber.org/zap"

	"erp.internal/platform/pg"

	"erp.internal/cmd/bench/report"
)

const (
	decisionsDatabase = "erp_bench_decisions"
	statementTimeout  = 10 * time.Second // as it is in the server by default
)

// Whose decisions are measured: each range of users is asked about in one measurement only, but that those who were held
// to read the memory are then asked about again.
const (
	firstScout, scouts     = 1, 1_000 // their questions load the trees and the roles
	firstHeld, heldUsers   = 2_001, 10_000
	firstNever, neverUsers = 50_001, 2_000
)

const (
	heldQuestions = 1_000  // of each kind: about as many users as are at work in the same moment
	manyQuestions = 10_000 // about more users than a core's own caches hold
	heldRuns      = 5      // of each kind, in turn
)

// decisions are what decisions about what somebody may do take.
type decisions struct {
	held            []heldKind
	first, lookups  []time.Duration // first decisions about users, and queries by a primary key
	unheld, holding uint64          // bytes of the heap before and after heldUsers were held
	casbin          casbinFigures
}

// heldKind is decisions of one kind, from memory.
type heldKind struct {
	title       string
	questions   []asked
	each        []float64 // ns, by run
	allocations int64     // the most of any run
}

// measureDecisions measures in this process, on a database of its own.
func (b *bench) measureDecisions(ctx context.Context, s *report.Section) (err error) {
	fmt.Fprintf(b.progress, "  %-12s %d grants are stored\n", "decisions", policyGrants)
	side, err := b.db.createSide(ctx, decisionsDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	db, err := pg.Open(ctx, pg.Settings{URL: pg.URL(side.url), StatementTimeout: statementTimeout, ListTimeout: statementTimeout}, zap.NewNop())
	if err != nil {
		return err
	}
	defer db.Close()
	d, err := newDecider(db)
	if err != nil {
		return err
	}
	p := newPolicy(d.catalogue)
	if err := storePolicy(ctx, side.conn, p); err != nil {
		return err
	}
	if err := b.db.settle(ctx); err != nil {
		return err
	}
	q := newQuestioner(p, d.catalogue)
	stop, err := d.follow(ctx, ask(ctx, q.aboutEach(firstScout, 1))[0])
	if err != nil {
		return err
	}
	defer stop()
	if err := d.answerAll(ask(ctx, q.aboutEach(firstScout, scouts))); err != nil {
		return err
	}
	found := decisions{}
	if err := found.measure(ctx, b, d, db, q); err != nil {
		return err
	}
	found.report(s)
	return nil
}

func (m *decisions) measure(ctx context.Context, b *bench, d *decider, db *pg.DB, q *questioner) error {
	if err := m.readMemory(d, ask(ctx, q.aboutEach(firstHeld, heldUsers))); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "  %-12s %d users are held in %s\n", "decisions", heldUsers, mebibytes(m.grown()))
	if err := m.timeFirst(d, db, ask(ctx, q.aboutEach(firstNever, neverUsers))); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "  %-12s first %s  primary key %s\n", "decisions", report.Median(m.first), report.Median(m.lookups))
	if err := m.timeHeld(ctx, d, q); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "  %-12s held %.0f ns; casbin loads\n", "decisions", report.Median(m.held[0].each))
	var err error
	m.casbin, err = measureCasbin(ctx, d, q.policy, m.held[0].questions)
	return err
}

// grown is how many bytes of the heap heldUsers take.
func (m *decisions) grown() uint64 { return m.holding - min(m.unheld, m.holding) }

// readMemory reads how the heap grows when decisions about each of these users are made, of whom nothing is held.
func (m *decisions) readMemory(d *decider, questions []asked) error {
	m.unheld = heap()
	if err := d.answerAll(questions); err != nil {
		return err
	}
	m.holding = heap()
	runtime.KeepAlive(questions)
	return nil
}

// heap is how many bytes of it are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what pools keep survives the first
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// timeFirst times the first decision about each user, and in turn the query of the user's row by its primary key.
func (m *decisions) timeFirst(d *decider, db *pg.DB, questions []asked) error {
	byID := pg.Reads("load user", pg.Build.Select("id", "email", "full_name", "is_active", "version").From("identity.users").Where("id = ?"))
	lookUp := func(a asked) error {
		type user struct {
			id, version int64
			email, name string
			active      bool
		}
		u, err := pg.One(a.caller, db, byID.With(a.user), func(u *user) []any { return []any{&u.id, &u.email, &u.name, &u.active, &u.version} }, nil)
		if err == nil && u.id != a.user {
			return fmt.Errorf("user %d was not asked for", u.id)
		}
		return err
	}
	for n, a := range questions {
		decideFirst := n%2 == 0 // neither is always the one behind the other
		if !decideFirst {
			if err := timed(&m.lookups, lookUp, a); err != nil {
				return err
			}
		}
		if err := timed(&m.first, d.answer, a); err != nil {
			return err
		}
		if decideFirst {
			if err := timed(&m.lookups, lookUp, a); err != nil {
				return err
			}
		}
	}
	return nil
}

func timed(took *[]time.Duration, do func(asked) error, a asked) error {
	begun := time.Now()
	err := do(a)
	*took = append(*took, time.Since(begun))
	return err
}

// timeHeld times decisions about users of whom everything is held.
func (m *decisions) timeHeld(ctx context.Context, d *decider, q *questioner) error {
	for _, kind := range []struct {
		title  string
		wanted func(outcome) bool
		so     int
	}{
		{"as they come", func(outcome) bool { return true }, heldQuestions},
		{"allowed for the organization", func(o outcome) bool { return o == byOrganization }, heldQuestions},
		{"allowed for a department above", func(o outcome) bool { return o == byDepartmentAbove }, heldQuestions},
		{"refused", func(o outcome) bool { return o == byNothing }, heldQuestions},
		{"as they come", func(outcome) bool { return true }, manyQuestions},
	} {
		m.held = append(m.held, heldKind{title: kind.title, questions: ask(ctx, q.aboutAny(firstHeld, heldUsers, kind.wanted, kind.so))})
	}
	for range heldRuns {
		for i := range m.held {
			if err := m.held[i].run(d); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return nil
}

// run asks all of the questions again and again for a second.
func (k *heldKind) run(d *decider) error {
	wrong := 0
	result := testing.Benchmark(func(b *testing.B) { //nolint:thelper // it is what is measured
		for n := 0; b.Loop(); n++ {
			if n == len(k.questions) {
				n = 0
			}
			if !d.agrees(&k.questions[n]) {
				wrong++
			}
		}
	})
	if wrong > 0 {
		return fmt.Errorf("%d decisions (%s) are not the policy's", wrong, k.title)
	}
	k.each = append(k.each, float64(result.T.Nanoseconds())/float64(result.N))
	k.allocations = max(k.allocations, result.AllocsPerOp())
	return nil
}
