package http

import (
	"erp.internal/modules/organization/app"
	"erp.internal/platform/httpx"
)

// Routes are the module's operations.
type Routes struct {
	org   *app.Organizations
	dep   *app.Departments
	trees *Trees
}

var _ httpx.Routes = (*Routes)(nil)

// New makes the routes.
func New(organizations *app.Organizations, departments *app.Departments, trees *Trees) *Routes {
	return &Routes{org: organizations, dep: departments, trees: trees}
}

// Name implements httpx.Routes.
func (*Routes) Name() string { return "organization" }

// Register implements httpx.Routes.
func (r *Routes) Register(api *httpx.API) {
	api.Tag("Organizations", "Institutions, each with a tree of departments.")
	api.Tag("Departments", "The departments of an organization, as a tree: list, read, change, move.")
	r.organizations(api)
	r.departments(api)
	r.tree(api)
}
