package main

import (
	"go.uber.org/dig"
	"go.uber.org/fx"
	"go.uber.org/fx/fxevent"
	"go.uber.org/zap"

	"erp.internal/modules/access"
	"erp.internal/modules/identity"
	"erp.internal/modules/organization"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/background"
	"erp.internal/platform/cache"
	"erp.internal/platform/health"
	"erp.internal/platform/httpx"
	"erp.internal/platform/journal"
	"erp.internal/platform/metrics"
	"erp.internal/platform/pg"
	"erp.internal/platform/search"
	"erp.internal/web"
)

// modules are the modules of the program.
func modules() fx.Option {
	return fx.Options(
		organization.Module(),
		identity.Module(),
		access.Module(),
	)
}

// graph joins the modules to an API.
func graph(s settings, db *pg.DB, log *zap.Logger, checks ...health.Check) fx.Option {
	return fx.Options(
		fx.WithLogger(func() fxevent.Logger {
			events := &fxevent.ZapLogger{Logger: log.Named("fx")}
			events.UseLogLevel(zap.DebugLevel)
			return events
		}),
		fx.Supply(s.about, s.http, s.organization, s.identity, db, log, health.New(log, checks...), openness(s.open)),
		fx.Provide(
			func(db *pg.DB, caches *cache.Hub) *metrics.Metrics { return metrics.New(db.Stat, caches.Stats) },
			fx.Annotate(authz.NewCatalogue, fx.ParamTags(`group:"permissions"`)),
			fx.Annotate(func(h *health.Health) httpx.Routes { return h }, fx.ResultTags(`group:"routes"`)),
			fx.Annotate(pg.Errors, fx.ResultTags(`group:"errors"`)),
			fx.Annotate(health.Errors, fx.ResultTags(`group:"errors"`)),
			newAPI,
		),
		journal.Module(),
		search.Module(),
		modules(),
		fx.Decorate(func(a authn.Authenticator, open openness) authn.Authenticator {
			if open {
				return authn.OpenTo(a)
			}
			return a
		}),
	)
}

// openness reports whether callers without a credential count as the system administrator: see serveCommand.Open.
type openness bool

// tasks are the background tasks of the modules.
type tasks struct {
	fx.In
	All []background.Task `group:"tasks"`
}

type apiNeeds struct {
	fx.In
	About         httpx.About
	Settings      httpx.Settings
	Log           *zap.Logger
	Metrics       *metrics.Metrics
	Authenticator authn.Authenticator
	Authorizer    authz.Authorizer
	Catalogue     *authz.Catalogue
	Refused       httpx.Refused
	Answers       httpx.Answers
	Open          openness
	Routes        []httpx.Routes `group:"routes"`
}

func newAPI(n apiNeeds) (*httpx.API, error) {
	api, err := httpx.New(httpx.Config{
		About: n.About, Settings: n.Settings, Log: n.Log, Authenticator: n.Authenticator, Authorizer: n.Authorizer, Catalogue: n.Catalogue,
		Open: bool(n.Open), Refused: n.Refused, Answers: n.Answers, Observe: n.Metrics.Observe,
	}, n.Routes)
	if err != nil {
		return nil, err
	}
	console, redoc, err := web.Built()
	if err != nil {
		return nil, err
	}
	if err := web.Console(api, console); err != nil {
		return nil, err
	}
	if !n.Settings.Docs {
		return api, nil
	}
	return api, api.Docs(redoc)
}

// assemble builds the graph and fills the values that into points to.
//
// Errors: the error of the failing constructor, without fx's call chain.
func assemble(options fx.Option, into ...any) error {
	return dig.RootCause(fx.New(options, fx.Populate(into...)).Err())
}
