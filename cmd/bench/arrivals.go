package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"

	"github.com/valyala/fasthttp"
)

const (
	arrivalsName     = "arrivals"
	arrivalsDatabase = "erp_bench_arrivals"

	arriving        = 10_000
	arrivalsAtOnce  = 8   // requests of the administrator who creates them, and as many of others
	colleagues      = 100 // who are signed in and go on
	hitRateTarget   = 0.99
	cacheOfSessions = "sessions"
)

// arrivals is what many new users do to what the server has cached of those who are there.
type arrivals struct {
	caches []hitRate
	others int // requests of colleagues meanwhile
}

type hitRate struct {
	cache       string
	hits, loads float64
}

func (h hitRate) rate() float64 { return h.hits / (h.hits + h.loads) }

// measureArrivals creates users through the API, while colleagues go on with their own sessions.
func (c *contest) measureArrivals(ctx context.Context) (err error) {
	fmt.Fprintf(c.progress, "arrivals: %d new users, %d colleagues\n", arriving, colleagues)
	side, err := c.db.createSide(ctx, arrivalsDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	erp, err := startErp(ctx, c.options, c.dir, "DATABASE_URL="+side.url)
	if err != nil {
		return err
	}
	defer erp.stop()
	users, err := side.enrol(ctx, "colleague", colleagues+1)
	if err != nil {
		return err
	}
	const grant = "INSERT INTO access.grants (user_id, role_id) SELECT $1, id FROM access.roles WHERE name = 'system-administrator'"
	if _, err := side.conn.Exec(ctx, grant, users[0].id); err != nil {
		return fmt.Errorf("grant to who creates users: %w", err)
	}
	client := newClient(erp.addr, 2*arrivalsAtOnce)
	defer client.CloseIdleConnections()
	for _, u := range users { // what is read the first time is no miss of this load
		if err := (caller{client, u.token}).expect(http.StatusOK, http.MethodGet, "/auth/me", nil, nil); err != nil {
			return err
		}
	}
	before, err := hitRates(ctx, erp)
	if err != nil {
		return err
	}
	if err := c.arrive(ctx, client, users); err != nil {
		return err
	}
	after, err := hitRates(ctx, erp)
	if err != nil {
		return err
	}
	for i := range after {
		c.arrivals.caches = append(c.arrivals.caches, hitRate{after[i].cache, after[i].hits - before[i].hits, after[i].loads - before[i].loads})
	}
	return nil
}

// arrive lets the first user create users, and the others ask for themselves until all are there.
func (c *contest) arrive(ctx context.Context, client *fasthttp.HostClient, users []enrolled) error {
	var creating, asking sync.WaitGroup
	var next, others atomic.Int64
	var done atomic.Bool
	failed := make(chan error, 2*arrivalsAtOnce)
	for range arrivalsAtOnce {
		creating.Go(func() {
			administrator := caller{client, users[0].token}
			for n := next.Add(1); n <= arriving && ctx.Err() == nil; n = next.Add(1) {
				body := map[string]string{"email": fmt.Sprintf("arrival-%d@example.org", n), "full_name": "Arrival"}
				if err := administrator.expect(http.StatusCreated, http.MethodPost, "/users/", body, nil); err != nil {
					failed <- err
					return
				}
			}
		})
		asking.Go(func() {
			for !done.Load() && ctx.Err() == nil {
				n := others.Add(1)
				if err := (caller{client, users[1+n%colleagues].token}).expect(http.StatusOK, http.MethodGet, "/auth/permissions", nil, nil); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	creating.Wait()
	done.Store(true)
	asking.Wait()
	c.arrivals.others = int(others.Load())
	select {
	case err := <-failed:
		return err
	default:
		return ctx.Err()
	}
}

// hitRates reads what each cache has found and read so far.
func hitRates(ctx context.Context, erp *process) ([]hitRate, error) {
	var all []hitRate
	for _, cache := range []string{cacheOfSessions, "grants", "roles"} {
		figures, err := figure(ctx, erp, "/metrics",
			regexp.MustCompile(`(?m)^cache_hits_total\{cache="`+cache+`"\} (\S+)`), regexp.MustCompile(`(?m)^cache_loads_total\{cache="`+cache+`"\} (\S+)`))
		if err != nil {
			return nil, err
		}
		all = append(all, hitRate{cache, figures[0], figures[1]})
	}
	return all, nil
}

func (a arrivals) print(out io.Writer, verdict func(bool) string) {
	t := table(out, fmt.Sprintf("cache, while %d users are created and %d requests of others answered", arriving, a.others), "hits", "loads", "hit rate", "target", "")
	for _, h := range a.caches {
		target, met := "", ""
		if h.cache == cacheOfSessions {
			target, met = fmt.Sprintf("> %.0f %%", 100*hitRateTarget), verdict(h.rate() > hitRateTarget)
		}
		t.row(h.cache, fmt.Sprintf("%.0f", h.hits), fmt.Sprintf("%.0f", h.loads), fmt.Sprintf("%.3f %%", 100*h.rate()), target, met)
	}
	t.end()
}
