package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

const (
	// walkWithin is how long the ladder goes from page to page until where it is counts as deep; half of the users at most.
	walkWithin = 2 * time.Second
	walkLimit  = 1000
	// contestedSteps is how many times as long as the others those requests are measured that have contenders.
	contestedSteps = 4
)

// climb is the ladder as it is measured: each round asks all rungs, so that what changes on the machine from minute to minute
// affects all of them alike.
type climb struct {
	*bench
	section *report.Section
	missing map[string]bool // requests that this build does not offer
	failed  []string        // requests that were not answered as they should be, where and how
}

// measureLadder sends every request of the table at every rung.
func (b *bench) measureLadder(ctx context.Context, s *report.Section) error {
	c := &climb{bench: b, section: s, missing: map[string]bool{}}
	for _, users := range b.rungs {
		if _, err := b.rung(ctx, users); err != nil {
			return err
		}
	}
	for n := range b.rounds {
		for _, users := range b.rungs {
			begun := time.Now()
			if err := c.round(ctx, b.ladder.rungs[users]); err != nil {
				return fmt.Errorf("%d users: %w", users, err)
			}
			fmt.Fprintf(b.progress, "ladder: round %d of %d, %d users: %s\n", n+1, b.rounds, users, time.Since(begun).Round(time.Second))
		}
	}
	c.report()
	if b.explain {
		return c.explainAll(ctx, b.ladder.rungs[b.rungs[len(b.rungs)-1]])
	}
	return nil
}

// round measures every request at one rung, on a fresh server.
func (c *climb) round(ctx context.Context, r *rung) (err error) {
	side, drop, err := c.fresh(ctx, r)
	if err != nil {
		return err
	}
	defer func() {
		if dropErr := drop(); err == nil {
			err = dropErr
		}
	}()
	erp, err := startErp(ctx, c.options, c.dir, "DATABASE_URL="+side.url)
	if err != nil {
		return err
	}
	defer erp.stop()
	pool, err := poolSize(ctx, erp)
	if err != nil {
		return err
	}
	bare, err := startBare(ctx, c.dir, side.url, pool)
	if err != nil {
		return err
	}
	defer bare.stop()
	callers, err := r.signedIn(ctx, side, erp)
	if err != nil {
		return err
	}
	defer callers[0].client.CloseIdleConnections()
	if err := c.db.settle(ctx); err != nil {
		return err
	}
	size, err := column[int64](ctx, side, "SELECT pg_database_size(current_database())")
	if err != nil {
		return err
	}
	c.section.Record(report.ID{Name: "database", Of: report.Erp, Users: r.users, Kind: report.Disk}, float64(size[0])/(1<<20))
	if err := c.alone(ctx, r, erp, bare, callers); err != nil {
		return err
	}
	c.section.Record(report.ID{Name: "after the requests one by one", Of: report.Erp, Users: r.users, Kind: report.Resident}, float64(residentOf(erp.cmd.Process.Pid))/(1<<20))
	if err := c.contested(ctx, r, side.url, erp, bare, callers[0]); err != nil {
		return err
	}
	c.section.Record(report.ID{Name: "after the contest", Of: report.Erp, Users: r.users, Kind: report.Resident}, float64(residentOf(erp.cmd.Process.Pid))/(1<<20))
	return nil
}

// alone measures each request at one connection.
func (c *climb) alone(ctx context.Context, r *rung, erp, bare *process, callers map[int]caller) error {
	for _, asked := range requests(r) {
		who, ok := callers[asked.scope]
		if !ok || c.missing[asked.title] || c.requests != nil && !c.requests.MatchString(asked.title) && asked.title != reference {
			continue
		}
		offered, err := c.ready(ctx, r, who, &asked)
		if err != nil {
			return err
		}
		if !offered {
			c.missing[asked.title] = true
			continue
		}
		id := report.ID{Name: asked.title, Group: asked.group, Of: report.Erp, Users: r.users, Connections: 1}
		if err := c.step(ctx, erp, asked.signedIn(who.token), id); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil { // the others can be measured
			c.failed = append(c.failed, fmt.Sprintf("%s users: %s", power(r.users), err))
			continue
		}
		if asked.title == reference { // what a request costs at all
			id.Of = report.Bare
			if err := c.step(ctx, bare, asked.operation, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// step measures one request at one connection.
func (c *climb) step(ctx context.Context, server *process, op operation, id report.ID) error {
	if _, err := load(ctx, server.addr, op, 1, c.options.step/5); err != nil {
		return err
	}
	t := &tally{contestant: contestant{server, op}}
	if err := t.add(ctx, c.db, 1, c.options.step); err != nil {
		return err
	}
	t.sample().record(c.section, id)
	return nil
}

// ready sends a request once. It reports whether the server offers it, and finds the place of a deep page.
func (c *climb) ready(ctx context.Context, r *rung, who caller, asked *request) (offered bool, err error) {
	if asked.deep != "" {
		after, known := r.pages[asked.title]
		if !known {
			if after, err = walk(ctx, who, asked.deep, r.users/2); err != nil {
				return false, err
			}
			r.pages[asked.title] = after
		}
		asked.prepare = get(func(*rand.Rand) string { return asked.deep + "&after=" + after })
	}
	var request fasthttp.Request
	var response fasthttp.Response
	request.SetRequestURI("http://" + who.client.Addr + "/")
	asked.signedIn(who.token).prepare(&request, rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))) //nolint:gosec // chance that need not be unpredictable
	if err := who.client.Do(&request, &response); err != nil {
		return false, fmt.Errorf("%s: %w", asked.title, err)
	}
	// An unknown path is not found, and an unknown parameter is refused. What goes wrong otherwise ends the run when it is
	// measured.
	status := response.StatusCode()
	return status != http.StatusUnprocessableEntity && status != http.StatusNotFound, nil
}

var nextPage = regexp.MustCompile(`<([^>]*)>; rel="next"`)

// walk goes from page to page and returns the cursor of the last one that it reached; "" when there is no second one.
func walk(ctx context.Context, who caller, path string, most int) (after string, err error) {
	path = strings.Replace(path, fmt.Sprintf("limit=%d", listLimit), fmt.Sprintf("limit=%d", walkLimit), 1)
	next := path
	for begun, passed := time.Now(), 0; passed < most && time.Since(begun) < walkWithin; passed += walkLimit {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		var response fasthttp.Response
		if err := who.send(http.MethodGet, next, nil, &response); err != nil {
			return "", err
		}
		if response.StatusCode() != http.StatusOK {
			return "", fmt.Errorf("GET %s: %w", next, refused(response.StatusCode(), response.Body(), nil))
		}
		link := nextPage.FindSubmatch(response.Header.Peek("Link"))
		if link == nil {
			return after, nil
		}
		at, err := url.Parse(string(link[1]))
		if err != nil {
			return "", fmt.Errorf("GET %s: the link to the next page: %w", next, err)
		}
		after = url.QueryEscape(at.Query().Get("after"))
		next = path + "&after=" + after
	}
	return after, nil
}

// contested measures what has contenders, at as many connections as the contest has.
func (c *climb) contested(ctx context.Context, r *rung, databaseURL string, erp, bare *process, who caller) error {
	duration := max(contestedSteps*c.options.step, time.Second).Truncate(time.Second)
	for _, op := range contested(r) {
		if c.requests != nil && !c.requests.MatchString(op.title) {
			continue
		}
		id := report.ID{Name: op.title, Group: contestGroup, Users: r.users, Connections: c.connections}
		alone, err := c.measurePgbench(ctx, databaseURL, op, duration)
		if err != nil {
			return err
		}
		both, err := c.measureInTurn(ctx, c.connections, duration, contestant{bare, op.ofBare()}, contestant{erp, op.signedIn(who.token)})
		if err != nil {
			return err
		}
		for of, m := range map[string]sample{report.Pgbench: alone, report.Bare: both[0], report.Erp: both[1]} {
			id.Of = of
			m.record(c.section, id)
		}
		// The rounds' own ratios: their spread is not that of the machine.
		c.section.Record(report.ID{Name: op.title, Group: contestGroup, Of: report.Erp, Users: r.users, Connections: c.connections, Kind: report.Ratio}, both[1].rate/both[0].rate)
	}
	return nil
}
