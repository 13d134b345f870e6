package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

const (
	readsDatabase   = "erp_bench_reads"
	readOperations  = 100_000
	readClients     = 32
	readsAtOnce     = 32    // objects that are asked for at the same time: the checker takes long where many requests for one overlap
	readsListed     = 4     // of them in each list
	readsEach       = 1_000 // operations on each object, so that it is asked for much longer than the bound
	readObjects     = readOperations / readsEach
	deletionEvery   = 1_000 // operations on an object until it is deleted, about
	otherClients    = 8     // that go away before they are answered, and as many that ask for what is missing or refused
	staleBound      = time.Second
	checkTimeout    = 30 * time.Second // for each object
	pacedDuration   = 4 * time.Second
	tailTarget      = 3.0 // of p99 at many connections, divided by that at few
	fewConnections  = 32
	manyConnections = 256
)

// crowdOfReads is what the clients do to one or two servers.
type crowdOfReads struct {
	servers []*process
	tokens  []string
	ids     []int64
	begun   time.Time
	number  atomic.Int64

	mu      sync.Mutex
	history []happened
	refused map[int]int // answers of changes that say that nothing was changed
	wrong   []string    // answers that nobody should get
}

// measureReads checks that reads are right while objects are changed, and how they take to many connections.
func (b *bench) measureReads(ctx context.Context, s *report.Section) error {
	t := s.Table("reads, changes and deletions", "servers", "clients", "seconds", "requests", "changes", "read in lists", "refused changes", "without an answer", "no read older than", "target", "", "answers meant for others", "target", "")
	for _, servers := range []int{1, 2} {
		if err := b.checkReads(ctx, t, servers); err != nil {
			return err
		}
	}
	return b.measureTails(ctx, s)
}

// checkReads lets clients read and change objects, and checks what they saw.
func (b *bench) checkReads(ctx context.Context, t *report.Table, servers int) (err error) {
	fmt.Fprintf(b.progress, "reads: %d operations on %d servers\n", readOperations, servers)
	side, err := b.db.createSide(ctx, readsDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	c := &crowdOfReads{refused: map[int]int{}}
	for n := range servers {
		dir := filepath.Join(b.dir, fmt.Sprintf("reads-%d-of-%d", n, servers))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return fmt.Errorf("make a directory: %w", err)
		}
		erp, err := startErp(ctx, b.options, dir, "DATABASE_URL="+side.url)
		if err != nil {
			return err
		}
		defer erp.stop()
		c.servers = append(c.servers, erp)
	}
	if c.tokens, err = side.administrators(ctx, "reads", readClients+2*otherClients); err != nil {
		return err
	}
	if err := c.create(); err != nil {
		return err
	}
	if err := c.run(ctx); err != nil {
		return err
	}
	c.report(ctx, t, time.Since(c.begun), b)
	return ctx.Err()
}

// firstValue is what an object holds before it is asked for.
func firstValue(key int) string { return fmt.Sprintf("first of %d", key) }

func (c *crowdOfReads) create() error {
	client := newClient(c.servers[0].addr, 1)
	defer client.CloseIdleConnections()
	for key := range readObjects {
		var made answered
		body := map[string]string{"name": fmt.Sprintf("Object %d", key), "description": firstValue(key)}
		if err := (caller{client, c.tokens[0]}).expect(http.StatusCreated, http.MethodPost, "/organizations/", body, &made); err != nil {
			return err
		}
		c.ids = append(c.ids, made.ID)
	}
	return nil
}

// run lets all clients work until there were enough operations.
func (c *crowdOfReads) run(ctx context.Context) error {
	ctx, over := context.WithCancel(ctx)
	defer over()
	var working, disturbing sync.WaitGroup
	c.begun = time.Now()
	for n := range readClients {
		working.Go(func() { c.work(ctx, n) })
	}
	for n := range otherClients {
		disturbing.Go(func() { c.leaveEarly(ctx, n) })
		disturbing.Go(func() { c.askForOthers(ctx, n) })
	}
	working.Wait()
	err := ctx.Err()
	over()
	disturbing.Wait()
	return err
}

// work is one client: it reads, lists, changes and seldom deletes the objects that are due.
func (c *crowdOfReads) work(ctx context.Context, n int) {
	client := newClient(c.servers[n%len(c.servers)].addr, 1)
	defer client.CloseIdleConnections()
	who := caller{client, c.tokens[n]}
	chance := rand.New(rand.NewPCG(uint64(n), rand.Uint64())) //nolint:gosec // chance that need not be unpredictable
	for number := c.number.Add(1); number <= readOperations && ctx.Err() == nil; number = c.number.Add(1) {
		due := int(number-1) * (readObjects - readsAtOnce + 1) / readOperations // the first of those that are asked for
		key := due + chance.IntN(readsAtOnce)
		switch kind := chance.IntN(100); {
		case kind < 75:
			c.read(who, n, key)
		case kind < 85:
			first := due + chance.IntN(readsAtOnce)
			c.list(who, n, min(first-first%readsListed, readObjects-readsListed)) // so that others ask for the same list
		case chance.IntN(deletionEvery*15/100) == 0:
			c.change(who, n, asking{key, deleteAct, ""})
		default:
			c.change(who, n, asking{key, writeAct, fmt.Sprintf("%d of client %d", number, n)})
		}
	}
}

func (c *crowdOfReads) path(key int) string { return fmt.Sprintf("/organizations/%d", c.ids[key]) }

func (c *crowdOfReads) read(who caller, client, key int) {
	var response fasthttp.Response
	begun := time.Since(c.begun)
	err := who.send(http.MethodGet, c.path(key), nil, &response)
	h := happened{asking: asking{key: key, act: readAct}, client: client, begun: begun, done: time.Since(c.begun)}
	var got answered
	switch status := response.StatusCode(); {
	case err != nil:
		c.isWrong("GET: %v", err)
	case status == http.StatusNotFound:
		h.missing = true
		c.keep(h)
	case status != http.StatusOK || json.Unmarshal(response.Body(), &got) != nil || got.ID != c.ids[key] || got.Description == nil:
		c.isWrong("GET %s: %d %.100s", c.path(key), status, response.Body())
	default:
		h.value = *got.Description
		c.keep(h)
	}
}

// list reads some objects with one request: for each of them that is a read, also when it is missing.
func (c *crowdOfReads) list(who caller, client, first int) {
	ids := make([]string, readsListed)
	for n := range ids {
		ids[n] = fmt.Sprint(c.ids[first+n])
	}
	var response fasthttp.Response
	begun := time.Since(c.begun)
	err := who.send(http.MethodGet, "/organizations/?id="+strings.Join(ids, ","), nil, &response)
	done := time.Since(c.begun)
	var got []answered
	if err != nil || response.StatusCode() != http.StatusOK || json.Unmarshal(response.Body(), &got) != nil {
		c.isWrong("list: %v, %d %.100s", err, response.StatusCode(), response.Body())
		return
	}
	values := map[int64]string{}
	for _, o := range got {
		if o.Description != nil {
			values[o.ID] = *o.Description
		}
	}
	for key := first; key < first+readsListed; key++ {
		value, ok := values[c.ids[key]]
		c.keep(happened{asking: asking{key: key, act: readAct}, answering: answering{!ok, value}, client: client, begun: begun, done: done})
	}
}

func (c *crowdOfReads) change(who caller, client int, in asking) {
	method, success := http.MethodPut, http.StatusOK
	var body any = map[string]string{"description": in.writes}
	if in.act == deleteAct {
		method, success, body = http.MethodDelete, http.StatusNoContent, nil
	}
	var response fasthttp.Response
	begun := time.Since(c.begun)
	err := who.send(method, c.path(in.key), body, &response)
	h := happened{asking: in, client: client, begun: begun, done: time.Since(c.begun)}
	switch status := response.StatusCode(); {
	case err != nil || status >= http.StatusInternalServerError:
		h.unknown = true
		c.keep(h)
	case status == success:
		c.keep(h)
	case status == http.StatusNotFound:
		h.missing = true
		c.keep(h)
	case status == http.StatusConflict || status == http.StatusPreconditionFailed:
		c.mu.Lock()
		c.refused[status]++
		c.mu.Unlock()
	default:
		c.isWrong("%s: %d %.100s", method, status, response.Body())
	}
}

// leaveEarly asks for what others ask for as well, and goes away at once.
func (c *crowdOfReads) leaveEarly(ctx context.Context, n int) {
	addr, token := c.servers[n%len(c.servers)].addr, c.tokens[readClients+n]
	for ctx.Err() == nil {
		askAndLeave(ctx, addr, c.path(c.dueNow()), token)
	}
}

// dueNow is an object that is asked for at this time.
func (c *crowdOfReads) dueNow() int {
	number := min(c.number.Load(), readOperations)
	return int(max(number-1, 0))*(readObjects-readsAtOnce+1)/readOperations + rand.IntN(readsAtOnce) //nolint:gosec // chance that need not be unpredictable
}

// askForOthers asks for what is missing, and for what is refused.
func (c *crowdOfReads) askForOthers(ctx context.Context, n int) {
	client := newClient(c.servers[n%len(c.servers)].addr, 1)
	defer client.CloseIdleConnections()
	who := caller{client, c.tokens[readClients+otherClients+n]}
	for ctx.Err() == nil {
		for path, status := range map[string]int{
			fmt.Sprintf("/organizations/%d", 1_000_000_000+rand.IntN(1000)): http.StatusNotFound, //nolint:gosec // chance that need not be unpredictable
			"/organizations/?sort=nothing":                                  http.StatusUnprocessableEntity,
		} {
			var response fasthttp.Response
			if err := who.send(http.MethodGet, path, nil, &response); err != nil || response.StatusCode() != status {
				c.isWrong("GET %s: %v, %d %.100s", path, err, response.StatusCode(), response.Body())
			}
		}
	}
}

func (c *crowdOfReads) keep(h happened) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.history = append(c.history, h)
}

func (c *crowdOfReads) isWrong(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// report checks the history and writes what came of it.
func (c *crowdOfReads) report(ctx context.Context, t *report.Table, took time.Duration, b *bench) {
	changed, unknown, bound := 0, 0, time.Duration(0)
	for _, h := range c.history {
		if h.act != readAct {
			changed++
		}
		if h.unknown {
			unknown++
		}
	}
	if len(c.servers) > 1 {
		bound = staleBound
	}
	what := fmt.Sprintf("reads on %d servers", len(c.servers))
	begun := time.Now()
	holds, result := staleness(ctx, c.history, bound)
	fmt.Fprintf(b.progress, "  checked in %s: %s\n", time.Since(begun).Round(time.Second), result)
	older := string(result) // Illegal, or Unknown when the check took too long
	if result == porcupine.Ok {
		older = milliseconds(holds)
	}
	t.Row("each read is right", fmt.Sprint(len(c.servers)), fmt.Sprint(readClients), fmt.Sprintf("%.0f", took.Seconds()), fmt.Sprint(readOperations), fmt.Sprint(changed),
		fmt.Sprint(len(c.history)-readOperations), byStatus(c.refused), fmt.Sprint(unknown), older, "<= "+milliseconds(bound), t.Verdict(what, result == porcupine.Ok),
		fmt.Sprint(len(c.wrong)), "0", t.Verdict(what+": answers", len(c.wrong) == 0))
	for _, line := range c.wrong[:min(len(c.wrong), 3)] {
		fmt.Fprintln(b.progress, "  "+line)
	}
}

// staleness is the least of some bounds for which the history is right; if it is for none, what was found for the one that
// must hold.
func staleness(ctx context.Context, history []happened, most time.Duration) (bound time.Duration, result porcupine.CheckResult) {
	for _, bound = range []time.Duration{0, 10 * time.Millisecond, 30 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond, staleBound} {
		if bound > most || ctx.Err() != nil {
			break
		}
		if result = consistent(history, firstValue, bound, checkTimeout); result == porcupine.Ok {
			break
		}
	}
	return bound, result
}
