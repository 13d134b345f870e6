package passwords

import (
	"context"
	"slices"
	"sync"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
)

// queue says whose hash is computed next. As many are computed at once as there are cores, and a bounded number wait. In
// each of its two lines, of known sources and of strangers, the sources take turns, so that one which asks a thousand
// times waits behind itself. Where the queue is full, a source with few waiting takes the place of the last one of the
// source with most; and each line has half of the places, and its share of the turns, whatever happens in the other one.
type queue struct {
	mu      sync.Mutex
	cores   int
	places  int // of those who wait
	running int
	known   line
	unknown line
	turns   int           // that were taken
	took    time.Duration // from the start of a hash to its end, as of late
}

// Of every so many turns one is the strangers', where both lines wait.
const strangersTurn = 4

func newQueue(cores, places int) *queue {
	return &queue{
		cores: cores, places: places, took: 25 * time.Millisecond,
		known: line{share: (places + 1) / 2}, unknown: line{share: places / 2},
	}
}

// line is the sources that wait or run, of one kind.
type line struct {
	sources []*source // those that wait, the next one first
	active  map[string]*source
	waiting int
	share   int // of the places
}

// source is one on whose behalf hashes are computed, in the order in which they were asked for.
type source struct {
	ports.Source
	line    *line
	waiting []*ticket
	running int
}

// ticket is one hash that is to be computed.
type ticket struct {
	of      *source
	called  chan struct{} // closed once it is its turn, or never will be
	refused bool
}

// enter waits for the turn of a source; leave is to be called when its hash is computed.
//
// Errors: domain.ErrTooBusy, also when the caller has gone before it was their turn.
func (q *queue) enter(ctx context.Context, of ports.Source) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, domain.ErrTooBusy.WithCause(err)
	}
	t := q.join(of)
	if t == nil {
		return nil, q.busy()
	}
	select {
	case <-t.called:
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil { // select takes either of two that are ready
		q.abandon(t)
		return nil, domain.ErrTooBusy.WithCause(err)
	}
	if t.refused {
		return nil, q.busy()
	}
	began := time.Now()
	return func() { q.leave(t, time.Since(began)) }, nil
}

// join returns a ticket that was called or waits, nil where there is no place.
func (q *queue) join(of ports.Source) *ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := &q.unknown
	if of.Known {
		l = &q.known
	}
	s := l.active[of.Key]
	if s == nil {
		s = &source{Source: of, line: l}
	}
	t := &ticket{of: s, called: make(chan struct{})}
	idle := q.running < q.cores && !s.busy() // then nobody waits who could be called instead
	if !idle && !q.makePlace(s) {
		return nil
	}
	l.add(t)
	q.call()
	return t
}

// makePlace reports whether there is a place for one more of a source, after it has taken one from another if need be: from
// the other line, where that has more than its share and this one less, else from the source in this line that has most.
func (q *queue) makePlace(s *source) bool {
	if q.known.waiting+q.unknown.waiting < q.places {
		return true
	}
	from, least := s.line, len(s.waiting)+2 // so that a place which changes hands makes things more even
	if from.waiting < from.share {
		from, least = q.other(from), 1
	}
	longest := from.longest()
	if longest == nil || len(longest.waiting) < least {
		return false
	}
	last := longest.waiting[len(longest.waiting)-1]
	from.remove(last)
	last.refused = true
	close(last.called)
	return true
}

func (q *queue) other(l *line) *line {
	if l == &q.known {
		return &q.unknown
	}
	return &q.known
}

// call calls those whose turn it is, as long as there are cores.
func (q *queue) call() {
	for q.running < q.cores {
		first := &q.known
		if q.turns%strangersTurn == 0 {
			first = &q.unknown
		}
		s := first.next()
		if s == nil {
			s = q.other(first).next()
		}
		if s == nil {
			return
		}
		t := s.waiting[0]
		q.turns++
		q.running++
		s.running++
		s.line.remove(t)
		s.line.toEnd(s)
		close(t.called)
	}
}

// leave ends the hash of a ticket that was called.
func (q *queue) leave(t *ticket, took time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.took += (took - q.took) / 8
	q.end(t)
}

// abandon takes back a ticket whose caller has gone.
func (q *queue) abandon(t *ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case t.refused:
	case slices.Contains(t.of.waiting, t):
		t.of.line.remove(t)
	default:
		q.end(t)
	}
}

func (q *queue) end(t *ticket) {
	q.running--
	t.of.running--
	t.of.line.dropSource(t.of)
	q.call()
}

// busy is the refusal, with the time after which the queue as it is now will have been worked off.
func (q *queue) busy() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	busy := *domain.ErrTooBusy
	ahead := time.Duration(q.known.waiting + q.unknown.waiting + q.running)
	busy.RetryAfter = max(busy.RetryAfter, (ahead * q.took / time.Duration(q.cores)).Round(time.Second))
	return &busy
}

// busy reports whether as many hashes of a source are computed as may be at once.
func (s *source) busy() bool { return s.AtOnce > 0 && s.running >= s.AtOnce }

func (l *line) add(t *ticket) {
	if l.active == nil {
		l.active = map[string]*source{}
	}
	l.active[t.of.Key] = t.of
	if len(t.of.waiting) == 0 {
		l.sources = append(l.sources, t.of)
	}
	t.of.waiting = append(t.of.waiting, t)
	l.waiting++
}

// remove takes a ticket out that waits.
func (l *line) remove(t *ticket) {
	s := t.of
	i := slices.Index(s.waiting, t)
	s.waiting = slices.Delete(s.waiting, i, i+1)
	l.waiting--
	if len(s.waiting) == 0 {
		i := slices.Index(l.sources, s)
		l.sources = slices.Delete(l.sources, i, i+1)
	}
	l.dropSource(s)
}

// toEnd makes a source that still waits the last one whose turn it is.
func (l *line) toEnd(s *source) {
	if i := slices.Index(l.sources, s); i >= 0 {
		l.sources = append(slices.Delete(l.sources, i, i+1), s)
	}
}

// dropSource removes a source of which nothing waits or runs.
func (l *line) dropSource(s *source) {
	if len(s.waiting) == 0 && s.running == 0 && l.active[s.Key] == s {
		delete(l.active, s.Key)
	}
}

// next returns the source whose turn it is, nil for none.
func (l *line) next() *source {
	for _, s := range l.sources {
		if !s.busy() {
			return s
		}
	}
	return nil
}

// longest returns the source with most waiting, of several the one whose turn is the farthest off.
func (l *line) longest() (longest *source) {
	for _, s := range l.sources {
		if longest == nil || len(s.waiting) >= len(longest.waiting) {
			longest = s
		}
	}
	return longest
}
