// Package metrics serves what operators watch and measure, on an address of its own that users cannot reach
// (ASVS 13.4.5): Prometheus metrics and Go's profiles.
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
)

// Metrics collects the process's figures.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	known    sync.Map // from series to prometheus.Observer: finding one by its labels takes longer than noting
}

type series struct {
	method, route string
	status        int
}

// New makes the metrics of the process and of its connections to the database.
func New(pool func() *pgxpool.Stat) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Duration of HTTP requests.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route", "status"}),
	}
	gauge := func(name, help string, of func(*pgxpool.Stat) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return of(pool()) })
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.requests,
		gauge("db_connections_in_use", "Database connections that run a statement.", func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) }),
		gauge("db_connections_idle", "Database connections that wait for one.", func(s *pgxpool.Stat) float64 { return float64(s.IdleConns()) }),
		gauge("db_connections_max", "Database connections there may be.", func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) }),
		gauge("db_acquire_wait_seconds_total", "Time that requests waited for a database connection.", func(s *pgxpool.Stat) float64 { return s.EmptyAcquireWaitTime().Seconds() }),
	)
	return m
}

// Observe notes an answered request; route is the pattern ("/organizations/:id"), so that ids make no new series.
// A request that matched none may have any method, and is noted without it.
func (m *Metrics) Observe(method, route string, status int, took time.Duration) {
	if route == "" {
		method = ""
	}
	of := series{method, route, status}
	observer, ok := m.known.Load(of)
	if !ok {
		observer, _ = m.known.LoadOrStore(of, m.requests.WithLabelValues(method, route, strconv.Itoa(status)))
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
