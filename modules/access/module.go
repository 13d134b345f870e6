// Package access wires the module: roles, the ledger of grants, and the decisions that come of them.
package access

import (
	"context"
	"time"

	"go.uber.org/fx"
	"go.uber.org/zap"

	accesshttp "erp.internal/modules/access/adapters/http"
	"erp.internal/modules/access/adapters/postgres"
	"erp.internal/modules/access/app"
	"erp.internal/modules/access/ports"
	identityports "erp.internal/modules/identity/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/background"
	"erp.internal/platform/httpx"
	"erp.internal/platform/pg"
)

// Administrators makes system administrators, for the commands of whoever runs the server.
type Administrators = app.Administrators

// pruning is how often what is over is deleted.
const pruning = 10 * time.Minute

// Module provides authz.Authorizer, and the module's routes, tasks and permissions; Administrators, who also watch
// identity's users. It needs *pg.DB, pg.Transactor, *authz.Catalogue, *zap.Logger, the identity module's
// ports.Directory, and the organization module's ports.Directory and ports.Trees.
func Module() fx.Option {
	return fx.Module("access",
		fx.Provide(
			fx.Private,
			fx.Annotate(postgres.NewRoles, fx.As(new(ports.Roles))),
			fx.Annotate(postgres.NewGrants, fx.As(new(ports.Grants))),
			func(db *pg.DB, log *zap.Logger) *pg.Feed { return pg.NewFeed(db, "access.changes", log) },
			func(feed *pg.Feed) pg.Changes { return feed },
			app.NewDecisions,
			app.NewRoles,
			app.NewGrants,
			app.NewChecks,
			app.NewExports,
		),
		fx.Provide(
			func(decisions *app.Decisions) authz.Authorizer { return decisions },
			app.NewAdministrators,
			fx.Annotate(func(a *app.Administrators) identityports.Watcher { return a }, fx.ResultTags(`group:"user_watchers"`)),
			fx.Annotate(app.Permissions, fx.ResultTags(`group:"permissions,flatten"`)),
			fx.Annotate(accesshttp.New, fx.As(new(httpx.Routes)), fx.ResultTags(`group:"routes"`)),
			fx.Annotate(tasks, fx.ResultTags(`group:"tasks,flatten"`)),
		),
	)
}

// tasks are what the module does while the server runs.
func tasks(feed *pg.Feed, decisions *app.Decisions) []background.Task {
	return []background.Task{
		{Name: "follow access", Run: func(ctx context.Context) error { feed.Follow(ctx, decisions.Forget, decisions.ForgetAll); return nil }},
		{Name: "prune access changes", Every: pruning, Run: feed.Prune},
	}
}
