// Package health serves the liveness and readiness checks for operators and load balancers.
package health

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"erp.internal/platform/authn"
	"erp.internal/platform/errs"
	"erp.internal/platform/httpx"
)

// ErrNotReady answers /readyz while a check fails or the server drains.
var ErrNotReady = &errs.Error{Kind: errs.Unavailable, Code: "not_ready", Message: "Not ready", RetryAfter: time.Second}

// Errors are the errors of the package, for the documentation.
func Errors() errs.List {
	return errs.List{Errors: []errs.Described{{Error: ErrNotReady, When: "Only `/readyz` answers it."}}}
}

// Check is a condition of readiness.
type Check struct {
	Name string // "database"
	Run  func(ctx context.Context) error
}

// The timeout of a check, and how long its result is reused: frequent requests cost nothing.
const (
	checkTimeout = 2 * time.Second
	checkAge     = time.Second
)

// Health is the routes of GET /, /healthz and /readyz.
type Health struct {
	checks []Check

	log *zap.Logger

	mu       sync.Mutex
	checked  time.Time
	failing  []string
	draining bool
}

// New makes the routes. The failures of checks are reported in the order given; their causes are logged.
func New(log *zap.Logger, checks ...Check) *Health { return &Health{checks: checks, log: log} }

// Drain makes the server not ready until it ends.
func (h *Health) Drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
}

// Ready runs the checks.
//
// Errors: ErrNotReady with the names of the failing checks; the causes are in the log.
func (h *Health) Ready(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return ErrNotReady.WithMessage("Not ready: the server is shutting down")
	}
	if time.Since(h.checked) > checkAge {
		h.failing = h.run(context.WithoutCancel(ctx))
		h.checked = time.Now()
	}
	if len(h.failing) > 0 {
		return ErrNotReady.WithMessage("Not ready: %s", strings.Join(slices.Clone(h.failing), ", "))
	}
	return nil
}

// run runs the checks concurrently, so that together they take at most checkTimeout, and returns the names of those that
// fail.
func (h *Health) run(ctx context.Context) (failing []string) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	causes := make([]error, len(h.checks))
	var running sync.WaitGroup
	for i, check := range h.checks {
		running.Go(func() { causes[i] = check.Run(ctx) })
	}
	running.Wait()
	for i, err := range causes {
		if err != nil {
			failing = append(failing, h.checks[i].Name)
			h.log.Warn("not ready", zap.String("check", h.checks[i].Name), zap.Error(err))
		}
	}
	return failing
}

// Name implements httpx.Routes.
func (*Health) Name() string { return "health" }

type about struct {
	Status      string `json:"status" example:"ok"`
	Name        string `json:"name" doc:"APP_NAME"`
	Version     string `json:"version" doc:"APP_VERSION"`
	Description string `json:"description,omitempty" doc:"APP_DESCRIPTION"`
	Links       links  `json:"links"`
}

type links struct {
	Docs    string `json:"docs,omitempty" doc:"Swagger UI; absent when DOCS is off, like redoc and openapi"`
	Redoc   string `json:"redoc,omitempty" doc:"ReDoc"`
	OpenAPI string `json:"openapi,omitempty" doc:"The OpenAPI document"`
	Console string `json:"console" doc:"The console for administrators"`
}

type status struct {
	Status string `json:"status" example:"ok"`
}

type none struct{}

type answer[T any] struct{ Body T }

// Register implements httpx.Routes.
func (h *Health) Register(api *httpx.API) {
	api.Tag("Health", "Information about the server, liveness and readiness.")
	root := answer[about]{about{
		Status: "ok", Name: api.About.Name, Version: api.About.Version, Description: api.About.Description,
		Links: links{Console: api.Href("/frontend/")},
	}}
	if api.Settings.Docs {
		root.Body.Links = links{Docs: api.Href("/docs"), Redoc: api.Href("/redoc"), OpenAPI: api.Href("/openapi.json"), Console: api.Href("/frontend/")}
	}
	httpx.Register(api, httpx.Operation{
		ID: "about", Method: http.MethodGet, Path: "/", Tag: "Health", Access: authn.Public,
		Summary: "Show the server's name, version and links",
	}, func(context.Context, *none) (*answer[about], error) { return &root, nil })

	httpx.Register(api, httpx.Operation{
		ID: "liveness", Method: http.MethodGet, Path: "/healthz", Tag: "Health", Access: authn.Public, Probe: true,
		Summary: "Check liveness", Description: "Whether the process runs. It does not check the database, which a restart of the server would not repair.",
	}, func(context.Context, *none) (*answer[status], error) { return &answer[status]{status{"ok"}}, nil })

	httpx.Register(api, httpx.Operation{
		ID: "readiness", Method: http.MethodGet, Path: "/readyz", Tag: "Health", Access: authn.Public, Probe: true,
		Summary: "Check readiness", Description: "Whether the server can handle requests. The answer is 503 while the database cannot store changes, its schema is not current, or the server is shutting down.",
	}, func(ctx context.Context, _ *none) (*answer[status], error) {
		if err := h.Ready(ctx); err != nil {
			return nil, err
		}
		return &answer[status]{status{"ok"}}, nil
	})
}
