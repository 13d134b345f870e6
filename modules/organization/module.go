// Package organization wires the module: organizations and their department trees.
package organization

import (
	"context"
	"time"

	"go.uber.org/fx"
	"go.uber.org/zap"

	orghttp "erp.internal/modules/organization/adapters/http"
	"erp.internal/modules/organization/adapters/postgres"
	"erp.internal/modules/organization/app"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/background"
	"erp.internal/platform/httpx"
	"erp.internal/platform/pg"
)

// pruning is how often what is over is deleted.
const pruning = 10 * time.Minute

// Module provides the module's routes, tasks and permissions, ports.Directory, and ports.Trees. It needs *pg.DB,
// pg.Transactor, authz.Authorizer, and *zap.Logger.
func Module() fx.Option {
	return fx.Module("organization",
		fx.Provide(
			fx.Private,
			fx.Annotate(postgres.NewOrganizations, fx.As(new(ports.Organizations))),
			fx.Annotate(postgres.NewDepartments, fx.As(new(ports.Departments))),
			func(db *pg.DB, log *zap.Logger) *pg.Feed { return pg.NewFeed(db, "organization.changes", log) },
			func(feed *pg.Feed) pg.Changes { return feed },
			app.NewTrees,
			app.NewOrganizations,
			app.NewDepartments,
		),
		fx.Provide(
			fx.Annotate(postgres.NewDirectory, fx.As(new(ports.Directory))),
			func(trees *app.Trees) ports.Trees { return trees },
			fx.Annotate(app.Permissions, fx.ResultTags(`group:"permissions,flatten"`)),
			fx.Annotate(orghttp.New, fx.As(new(httpx.Routes)), fx.ResultTags(`group:"routes"`)),
			fx.Annotate(tasks, fx.ResultTags(`group:"tasks,flatten"`)),
		),
	)
}

// tasks are what the module does while the server runs.
func tasks(feed *pg.Feed, trees *app.Trees) []background.Task {
	return []background.Task{
		{Name: "follow organization", Run: func(ctx context.Context) error { feed.Follow(ctx, trees.Forget, trees.ForgetAll); return nil }},
		{Name: "prune organization changes", Every: pruning, Run: feed.Prune},
	}
}
