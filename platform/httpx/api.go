// Package httpx is the HTTP side of the platform: the Gin engine, huma's operations on it, and the conventions of every
// request and answer, which docs/api.md describes for clients.
package httpx

import (
	"cmp"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/rs/cors"
	"go.uber.org/zap"

	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/logging"
)

// About describes this installation of the API.
type About struct {
	Name        string `env:"APP_NAME" envDefault:"ERP Backend" want:"a name" doc:"the name in answers and pages"`
	Version     string `env:"APP_VERSION" want:"a version" unset:"the version of the build" doc:"the version in answers and documents"`
	Description string `env:"APP_DESCRIPTION" want:"a sentence" doc:"a sentence about the installation"`
}

// Config holds the dependencies and settings of the API.
type Config struct {
	About         About
	Settings      Settings
	Log           *zap.Logger
	Authenticator authn.Authenticator
	Authorizer    authz.Authorizer
	// Catalogue is every permission that an operation may need.
	Catalogue *authz.Catalogue
	// Open says that the Authenticator also accepts callers without a credential.
	Open bool
	// Refused is called for every refusal. It may be nil.
	Refused Refused
	// Answers stores the answers to requests with an Idempotency-Key. If it is nil, none is stored.
	Answers Answers
	// Observe is called for every answer; route is the pattern that matched, "" for none. It may be nil.
	Observe func(method, route string, status int, took time.Duration)
}

// Refused is called when a caller was refused, with the error code and the request's path. That includes callers who were
// answered 404 because they may not see the object.
type Refused func(origin change.Origin, code, path string)

// API is the set of operations and the handler that serves them.
type API struct {
	Config
	access       *zap.Logger
	engine       *gin.Engine
	huma         huma.API
	operations   map[route]string // ids, for the access log
	listed       []Operation
	proxies      proxies
	turns        *turns[int64] // of users
	addressTurns *turns[string]
	largeSlots   chan struct{} // a semaphore: see large
	bodies       bodies
	encodings    encodings
	wording      wording
	faults       []error

	proxyWarning sync.Once
}

// Routes is what a module adds to the API. The module's name orders them in documents.
type Routes interface {
	Name() string
	Register(api *API)
}

// New makes the API and registers the routes of every module, in the order of the modules' names.
//
// Errors: an operation that declares no access, or a permission that is not in the catalogue.
func New(config Config, routes []Routes) (*API, error) {
	useOurProblems()
	gin.SetMode(gin.ReleaseMode)
	api := &API{Config: config, access: config.Log.Named(logging.Access), engine: gin.New(), operations: map[route]string{}, wording: newWording()}
	api.turns = newTurns[int64](config.Settings.RequestsPerUser, waitingPerTurn, errTooManyAtOnce)
	api.addressTurns = newTurns[string](config.Settings.RequestsPerAddress, waitingPerAddressTurn, errTooManyFromAddress)
	api.largeSlots = make(chan struct{}, runtime.GOMAXPROCS(0))
	var err error
	if api.proxies, err = parseProxies(config.Settings.TrustedProxies); err != nil {
		return nil, err
	}
	api.engine.ForwardedByClientIP = false // see client.go
	api.engine.HandleMethodNotAllowed = true
	api.engine.RedirectTrailingSlash = false // "/x/" is answered as "/x", see path.go: a redirect loses bodies in some clients
	api.engine.Use(api.headers, api.accessLog, api.recover, api.knownHost(), api.sameOrigin())
	api.engine.NoRoute(func(c *gin.Context) { api.write(c, problemOf(errNoRoute)) })
	api.engine.NoMethod(func(c *gin.Context) {
		api.write(c, newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "This path does not take this method; Allow lists those it takes"))
	})
	api.huma = humagin.NewWithGroup(api.engine, api.engine.Group("/"), api.document())
	api.huma.UseMiddleware(api.gate, api.conditional, api.jsonOnly, api.strictQuery, api.once)
	slices.SortFunc(routes, func(a, b Routes) int { return strings.Compare(a.Name(), b.Name()) })
	for _, r := range routes {
		r.Register(api)
	}
	return api, errors.Join(api.faults...)
}

var errNoRoute = errs.New(errs.NotFound, "no_such_path", "There is nothing at this path")

// The names of the security schemes.
const (
	bearerScheme = "bearer"
	cookieScheme = "cookie"
)

// description is the default of APP_DESCRIPTION in the document.
const description = "Organizations and their department trees, users, roles and grants."

func (a *API) document() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: a.About.Name, Version: a.About.Version, Description: cmp.Or(a.About.Description, description),
				Contact: &huma.Contact{Name: a.About.Name, URL: a.Settings.PublicURL}, // the console names the operator
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			// The first is relative, so it is right also when the document was fetched by another name than PUBLIC_URL's.
			Servers: []*huma.Server{
				{URL: cmp.Or(a.Settings.basePath(), "/"), Description: "Where this document is served"},
				{URL: a.Settings.PublicURL, Description: "PUBLIC_URL"},
			},
			OnAddOperation: []huma.AddOpFunc{removeHumaExtensions},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearerScheme: {Type: "http", Scheme: "bearer", Description: "For programs: the access_token of POST /auth/login."},
					cookieScheme: {Type: "apiKey", In: "cookie", Name: a.Settings.SessionCookie(), Description: "For browsers: POST /auth/session sets it."},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{a.complete},
	}
}

// removeHumaExtensions removes from an operation's parameters the field that is not in OpenAPI. huma has already made its
// message from it.
func removeHumaExtensions(_ *huma.OpenAPI, op *huma.Operation) {
	for _, p := range op.Parameters {
		if p.Schema != nil {
			p.Schema.PatternDescription = ""
		}
	}
}

// complete adds the request's id to a problem, and records a refusal.
func (a *API) complete(ctx huma.Context, _ string, body any) (any, error) {
	if p, ok := body.(*Problem); ok {
		c := humagin.Unwrap(ctx)
		a.finish(c, p)
		a.record(c, p, change.From(ctx.Context()))
	}
	return body, nil
}

// record is the one place that logs refusals: who, what, from where. A caller who was answered 404 because they may not
// see the object counts as refused.
func (a *API) record(c *gin.Context, p *Problem, who change.Origin) {
	if p.Status != http.StatusForbidden && !errors.Is(p.cause, authz.ErrForbidden) {
		return
	}
	if a.Refused != nil {
		a.Refused(who, p.Code, c.Request.URL.Path)
	}
	a.Log.Warn("refused", zap.Int64("user_id", who.Actor.ID), zap.Int64("session_id", who.SessionID), zap.String("method", c.Request.Method), zap.String("path", c.Request.URL.Path),
		zap.String("code", p.Code), zap.Int("status", p.Status), zap.String("address", a.client(c)), zap.String("request_id", p.RequestID))
}

// finish adds the request's id to a problem and logs the cause, which the answer does not contain.
func (a *API) finish(c *gin.Context, p *Problem) {
	p.RequestID = requestID(c)
	if p.cause == nil || p.Status < http.StatusInternalServerError {
		return
	}
	level := zap.ErrorLevel
	if p.Status == http.StatusServiceUnavailable {
		level = zap.WarnLevel
	}
	a.Log.Log(level, p.Code, zap.String("request_id", p.RequestID), zap.Error(p.cause))
}

// write answers with a problem outside of huma's handlers.
func (a *API) write(c *gin.Context, p *Problem) {
	a.finish(c, p)
	for name, values := range p.GetHeaders() {
		c.Writer.Header()[name] = values
	}
	c.Header("Content-Type", problemType)
	c.Abort()
	c.Status(p.Status)
	_ = json.MarshalWrite(c.Writer, p) // fails only when the client has disconnected
}

// Href returns a path of the API as clients see it: below the path of PUBLIC_URL, and without a host, since clients may use
// another one (ASVS 4.1.3).
func (a *API) Href(path string) string { return a.Settings.basePath() + path }

// Handler serves the API.
func (a *API) Handler() http.Handler {
	handler := canonicalPath(a.engine)
	if len(a.Settings.CORSOrigins) == 0 {
		return handler
	}
	return cors.New(cors.Options{
		AllowOriginFunc:  a.corsOrigins(),
		AllowedMethods:   []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete},
		AllowedHeaders:   []string{"Authorization", "Content-Type", "If-Match", "If-None-Match", idempotencyHeader, requestIDHeader},
		ExposedHeaders:   []string{"ETag", "Link", "Location", "Retry-After", requestIDHeader, "X-Total-Count", "X-Total-Count-Exact"},
		AllowCredentials: true,
		MaxAge:           600,
	}).Handler(handler)
}

// OpenAPI returns the OpenAPI document in JSON.
func (a *API) OpenAPI() ([]byte, error) {
	return a.huma.OpenAPI().MarshalJSON()
}

// OpenAPIYAML returns the OpenAPI document in YAML.
func (a *API) OpenAPIYAML() ([]byte, error) { return a.huma.OpenAPI().YAML() }

// Operations lists the operations in the order in which the document shows them.
func (a *API) Operations() []Operation { return slices.Clone(a.listed) }

// Paths lists all routes, such as "GET /organizations/:id", for tests that must not miss any.
func (a *API) Paths() []string {
	var paths []string
	for _, r := range a.engine.Routes() {
		paths = append(paths, r.Method+" "+r.Path)
	}
	slices.Sort(paths)
	return paths
}
