package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

const (
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
func (b *bench) measureArrivals(ctx context.Context, s *report.Section) (err error) {
	fmt.Fprintf(b.progress, "arrivals: %d new users, %d colleagues\n", arriving, colleagues)
	side, err := b.db.createSide(ctx, arrivalsDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	erp, err := startErp(ctx, b.options, b.dir, "DATABASE_URL="+side.url)
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
	found := arrivals{}
	if found.others, err = arrive(ctx, client, users); err != nil {
		return err
	}
	after, err := hitRates(ctx, erp)
	if err != nil {
		return err
	}
	for i := range after {
		found.caches = append(found.caches, hitRate{after[i].cache, after[i].hits - before[i].hits, after[i].loads - before[i].loads})
	}
	found.report(s)
	return nil
}

// arrive lets the first user create users, and the others read their permissions until all are created. It returns
// how many requests of the others were answered.
func arrive(ctx context.Context, client *fasthttp.HostClient, users []enrolled) (others int, err error) {
	var creating, asking sync.WaitGroup
	var next, asked atomic.Int64
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
				n := asked.Add(1)
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
	select {
	case err := <-failed:
		return 0, err
	default:
		return int(asked.Load()), ctx.Err()
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

func (a arrivals) report(s *report.Section) {
	t := s.Table(fmt.Sprintf("cache, while %d users are created and %d requests of others answered", arriving, a.others), "hits", "loads", "hit rate", "target", "")
	for _, h := range a.caches {
		target, met := "", ""
		if h.cache == cacheOfSessions {
			target, met = fmt.Sprintf("> %.0f %%", 100*hitRateTarget), t.Verdict(h.cache, h.rate() > hitRateTarget)
		}
		t.Row(h.cache, fmt.Sprintf("%.0f", h.hits), fmt.Sprintf("%.0f", h.loads), fmt.Sprintf("%.3f %%", 100*h.rate()), target, met)
	}
}
