package http

import (
	"erp.internal/modules/access/app"
	"erp.internal/platform/authz"
	"erp.internal/platform/httpx"
)

// Routes are the module's operations.
type Routes struct {
	catalogue *authz.Catalogue
	roles     *app.Roles
	grants    *app.Grants
	checks    *app.Checks
	exports   *app.Exports
}

var _ httpx.Routes = (*Routes)(nil)

// New makes the routes.
func New(catalogue *authz.Catalogue, roles *app.Roles, grants *app.Grants, checks *app.Checks, exports *app.Exports) *Routes {
	return &Routes{catalogue: catalogue, roles: roles, grants: grants, checks: checks, exports: exports}
}

// Name implements httpx.Routes.
func (*Routes) Name() string { return "access" }

// Register implements httpx.Routes.
func (r *Routes) Register(api *httpx.API) {
	api.Tag("Roles", "Sets of permissions, and the permissions that there are.")
	api.Tag("Grants", "Who has which role where, since when, until when, and why: a ledger, which only grows.")
	api.Tag("Access", "Whether a user may do something somewhere, and why.")
	api.RewordRule("unknown_permission", "is no permission; GET /permissions/ lists them")
	api.RewordRule("place_required", "needs an organization_id or a department_id")
	r.rolesCRUD(api)
	r.permissions(api)
	r.ledger(api)
	r.shortForm(api)
	r.check(api)
}
