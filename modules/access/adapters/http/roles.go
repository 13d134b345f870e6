// Package http is the module's side of the API: what requests and answers look like, and which use case answers them.
package http

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"erp.internal/modules/access/app"
	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	"erp.internal/platform/etag"
	"erp.internal/platform/httpx"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// Role is a role as answers show it.
type Role struct {
	ID          int64     `json:"id" example:"5"`
	Name        string    `json:"name" example:"ward-manager"`
	Description *string   `json:"description" example:"Runs a ward"`
	Permissions []string  `json:"permissions" nullable:"false" doc:"Names of permissions; GET /permissions/ describes them" example:"[\"user.read\",\"user.update\"]"`
	BuiltIn     bool      `json:"built_in" doc:"Part of the installation; cannot be changed or deleted"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

func roleOf(r domain.Role) Role {
	return Role{ID: int64(r.ID), Name: r.Name, Description: r.Description, Permissions: r.Permissions, BuiltIn: r.BuiltIn, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
}

func roleFound(r domain.Role, err error) (*httpx.Found[Role], error) {
	if err != nil {
		return nil, err
	}
	return &httpx.Found[Role]{ETag: etag.Of(r.Version), Body: roleOf(r)}, nil
}

type roleByID struct {
	ID domain.RoleID `path:"id" minimum:"1"`
}

type createRole struct {
	Body struct {
		httpx.Echoed
		Name        httpx.Name                 `json:"name" doc:"Unique among all roles"`
		Description httpx.Nullable[httpx.Note] `json:"description,omitempty"`
		Permissions []string                   `json:"permissions,omitempty" nullable:"false" maxItems:"1000" doc:"Names of permissions; the caller must hold them for the whole system without an end"`
		BuiltIn     httpx.Optional[bool]       `json:"built_in,omitempty" doc:"Ignored"`
	}
}

type updateRole struct {
	ID domain.RoleID `path:"id" minimum:"1"`
	httpx.IfMatch
	Body struct {
		httpx.Echoed
		Name        httpx.Optional[httpx.Name] `json:"name,omitempty" doc:"Unique among all roles"`
		Description httpx.Nullable[httpx.Note] `json:"description,omitempty"`
		Permissions httpx.Optional[[]string]   `json:"permissions,omitempty" maxItems:"1000" doc:"Names of all permissions; the caller must hold those that are added or removed for the whole system without an end"`
		BuiltIn     httpx.Optional[bool]       `json:"built_in,omitempty" doc:"Ignored"`
	}
}

type deleteRole struct {
	ID domain.RoleID `path:"id" minimum:"1"`
	httpx.IfMatch
}

type listRoles struct {
	httpx.ListInput
	httpx.IDFilter
	Sort string `query:"sort" default:"id" enum:"id,-id,name,-name,created_at,-created_at,updated_at,-updated_at" doc:"Sort field; prefix - for descending order"`
}

func (in *listRoles) filter() ports.RoleFilter {
	return ports.RoleFilter{IDs: httpx.IDs[domain.RoleID](in.IDFilter), Search: search.Parse(in.Q.Text())}
}

// RoleHolders counts the people whom a permission reaches by a role.
type RoleHolders struct {
	Scope       place.Level `json:"scope" doc:"The counts are for permissions with this as their narrowest scope"`
	People      int64       `json:"people" doc:"Users who have the role now"`
	Later       int64       `json:"later" doc:"Users who get it later, by a scheduled grant"`
	Deactivated int64       `json:"deactivated" doc:"Deactivated users who get it once activated"`
	SelfGranted int64       `json:"self_granted" doc:"Users among people and later who granted it to themselves"`
}

// widths are the scopes as ports.Grants counts holders.
var widths = place.Levels()

type roleHolders struct {
	Body []RoleHolders `nullable:"false"`
}

func (r *Routes) rolesCRUD(api *httpx.API) {
	const tag = "Roles"

	httpx.Register(api, httpx.Operation{
		ID: "list-roles", Method: http.MethodGet, Path: "/roles", Tag: tag, Access: app.RoleRead,
		Summary: "List roles", Description: "q searches names and descriptions.", Errors: []int{http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *listRoles) (*httpx.ListOutput[Role], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		found, err := r.roles.List(ctx, in.filter(), request)
		if err != nil {
			return nil, err
		}
		return httpx.SharedList(api, &in.ListInput, found, roleOf), nil
	})

	httpx.RegisterChange(api, httpx.Operation{
		ID: "create-role", Method: http.MethodPost, Path: "/roles", Tag: tag, Access: app.RoleCreate,
		Summary: "Create a role", Status: http.StatusCreated, Errors: httpx.BodyErrors(),
	}, func(ctx context.Context, in *createRole) (domain.Role, error) {
		return r.roles.Create(ctx, app.CreateRole{
			Name: string(in.Body.Name), Description: httpx.PointerText(in.Body.Description), Permissions: in.Body.Permissions,
		})
	}, func(role domain.Role) *httpx.Created[Role] {
		return &httpx.Created[Role]{Location: api.Href(fmt.Sprintf("/roles/%d", role.ID)), ETag: etag.Of(role.Version), Body: roleOf(role)}
	})

	httpx.Register(api, httpx.Operation{
		ID: "role-by-id", Method: http.MethodGet, Path: "/roles/{id}", Tag: tag, Access: app.RoleRead,
		Summary: "Show a role", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *roleByID) (*httpx.Found[Role], error) {
		return roleFound(r.roles.ByID(ctx, in.ID))
	})

	httpx.Register(api, httpx.Operation{
		ID: "update-role", Method: http.MethodPut, Path: "/roles/{id}", Tag: tag, Access: app.RoleUpdate,
		Summary: "Change a role", Description: "Fields that are not sent stay unchanged. The change takes effect at once for every user with the role.",
		Errors: httpx.BodyErrors(http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed),
	}, func(ctx context.Context, in *updateRole) (*httpx.Found[Role], error) {
		return roleFound(r.roles.Update(ctx, app.UpdateRole{ID: in.ID, Expected: in.Condition(), Change: domain.RoleChange{
			Name: httpx.Text(in.Body.Name), Description: httpx.TextField(in.Body.Description), Permissions: in.Body.Permissions.Value(),
		}}))
	})

	httpx.Register(api, httpx.Operation{
		ID: "role-holders", Method: http.MethodGet, Path: "/roles/{id}/holders", Tag: tag, Access: app.RoleUpdate,
		Summary: "Count the users of a role", Description: "How many users get the permissions that are added to the role, and lose those that are removed: by the narrowest scope of the permission, since a grant for a department does not give permissions that exist only for wider scopes. All users are counted, also those that the caller may not see.",
		Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *roleByID) (*roleHolders, error) {
		counts, err := r.roles.Holders(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		out := &roleHolders{Body: make([]RoleHolders, len(counts))}
		for i, c := range counts {
			out.Body[i] = RoleHolders{Scope: widths[i], People: c.People, Later: c.Later, Deactivated: c.Deactivated, SelfGranted: c.SelfGranted}
		}
		return out, nil
	})

	httpx.Register(api, httpx.Operation{
		ID: "delete-role", Method: http.MethodDelete, Path: "/roles/{id}", Tag: tag, Access: app.RoleDelete,
		Summary: "Delete a role", Description: "Only a role without grants that have not ended can be deleted; the ledger keeps its past grants.", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, func(ctx context.Context, in *deleteRole) (*httpx.Empty, error) {
		return nil, r.roles.Delete(ctx, app.DeleteRole{ID: in.ID, Expected: in.Condition()})
	})
}
