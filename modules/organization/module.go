// Package organization wires the module: organizations and their department trees.
package organization

import (
	"go.uber.org/fx"

	orghttp "erp.internal/modules/organization/adapters/http"
	"erp.internal/modules/organization/adapters/postgres"
	"erp.internal/modules/organization/app"
	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/httpx"
)

// Settings of the module. Without them the defaults apply.
type Settings = app.Settings

// Module provides the module's routes and permissions, ports.Directory, and ports.Trees. It needs *pg.DB, *change.Door,
// *cache.Hub, and authz.Authorizer.
func Module() fx.Option {
	return fx.Module("organization",
		fx.Provide(
			fx.Private,
			fx.Annotate(postgres.NewOrganizations, fx.As(new(ports.Organizations))),
			fx.Annotate(postgres.NewDepartments, fx.As(new(ports.Departments))),
			app.NewTrees,
			app.NewOrganizations,
			app.NewDepartments,
			fx.Annotate(orghttp.NewTrees, fx.ParamTags("", "", "", "", `optional:"true"`)),
		),
		fx.Provide(
			fx.Annotate(postgres.NewDirectory, fx.As(new(ports.Directory))),
			func(trees *app.Trees) ports.Trees { return trees },
			fx.Annotate(app.Permissions, fx.ResultTags(`group:"permissions,flatten"`)),
			fx.Annotate(orghttp.Errors, fx.ResultTags(`group:"errors"`)),
			fx.Annotate(domain.Events, fx.ResultTags(`group:"events,flatten"`)),
			fx.Annotate(orghttp.New, fx.As(new(httpx.Routes)), fx.ResultTags(`group:"routes"`)),
		),
	)
}
