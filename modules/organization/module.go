// Package organization wires the module: organizations and their department trees.
package organization

import (
	"go.uber.org/fx"

	orghttp "erp.internal/modules/organization/adapters/http"
	"erp.internal/modules/organization/adapters/postgres"
	"erp.internal/modules/organization/app"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/httpx"
)

// Module provides the module's routes and ports.Directory. It needs *pg.DB, pg.Transactor, and authz.Authorizer.
func Module() fx.Option {
	return fx.Module("organization",
		fx.Provide(
			fx.Private,
			fx.Annotate(postgres.NewOrganizations, fx.As(new(ports.Organizations))),
			fx.Annotate(postgres.NewDepartments, fx.As(new(ports.Departments))),
			app.NewOrganizations,
			app.NewDepartments,
		),
		fx.Provide(fx.Annotate(postgres.NewDirectory, fx.As(new(ports.Directory)))),
		fx.Provide(fx.Annotate(orghttp.New, fx.As(new(httpx.Routes)), fx.ResultTags(`group:"routes"`))),
	)
}
