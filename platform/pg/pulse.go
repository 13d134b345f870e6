package pg

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
)

// pulse finds out that a server hangs: it takes what it is sent and answers on no connection, a new one included, as one
// whose host is frozen or unreachable. Statements that wait for it are given up then, and no other begins, until it
// answers again. A slow server is none that hangs: it lets a client in.
type pulse struct {
	log     *zap.Logger
	config  *pgx.ConnConfig
	answers atomic.Uint64 // grows with each that arrives, on whichever connection
	hangs   atomic.Bool
	mu      sync.Mutex
	conns   map[*impatient]struct{}
}

// How long no answer may arrive before a new connection is tried, and how long that may take.
const (
	silence     = time.Second
	knockWithin = 2 * time.Second
	lookEvery   = 250 * time.Millisecond
)

// errHangs is why nothing is asked of a server.
var errHangs = errors.New("the server hangs: no connection gets an answer, and a new one is not let in")

func newPulse(config *pgx.ConnConfig, log *zap.Logger) *pulse {
	return &pulse{log: log, config: config, conns: map[*impatient]struct{}{}}
}

// watch looks after the server until ctx ends.
func (p *pulse) watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var seen uint64
	heard := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if answers := p.answers.Load(); answers != seen {
			seen, heard = answers, time.Now()
		}
		since, waits := p.waiting()
		if since.Before(heard) {
			since = heard
		}
		if !p.hangs.Load() && (!waits || time.Since(since) < silence) {
			continue
		}
		err := p.knock(ctx)
		if late(err) && p.answers.Load() == seen {
			p.hang(err)
		} else if ctx.Err() == nil {
			heard = time.Now()
			p.over()
		}
	}
}

// waiting says since when the statement waits that waits longest.
func (p *pulse) waiting() (since time.Time, waits bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		if asked := conn.asked.Load(); asked != 0 && (!waits || asked < since.UnixNano()) {
			since, waits = time.Unix(0, asked), true
		}
	}
	return since, waits
}

// knock tries a new connection. Whatever the server says to it is an answer.
func (p *pulse) knock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, knockWithin)
	defer cancel()
	config := p.config.Copy()
	config.DialFunc = (&net.Dialer{}).DialContext
	conn, err := pgx.ConnectConfig(ctx, config)
	if err == nil {
		_ = conn.Close(ctx) // it has served
	}
	return err
}

// hang returns up every statement that waits.
func (p *pulse) hang(err error) {
	if p.hangs.CompareAndSwap(false, true) {
		p.log.Warn("the database hangs", zap.Error(err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		if conn.asked.Load() != 0 {
			_ = conn.Conn.SetDeadline(time.Unix(1, 0)) // the pending read fails
		}
	}
}

func (p *pulse) over() {
	if p.hangs.CompareAndSwap(true, false) {
		p.log.Info("the database answers again")
	}
}

// dial returns connections that are listened to.
func (p *pulse) dial(atMost time.Duration) func(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := &net.Dialer{KeepAlive: time.Minute}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if p.hangs.Load() {
			return nil, errHangs
		}
		conn, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		c := &impatient{Conn: conn, atMost: atMost, pulse: p, ear: newEar(conn)}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.conns[c] = struct{}{}
		return c, nil
	}
}

func (p *pulse) closed(c *impatient) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}
