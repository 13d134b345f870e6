package pg

import (
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
)

// Feed tells every replica which keys changed, so that each can hold in memory what it read. A change is a row of a
// table, written in the transaction that makes it; replicas poll the table, and a NOTIFY only makes that sooner.
//
// The table has the columns key (bigint), xid (xid8, by default pg_current_xact_id()) and at (timestamptz, by default
// now()), with indexes on xid and at.
type Feed struct {
	db                   *DB
	channel              string
	log                  *zap.Logger
	announce, see, prune Statement
	told                 atomic.Pointer[time.Time] // when the last poll began whose changes have all been told
}

const (
	bound        = time.Second // of what Current promises
	pollEvery    = 250 * time.Millisecond
	pollWithin   = 2 * time.Second
	listenWithin = 15 * time.Second // connecting included, to each host in turn where there are several
	listenAgain  = time.Second
	hangUpWithin = time.Second
	kept         = "1 hour"         // how long a change is kept, from the begin of its transaction
	bridged      = 30 * time.Minute // how far apart two polls may be; the rest of kept is for long transactions
)

// NewFeed makes the feed of a table, which is named with its schema ("identity.changes").
func NewFeed(db *DB, table string, log *zap.Logger) *Feed {
	from := pgx.Identifier(strings.Split(table, ".")).Sanitize()
	// A row is new when its transaction was under way or not begun at the poll before; ids would not tell, since they are
	// given before the commit. The list and the snapshot that goes with it are of one statement.
	see := `SELECT pg_current_snapshot()::text, now(), pg_postmaster_start_time(), ARRAY(
		SELECT DISTINCT key FROM ` + from + ` WHERE xid >= pg_snapshot_xmin(NULLIF($1, '')::pg_snapshot)
			AND NOT pg_visible_in_snapshot(xid, NULLIF($1, '')::pg_snapshot)
	) WHERE NOT pg_is_in_recovery()`
	announce := "WITH changed AS (INSERT INTO " + from + " (key) SELECT unnest($1::bigint[])) SELECT pg_notify($2, '')"
	prune := "DELETE FROM " + from + " WHERE at < now() - interval '" + kept + "'"
	return &Feed{
		db: db, channel: strings.ReplaceAll(table, ".", "_"), log: log.With(zap.String("table", table)),
		announce: Static("announce changes", squirrel.Expr(announce)),
		see:      Static("see changes", squirrel.Expr(see)),
		prune:    Static("prune changes", squirrel.Expr(prune)),
	}
}

// Announce says that keys changed, to all who follow, once the context's transaction is committed.
//
// Errors: ErrUnavailable, ErrOutcomeUnknown.
func (f *Feed) Announce(ctx context.Context, keys ...int64) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := f.db.Exec(ctx, f.announce.With(keys, f.channel))
	return err
}

// Current says whether every change that was committed more than a second before now has been told to Follow's caller;
// now is what time.Now gives, which costs more than all the rest.
func (f *Feed) Current(now time.Time) bool {
	told := f.told.Load()
	if told == nil {
		return false
	}
	// Both of its clocks count: one stands still while the machine sleeps, the other may be set back.
	return now.Sub(*told) < bound && now.UnixNano()-told.UnixNano() < int64(bound)
}

// Prune deletes the changes that are older than an hour. Whoever could not be told of them is told that any key may
// have changed.
//
// Errors: ErrUnavailable, ErrOutcomeUnknown.
func (f *Feed) Prune(ctx context.Context) error {
	_, err := f.db.Exec(ctx, f.prune.With())
	return err
}

// Follow calls changed with each key that changed until ctx ends, also with those that changed while the database could
// not be reached. It calls all where any key may have changed and nobody can tell which: before Current becomes true
// for the first time, after an interruption so long that changes were pruned, and when another server took over. Both
// are called in the goroutine of Follow; Current becomes true after they returned. A feed is followed once at a time.
func (f *Feed) Follow(ctx context.Context, changed func(key int64), all func()) {
	ctx, end := context.WithCancel(ctx)
	var listening sync.WaitGroup
	defer listening.Wait()
	defer end()
	defer f.told.Store(nil)
	nudge := make(chan struct{}, 1)
	listening.Go(func() { f.listen(ctx, nudge) })
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	unknown := outage{log: f.log}
	var last sight
	for ctx.Err() == nil {
		began := time.Now()
		seen, err := f.poll(ctx, last)
		if err == nil {
			seen.tell(last, changed, all)
			last = seen
			f.told.Store(&began)
			unknown.over("changes are known again")
		} else if ctx.Err() == nil {
			unknown.goesOn("changes are not known", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-nudge:
		}
	}
}

// sight is what a poll saw.
type sight struct {
	snapshot string    // the transactions whose changes it could see
	at       time.Time // by the server's clock
	server   time.Time // when the server was started, which tells one from another
	keys     []int64   // of the changes that the poll before could not see
}

func (s *sight) fields() []any { return []any{&s.snapshot, &s.at, &s.server, &s.keys} }

func (f *Feed) poll(ctx context.Context, last sight) (sight, error) {
	ctx, cancel := context.WithTimeout(ctx, pollWithin)
	defer cancel()
	return One(ctx, f.db, f.see.With(last.snapshot), (*sight).fields, errStandby)
}

// tell passes on what changed since the sight before. After a failover, transactions that were seen may be lost and
// their numbers be given to others.
func (s *sight) tell(last sight, changed func(key int64), all func()) {
	if !s.server.Equal(last.server) || s.at.Sub(last.at) > bridged {
		all()
		return
	}
	for _, key := range s.keys {
		changed(key)
	}
}

// listen nudges at each notification until ctx ends, and connects again when it is cut.
func (f *Feed) listen(ctx context.Context, nudge chan<- struct{}) {
	cut := outage{log: f.log}
	for {
		conn, err := f.dial(ctx)
		if err == nil {
			cut.over("notifications of changes arrive again")
			err = hear(ctx, conn, nudge)
		}
		if ctx.Err() != nil {
			return
		}
		cut.goesOn("notifications of changes do not arrive, polling goes on", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(listenAgain):
		}
	}
}

// dial gives a connection that listens. It is no connection of the pool, on which a silence means that the server
// hangs; here, the dialer's probes tell whether it is still there.
func (f *Feed) dial(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, listenWithin)
	defer cancel()
	config := f.db.pool.Config().ConnConfig
	config.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}).DialContext
	config.RuntimeParams["application_name"] += " listen"
	config.StatementCacheCapacity, config.DescriptionCacheCapacity = 0, 0 // it runs one statement
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "SET idle_session_timeout = 0; LISTEN "+pgx.Identifier{f.channel}.Sanitize()); err != nil {
		hangUp(conn)
		return nil, err
	}
	return conn, nil
}

func hear(ctx context.Context, conn *pgx.Conn, nudge chan<- struct{}) error {
	defer hangUp(conn)
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		select {
		case nudge <- struct{}{}:
		default: // the next poll sees this one too
		}
	}
}

// hangUp closes a connection; one that failed closes by itself, and is waited for.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), hangUpWithin)
	defer cancel()
	_ = conn.Close(ctx) // nothing is under way on it
	select {
	case <-conn.PgConn().CleanupDone():
	case <-ctx.Done():
	}
}

// outage logs that something fails and that it works again, once each.
type outage struct {
	log *zap.Logger
	on  bool
}

func (o *outage) goesOn(message string, err error) {
	if !o.on {
		o.log.Warn(message, zap.Error(err))
	}
	o.on = true
}

func (o *outage) over(message string) {
	if o.on {
		o.log.Info(message)
	}
	o.on = false
}
