package passwords

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/errs"
)

func stranger(n int) ports.Source { return ports.SourceNetwork(fmt.Append(nil, n), false) }

func (t *ticket) wasCalled() bool {
	select {
	case <-t.called:
		return true
	default:
		return false
	}
}

// crowd joins n tickets of each source.
func crowd(q *queue, n int, sources ...ports.Source) (all []*ticket) {
	for _, s := range sources {
		for range n {
			all = append(all, q.join(s))
		}
	}
	return all
}

func strangers(n int) (all []ports.Source) {
	for i := range n {
		all = append(all, stranger(i))
	}
	return all
}

// order ends one hash after the other, and gives the sources in the order in which it was their turn.
func order(q *queue, tickets []*ticket) (keys []string) {
	ended := map[*ticket]bool{}
	for {
		i := slices.IndexFunc(tickets, func(t *ticket) bool { return t != nil && !ended[t] && t.wasCalled() && !t.refused })
		if i < 0 {
			return keys
		}
		keys = append(keys, tickets[i].of.Key)
		ended[tickets[i]] = true
		q.leave(tickets[i], time.Millisecond)
	}
}

// A flood of one source waits behind itself.
func TestQueue_sourcesTakeTurns(t *testing.T) {
	t.Parallel()
	q := newQueue(1, 100)
	tickets := crowd(q, 50, stranger(0))
	tickets = append(tickets, crowd(q, 1, stranger(1), stranger(2), stranger(3))...)
	keys := order(q, tickets)
	for n := range 3 {
		if at := slices.Index(keys, stranger(n+1).Key); at > 4 {
			t.Errorf("source %d was the %dth", n+1, at+1)
		}
	}
	if len(keys) != 53 {
		t.Errorf("%d of 53 were computed", len(keys))
	}
}

// A flood of strangers from many networks leaves those who are known their places and turns, and the other way around.
func TestQueue_eachLineHasItsShare(t *testing.T) {
	t.Parallel()
	const places = 100
	q := newQueue(1, places)
	flood := crowd(q, 1, strangers(1000)...)
	var known []*ticket
	for n := range places / 2 {
		known = append(known, q.join(ports.SourceUser(domain.UserID(n))))
	}
	if slices.Contains(known, nil) {
		t.Fatal("somebody who is known found no place")
	}
	if q.join(ports.SourceUser(places)) != nil {
		t.Error("more than the share of those who are known")
	}
	keys := order(q, append(flood, known...))
	if len(keys) != 1+places {
		t.Errorf("%d were computed", len(keys))
	}
	last := 0
	for i, key := range keys {
		if key[0] == 'u' {
			last = i
		}
	}
	if last > places/2*strangersTurn/(strangersTurn-1)+1 {
		t.Errorf("the last one who is known was the %dth", last)
	}
	if first := slices.IndexFunc(keys[1:], func(key string) bool { return key[0] == 'n' }); first > strangersTurn {
		t.Errorf("strangers waited for %d turns", first)
	}

	q = newQueue(1, places)
	crowd(q, 1, ports.SourceUser(0))
	for n := range 1000 {
		q.join(ports.SourceUser(domain.UserID(n)))
	}
	if tickets := crowd(q, 1, strangers(places/2)...); slices.Contains(tickets, nil) {
		t.Error("strangers found no place beside a flood of those who are known")
	}
}

// One source may have the whole queue while nobody else needs it, and gives way to those who do.
func TestQueue_theLongestGivesWay(t *testing.T) {
	t.Parallel()
	q := newQueue(1, 10)
	flood := crowd(q, 11, stranger(0))
	if slices.Contains(flood, nil) || q.join(stranger(0)) != nil {
		t.Fatal("it does not have ten places")
	}
	others := crowd(q, 1, strangers(6)[1:]...)
	if slices.Contains(others, nil) {
		t.Error("others found no place")
	}
	if refused := flood[10]; !refused.refused || !flood[6].refused || flood[5].refused {
		t.Error("not the last five gave way")
	}
}

func TestQueue_twoAtOnceForAPerson(t *testing.T) {
	t.Parallel()
	q := newQueue(8, 100)
	tickets := crowd(q, 8, ports.SourceUser(1))
	called := func() (n int) {
		for _, ticket := range tickets {
			if ticket.wasCalled() {
				n++
			}
		}
		return n
	}
	if called() != 2 {
		t.Errorf("%d at once", called())
	}
	if other := q.join(ports.SourceUser(2)); !other.wasCalled() {
		t.Error("another person waits, with cores to spare")
	}
	if keys := order(q, tickets); len(keys) != 8 {
		t.Errorf("%d of 8 were computed", len(keys))
	}
}

// The refusal says when the queue will have been worked off.
func TestQueue_retryAfter(t *testing.T) {
	t.Parallel()
	q := newQueue(2, 100)
	q.took = 200 * time.Millisecond
	crowd(q, 102, stranger(0))
	_, err := q.enter(t.Context(), stranger(0))
	var busy *errs.Error
	if !errors.As(err, &busy) || !errors.Is(err, domain.ErrTooBusy) || busy.RetryAfter != 10*time.Second {
		t.Errorf("got %v", err)
	}
}

// Whatever comes, goes and leaves: the bounds hold, no core is idle while somebody waits, each source is served in order,
// nobody in its line has two turns while it waits for one, and nothing is left behind.
func TestQueue_properties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue(rapid.IntRange(1, 4).Draw(t, "cores"), rapid.IntRange(0, 9).Draw(t, "places"))
		var waiting, running []*ticket
		served := map[*ticket]map[string]int{} // of each ticket that waits, the turns of other sources meanwhile
		settle := func() {
			for i := 0; i < len(waiting); {
				w := waiting[i]
				if !w.wasCalled() {
					i++
					continue
				}
				waiting = slices.Delete(waiting, i, i+1)
				delete(served, w)
				if w.refused {
					continue
				}
				running = append(running, w)
				for _, other := range waiting {
					if other.of == w.of && slices.Index(waiting, other) < i {
						t.Fatal("a source was not served in order")
					}
					if other.of.line != w.of.line || other.of == w.of || other.of.AtOnce > 0 || other != other.of.waiting[0] {
						continue
					}
					if served[other][w.of.Key]++; served[other][w.of.Key] > 1 {
						t.Fatal("a source had two turns while another one waited")
					}
				}
			}
		}
		pick := func(from *[]*ticket) *ticket {
			i := rapid.IntRange(0, len(*from)-1).Draw(t, "which")
			picked := (*from)[i]
			*from = slices.Delete(*from, i, i+1)
			return picked
		}
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				n := rapid.IntRange(0, 3).Draw(t, "source")
				s := rapid.SampledFrom([]ports.Source{stranger(n), ports.SourceUser(domain.UserID(n)), ports.SourceNetwork(fmt.Append(nil, n), true)}).Draw(t, "of")
				full, own, line := q.known.waiting+q.unknown.waiting == q.places, 0, &q.unknown
				if s.Known {
					line = &q.known
				}
				if active := line.active[s.Key]; active != nil {
					own = len(active.waiting)
				}
				joined := q.join(s)
				if joined == nil && (!full || line.waiting < line.share) {
					t.Fatal("refused with a place to have")
				}
				if longest := line.longest(); joined == nil && longest != nil && len(longest.waiting) > own+1 {
					t.Fatal("refused while another source has two more")
				}
				if joined != nil {
					waiting, served[joined] = append(waiting, joined), map[string]int{}
				}
			},
			"end": func(t *rapid.T) {
				if len(running) > 0 {
					q.leave(pick(&running), time.Millisecond)
				}
			},
			"leave while waiting": func(t *rapid.T) {
				if len(waiting) > 0 {
					q.abandon(pick(&waiting))
				}
			},
			"leave when called": func(t *rapid.T) {
				if len(running) > 0 {
					q.abandon(pick(&running))
				}
			},
			"": func(t *rapid.T) {
				settle()
				if q.running != len(running) || q.running > q.cores || q.known.waiting+q.unknown.waiting != len(waiting) || len(waiting) > q.places {
					t.Fatalf("%d run on %d cores (%d), %d wait in %d places", q.running, q.cores, len(running), len(waiting), q.places)
				}
				eligible := false
				for _, l := range []*line{&q.known, &q.unknown} {
					for key, s := range l.active {
						if s.AtOnce > 0 && s.running > s.AtOnce || s.running+len(s.waiting) == 0 || s.Key != key {
							t.Fatalf("%s: %d run, %d wait", key, s.running, len(s.waiting))
						}
						eligible = eligible || len(s.waiting) > 0 && !s.busy()
					}
				}
				if eligible && q.running < q.cores {
					t.Fatal("a core is idle while somebody waits")
				}
			},
		})
		for settle(); len(running) > 0; settle() {
			q.leave(pick(&running), time.Millisecond)
		}
		if len(waiting)+q.running+len(q.known.active)+len(q.unknown.active)+len(q.known.sources)+len(q.unknown.sources) != 0 {
			t.Fatal("something was left behind")
		}
	})
}

// Callers that come and go at once, with hashes that are computed.
func TestHasher_bounded(t *testing.T) {
	t.Parallel()
	h := quick(40)
	var mu sync.Mutex
	outcomes := map[string]int{}
	var all sync.WaitGroup
	for n := range 400 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(ports.WithSource(t.Context(), stranger(n%7)))
			if n%3 == 0 {
				go cancel()
			}
			defer cancel()
			_, err := h.Hash(ctx, "secret123")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				outcomes["hash"]++
			case errors.Is(err, domain.ErrTooBusy):
				outcomes["busy"]++
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if outcomes["hash"] == 0 || outcomes["hash"]+outcomes["busy"] != 400 {
		t.Errorf("got %v", outcomes)
	}
	if h.queue.cores != runtime.GOMAXPROCS(0) || h.queue.running != 0 || len(h.queue.unknown.active) != 0 {
		t.Errorf("%+v", h.queue)
	}
	if _, err := h.Hash(t.Context(), "secret123"); err != nil {
		t.Errorf("once there is room: %v", err)
	}
}

// Who waits leaves the queue with its caller.
func TestHasher_callerLeavesWhileWaiting(t *testing.T) {
	t.Parallel()
	h := quick(3)
	running := crowd(h.queue, h.queue.cores, stranger(0))
	waiting, gone := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := h.Hash(waiting, "secret123"); !errors.Is(err, domain.ErrTooBusy) || !errors.Is(err, context.Canceled) {
				t.Errorf("one that waited until its caller went: %v", err)
			}
		})
	}
	for h.queue.waits() < 3 {
		runtime.Gosched()
	}
	if _, err := h.Hash(t.Context(), "secret123"); !errors.Is(err, domain.ErrTooBusy) {
		t.Errorf("one too many: %v", err)
	}
	gone()
	all.Wait()
	if n := h.queue.waits(); n != 0 {
		t.Errorf("%d wait still", n)
	}
	order(h.queue, running)
	if _, err := h.Hash(t.Context(), "secret123"); err != nil {
		t.Errorf("once there is room: %v", err)
	}
}

func (q *queue) waits() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.known.waiting + q.unknown.waiting
}
