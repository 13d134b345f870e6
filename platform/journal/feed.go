package journal

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"erp.internal/platform/change"
	"erp.internal/platform/pg"
)

const (
	bound     = time.Second // of what Current promises
	pollEvery = 50 * time.Millisecond
	restAfter = 10 * time.Second // without a call of Current
	restEvery = 10 * time.Second // between two polls while resting
	longest   = 30 * time.Minute // gap between two polls: after a longer one, drop all caches instead of reading what was missed
)

// see returns the events since a snapshot. A row is new if its transaction was not committed in the snapshot: ids and times
// are assigned before the commit and would miss rows. One statement returns the rows and the new snapshot. Transactions end
// within a day.
const see = `SELECT s.snapshot, s.at, s.server, coalesce(e.kind, ''), coalesce(e.subject_kind, ''), coalesce(e.subject_id, 0),
		coalesce(e.user_id, 0), coalesce(e.organization_id, 0), coalesce(e.department_id, 0)
	FROM (SELECT pg_current_snapshot()::text AS snapshot, now() AS at,
		greatest(pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time()) AS server) s
	LEFT JOIN LATERAL (
		SELECT kind, subject_kind, subject_id, user_id, organization_id, department_id FROM journal.entries
		WHERE xid >= pg_snapshot_xmin(nullif($1, '')::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, nullif($1, '')::pg_snapshot)
			AND at > now() - interval '1 day' AND ($2::text[] IS NULL OR kind = ANY($2))
	) e ON true
	WHERE NOT pg_is_in_recovery()`

// errStandby says that the answers of a server are not used: a standby replays the changes of the primary with a delay.
var errStandby = errors.New("the server is a standby")

// feed is the position of this server in the journal. While nobody asks Current, it rests: ten idle servers would otherwise poll
// 200 times a second for nobody.
type feed struct {
	caughtUp  atomic.Pointer[time.Time] // start of the newest poll whose events were all delivered
	asked     atomic.Bool               // Current was called since the last poll
	wake      chan struct{}             // of capacity 1: receives when Current was false
	restAfter time.Duration
}

// Current implements cache.Feed. A caller who gets false asks the database; the next one soon gets true, also after a rest.
func (f *feed) Current(now time.Time) bool {
	current := f.current(now)
	if !f.asked.Load() { // a store each time would be contended
		f.asked.Store(true)
	}
	if !current {
		select {
		case f.wake <- struct{}{}:
		default:
		}
	}
	return current
}

func (f *feed) current(now time.Time) bool {
	at := f.caughtUp.Load()
	if at == nil {
		return false
	}
	// Both of its clocks count: one stands still while the machine sleeps, the other may be set back.
	return now.Sub(*at) < bound && now.UnixNano()-at.UnixNano() < int64(bound)
}

// Follow calls onEvents with new events of the given kinds, nil for all, until ctx ends; also with those that happened while
// the database could not be reached. It calls onGap when events may have been missed: before Current becomes true for the first
// time, after a long interruption, and when another server took over or this one has crashed. Both are called in the goroutine
// of Follow; Current becomes true after they returned. The journal is followed once at a time.
func (j *Journal) Follow(ctx context.Context, kinds []string, onEvents func([]change.Notice), onGap func()) {
	defer j.caughtUp.Store(nil)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var last pollResult
	failing := false
	asked := time.Now()
	for ctx.Err() == nil {
		began := time.Now()
		if j.asked.Swap(false) {
			asked = began
		}
		seen, err := j.poll(ctx, kinds, last)
		switch {
		case err == nil:
			if !seen.server.Equal(last.server) || seen.at.Sub(last.at) > longest {
				onGap() // after a failover, transactions may be lost and their numbers reused
			} else if len(seen.notices) > 0 {
				onEvents(seen.notices)
			}
			last = seen
			j.caughtUp.Store(&began)
			if failing {
				j.log.Info("changes are known again")
			}
			failing = false
		case ctx.Err() == nil:
			if !failing {
				j.log.Warn("changes are not known", zap.Error(err))
			}
			failing = true
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		if !failing && time.Since(asked) > j.restAfter && !j.asked.Load() {
			j.rest(ctx)
		}
	}
}

// rest waits until somebody needs the feed to be current, or restEvery, so that there is never much to catch up with.
func (j *Journal) rest(ctx context.Context) {
	timer := time.NewTimer(restEvery)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-j.wake:
	case <-timer.C:
	}
}

// pollResult is what a poll saw.
type pollResult struct {
	snapshot string    // the transactions whose events it could see
	at       time.Time // by the server's clock
	server   time.Time // when the server was started or has crashed, which tells one from another
	notices  []change.Notice
}

// pollRow is a row of a poll; one without a kind is no event.
type pollRow struct {
	pollResult
	event change.Notice
}

func (s *pollRow) fields() []any {
	return []any{
		&s.snapshot, &s.at, &s.server, &s.event.Kind, &s.event.Subject.Kind, &s.event.Subject.ID,
		&s.event.User, &s.event.Place.Organization, &s.event.Place.Department,
	}
}

func (j *Journal) poll(ctx context.Context, kinds []string, last pollResult) (pollResult, error) {
	rows, err := pg.All(ctx, j.db, j.see.With(last.snapshot, kinds), (*pollRow).fields)
	if err != nil {
		return pollResult{}, err
	}
	if len(rows) == 0 {
		return pollResult{}, errStandby
	}
	now := rows[0].pollResult
	for _, row := range rows {
		if row.event.Kind != "" {
			now.notices = append(now.notices, row.event)
		}
	}
	return now, nil
}
