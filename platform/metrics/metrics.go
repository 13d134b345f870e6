// Package metrics serves Prometheus metrics and Go's profiles, on an address of its own that users cannot reach (ASVS
// 13.4.5).
package metrics

import (
	"net/http"
	"net/http/pprof"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"erp.internal/platform/cache"
)

// Metrics collects the metrics of the process.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	observer sync.Map // from series to prometheus.Observer: a lookup by labels takes longer than the observation
}

type series struct {
	method, route string
	status        int
}

// Described is a metric as the documentation lists it.
type Described struct {
	Name   string
	Labels []string
	Help   string
}

var duration = Described{"http_request_duration_seconds", []string{"method", "route", "status"}, "Duration of HTTP requests, as a histogram; route is the pattern, not the path."}

// gauges are read from the pool of connections when they are asked for.
var gauges = []struct {
	Described
	value func(*pgxpool.Stat) float64
}{
	{Described{Name: "db_connections_in_use", Help: "Database connections that run a statement."}, func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) }},
	{Described{Name: "db_connections_idle", Help: "Database connections without a statement."}, func(s *pgxpool.Stat) float64 { return float64(s.IdleConns()) }},
	{Described{Name: "db_connections_max", Help: "The most database connections, DATABASE_POOL_SIZE."}, func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) }},
	{Described{Name: "db_acquire_wait_seconds_total", Help: "Time that requests waited for a database connection."}, func(s *pgxpool.Stat) float64 { return s.EmptyAcquireWaitTime().Seconds() }},
}

// ofCaches are read from every cache when they are asked for.
var ofCaches = []struct {
	Described
	kind  prometheus.ValueType
	value func(cache.Stats) float64
}{
	{Described{"cache_hits_total", []string{"cache"}, "Values that were found in the cache."}, prometheus.CounterValue, func(s cache.Stats) float64 { return float64(s.Hits) }},
	{Described{"cache_loads_total", []string{"cache"}, "Values that were read from the database since the cache had none."}, prometheus.CounterValue, func(s cache.Stats) float64 { return float64(s.Loads) }},
	{Described{"cache_entries", []string{"cache"}, "Values in the cache."}, prometheus.GaugeValue, func(s cache.Stats) float64 { return float64(s.Entries) }},
}

// All lists the metrics of this program, without those of Go's runtime (go_*) and of the process (process_*).
func All() []Described {
	all := []Described{duration}
	for _, g := range gauges {
		all = append(all, g.Described)
	}
	for _, m := range ofCaches {
		all = append(all, m.Described)
	}
	return all
}

// New makes the metrics of the process, of its connections to the database and of its caches.
func New(pool func() *pgxpool.Stat, caches func() []cache.Stats) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: duration.Name, Help: duration.Help,
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, duration.Labels),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.requests)
	for _, g := range gauges {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.Name, Help: g.Help}, func() float64 { return g.value(pool()) }))
	}
	m.registry.MustRegister(cacheFigures(caches))
	return m
}

// cacheFigures implements prometheus.Collector.
type cacheFigures func() []cache.Stats

// Describe implements prometheus.Collector.
func (c cacheFigures) Describe(to chan<- *prometheus.Desc) {
	for _, m := range ofCaches {
		to <- prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
	}
}

// Collect implements prometheus.Collector.
func (c cacheFigures) Collect(to chan<- prometheus.Metric) {
	for _, stats := range c() {
		for _, m := range ofCaches {
			to <- prometheus.MustNewConstMetric(prometheus.NewDesc(m.Name, m.Help, m.Labels, nil), m.kind, m.value(stats), stats.Name)
		}
	}
}

// Observe counts an answered request; route is the pattern ("/organizations/:id"), so that ids make no new series. The
// method of a request without a route is left out, since it may be any text.
func (m *Metrics) Observe(method, route string, status int, took time.Duration) {
	if route == "" {
		method = ""
	}
	of := series{method, route, status}
	observer, ok := m.observer.Load(of)
	if !ok {
		observer, _ = m.observer.LoadOrStore(of, m.requests.WithLabelValues(method, route, strconv.Itoa(status)))
	}
	if o, ok := observer.(prometheus.Observer); ok {
		o.Observe(took.Seconds())
	}
}

// Handler serves /metrics and /debug/pprof/.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
