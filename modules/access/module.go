// Package access wires the module: roles, the ledger of grants, and the decisions that come of them.
package access

import (
	"go.uber.org/fx"

	accesshttp "erp.internal/modules/access/adapters/http"
	"erp.internal/modules/access/adapters/postgres"
	"erp.internal/modules/access/app"
	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/httpx"
	"erp.internal/platform/search"
)

// Administrators makes system administrators, for the commands of the operator.
type Administrators = app.Administrators

// GrantAdministrator is the command that makes a user a system administrator.
type GrantAdministrator = app.GrantAdministrator

// Module provides authz.Authorizer, authz.Holders, and the module's routes and permissions; Administrators, who hear of what happens to
// users. It needs *pg.DB, *change.Door, *cache.Hub, *authz.Catalogue, the identity module's ports.Directory, and the
// organization module's ports.Directory and ports.Trees.
func Module() fx.Option {
	return fx.Module("access",
		fx.Provide(
			fx.Private,
			postgres.NewRoles,
			func(roles *postgres.Roles) ports.Roles { return roles },
			fx.Annotate(postgres.NewGrants, fx.As(new(ports.Grants))),
			app.NewDecisions,
			app.NewRoles,
			app.NewGrants,
			app.NewChecks,
			app.NewExports,
		),
		fx.Provide(
			func(decisions *app.Decisions) authz.Authorizer { return decisions },
			fx.Annotate(app.NewHolding, fx.As(new(authz.Holders))),
			app.NewAdministrators,
			fx.Annotate(app.Permissions, fx.ResultTags(`group:"permissions,flatten"`)),
			fx.Annotate(accesshttp.Errors, fx.ResultTags(`group:"errors"`)),
			fx.Annotate(domain.Events, fx.ResultTags(`group:"events,flatten"`)),
			fx.Annotate((*postgres.Roles).Searched, fx.ResultTags(`group:"searched"`)),
			fx.Annotate(found, fx.ResultTags(`group:"found"`)),
			fx.Annotate(accesshttp.New, fx.As(new(httpx.Routes)), fx.ResultTags(`group:"routes"`)),
		),
		fx.Invoke((*app.Administrators).Subscribe),
	)
}

// found are the kinds of objects that GET /search finds.
func found(roles *app.Roles) search.Kind { return search.Kind{Name: "role", Find: roles.Search} }
