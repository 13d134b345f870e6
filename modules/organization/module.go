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
	"erp.internal/platform/search"
)

// Settings of the module. Without them the defaults apply.
type Settings = app.Settings

// Module provides the module's routes and permissions, ports.Directory, and ports.Trees. It needs *pg.DB, *change.Door,
// *cache.Hub, and authz.Authorizer.
func Module() fx.Option {
	return fx.Module("organization",
		fx.Provide(
			fx.Private,
			postgres.NewOrganizations,
			postgres.NewDepartments,
			func(organizations *postgres.Organizations) ports.Organizations { return organizations },
			func(departments *postgres.Departments) ports.Departments { return departments },
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
			fx.Annotate((*postgres.Organizations).Searched, fx.ResultTags(`group:"searched"`)),
			fx.Annotate((*postgres.Departments).Searched, fx.ResultTags(`group:"searched"`)),
			fx.Annotate(found, fx.ResultTags(`group:"found,flatten"`)),
			fx.Annotate(orghttp.New, fx.As(new(httpx.Routes)), fx.ResultTags(`group:"routes"`)),
		),
	)
}

// found are the kinds of objects that GET /search finds.
func found(organizations *app.Organizations, departments *app.Departments) []search.Kind {
	return []search.Kind{{Name: "organization", Find: organizations.Search}, {Name: "department", Find: departments.Search}}
}
