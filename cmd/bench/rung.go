package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	leastUsers       = 1_000
	departmentsEach  = 50 // of an organization
	usersEach        = 10 // of a department, on average
	copiedUpTo       = 100_000
	readersTokenLife = 12 * time.Hour
)

// treeSizes are the departments of the organizations that each rung has besides the others. They have no users.
func treeSizes() []int { return []int{100, 1_000, 10_000} }

// rung is a database of a number of users with all else in proportion. It is made once for a run.
type rung struct {
	users int
	side  *sideDatabase
	who   readers
	facts
}

// facts are what requests are made of.
type facts struct {
	alive   []int64  // users that are not deleted
	names   []string // of some users, and their emails
	emails  []string
	member  int64             // the role
	rare    int64             // a role that few have
	pages   map[string]string // the cursors of deep pages, by title: they are the same in each round
	granted atomic.Int64      // how many grants were made
}

func (r *rung) departments() int   { return r.users / usersEach }
func (r *rung) organizations() int { return r.departments() / departmentsEach }

// treeOf returns the organization with the tree of a size.
func (r *rung) treeOf(size int) int {
	for n, s := range treeSizes() {
		if s == size {
			return r.organizations() + 1 + n
		}
	}
	return 0
}

// firstOfTree returns the first department of the tree of a size; the others follow it.
func (r *rung) firstOfTree(size int) int {
	first := r.departments() + 1
	for _, s := range treeSizes() {
		if s == size {
			break
		}
		first += s
	}
	return first
}

// readers are the users who send the ladder's requests.
type readers struct {
	administrator int64
	scoped        map[int]int64 // by how many departments they may see
}

// scopes are how many departments a reader may see, with everything below them; 0 is the whole system.
func scopes() []int { return []int{0, 1, 50, 500} }

// has reports whether the rung has enough departments for a reader of so many.
func (r *rung) has(scope int) bool { return scope < r.departments() }

// ladder is the rungs that were made.
type ladder struct{ rungs map[int]*rung }

// rung returns the rung of so many users, and makes it the first time.
func (b *bench) rung(ctx context.Context, users int) (*rung, error) {
	if r := b.ladder.rungs[users]; r != nil {
		return r, nil
	}
	begun := time.Now()
	side, err := b.db.createSide(ctx, fmt.Sprintf("erp_bench_rung_%d", users))
	if err != nil {
		return nil, err
	}
	r := &rung{users: users, side: side, facts: facts{pages: map[string]string{}}}
	if b.ladder.rungs == nil {
		b.ladder.rungs = map[int]*rung{}
	}
	b.ladder.rungs[users] = r
	if err := b.fillRung(ctx, r); err != nil {
		return nil, err
	}
	fmt.Fprintf(b.progress, "a rung of %d users was made in %s\n", users, time.Since(begun).Round(time.Second))
	return r, nil
}

// fresh returns a database as the rung was when it was made: a copy, which the caller drops. A rung so large that what a
// round adds to it does not matter is used as it is.
func (b *bench) fresh(ctx context.Context, r *rung) (side *sideDatabase, drop func() error, err error) {
	if r.users > copiedUpTo {
		return r.side, func() error { return nil }, nil
	}
	if side, err = b.db.copySide(ctx, r.side, r.side.name+"_copy"); err != nil {
		return nil, nil, err
	}
	return side, side.drop, nil
}

// drop deletes the rungs.
func (l *ladder) drop() error {
	var errs []error
	for _, r := range l.rungs {
		errs = append(errs, r.side.drop())
	}
	return errors.Join(errs...)
}

// signedIn returns callers of a server on a copy of the rung, each with a session that began now.
func (r *rung) signedIn(ctx context.Context, side *sideDatabase, server *process) (map[int]caller, error) {
	order, ids := scopes(), []int64{}
	for _, scope := range order {
		if scope == 0 {
			ids = append(ids, r.who.administrator)
		} else if id, ok := r.who.scoped[scope]; ok {
			ids = append(ids, id)
		}
	}
	all, err := side.sessions(ctx, ids)
	if err != nil {
		return nil, err
	}
	callers, client := map[int]caller{}, newClient(server.addr, 1)
	for i, u := range all {
		callers[order[i]] = caller{client, u.token}
	}
	return callers, nil
}

// exec runs statements that fill a database.
func (s *sideDatabase) exec(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := s.conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("fill the database %s: %w", s.name, err)
		}
	}
	return nil
}

// column reads texts or ids of a sample of rows.
func column[T any](ctx context.Context, side *sideDatabase, query string, args ...any) ([]T, error) {
	rows, _ := side.conn.Query(ctx, query, args...)
	all, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		return nil, fmt.Errorf("read from the database %s: %w", side.name, err)
	}
	return all, nil
}
