// Package http is the module's side of the API: what requests and answers look like, and which use case answers them.
package http

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"erp.internal/modules/organization/app"
	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/etag"
	"erp.internal/platform/httpx"
	"erp.internal/platform/search"
)

// Organization is an organization as answers show it.
type Organization struct {
	ID          int64     `json:"id" example:"1"`
	Name        string    `json:"name" example:"서울중앙병원"`
	Description *string   `json:"description" example:"Tertiary hospital"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

func organizationOf(o domain.Organization) Organization {
	return Organization{ID: int64(o.ID), Name: o.Name, Description: o.Description, CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt}
}

func organizationFound(o domain.Organization, err error) (*httpx.Found[Organization], error) {
	if err != nil {
		return nil, err
	}
	return &httpx.Found[Organization]{ETag: etag.Of(o.Version), Body: organizationOf(o)}, nil
}

type organizationByID struct {
	ID domain.OrganizationID `path:"id" minimum:"1"`
}

type createOrganization struct {
	Body struct {
		httpx.Echoed
		Name        httpx.Name                 `json:"name" doc:"Unique among all organizations"`
		Description httpx.Nullable[httpx.Note] `json:"description,omitempty"`
	}
}

type updateOrganization struct {
	ID domain.OrganizationID `path:"id" minimum:"1"`
	httpx.IfMatch
	Body struct {
		httpx.Echoed
		Name        httpx.Optional[httpx.Name] `json:"name,omitempty" doc:"Unique among all organizations"`
		Description httpx.Nullable[httpx.Note] `json:"description,omitempty"`
	}
}

type deleteOrganization struct {
	ID domain.OrganizationID `path:"id" minimum:"1"`
	httpx.IfMatch
}

type listOrganizations struct {
	httpx.ListInput
	httpx.IDFilter
	Deleted bool   `query:"deleted" doc:"Also those that were deleted, for what they were called"`
	Sort    string `query:"sort" default:"id" enum:"id,-id,name,-name,created_at,-created_at,updated_at,-updated_at" doc:"Sort field; prefix - for descending order"`
}

func (in *listOrganizations) filter() ports.OrganizationFilter {
	return ports.OrganizationFilter{IDs: httpx.IDs[domain.OrganizationID](in.IDFilter), Search: search.Parse(in.Q.Text()), Deleted: in.Deleted}
}

func (r *Routes) organizations(api *httpx.API) {
	const tag = "Organizations"

	httpx.Register(api, httpx.Operation{
		ID: "list-organizations", Method: http.MethodGet, Path: "/organizations", Tag: tag, Access: app.OrganizationRead,
		Summary: "List organizations", Description: "q searches names and descriptions.", Errors: []int{http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *listOrganizations) (*httpx.ListOutput[Organization], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		found, err := r.org.List(ctx, in.filter(), request)
		if err != nil {
			return nil, err
		}
		return httpx.SharedList(api, &in.ListInput, found, organizationOf), nil
	})

	httpx.RegisterChange(api, httpx.Operation{
		ID: "create-organization", Method: http.MethodPost, Path: "/organizations", Tag: tag, Access: app.OrganizationCreate,
		Summary: "Create an organization", Status: http.StatusCreated, Errors: httpx.BodyErrors(),
	}, func(ctx context.Context, in *createOrganization) (domain.Organization, error) {
		return r.org.Create(ctx, app.CreateOrganization{Name: string(in.Body.Name), Description: httpx.PointerText(in.Body.Description)})
	}, func(o domain.Organization) *httpx.Created[Organization] {
		return &httpx.Created[Organization]{Location: api.Href(fmt.Sprintf("/organizations/%d", o.ID)), ETag: etag.Of(o.Version), Body: organizationOf(o)}
	})

	httpx.Register(api, httpx.Operation{
		ID: "organization-by-id", Method: http.MethodGet, Path: "/organizations/{id}", Tag: tag, Access: app.OrganizationRead,
		Summary: "Show an organization", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *organizationByID) (*httpx.Found[Organization], error) {
		return organizationFound(r.org.ByID(ctx, in.ID))
	})

	httpx.Register(api, httpx.Operation{
		ID: "update-organization", Method: http.MethodPut, Path: "/organizations/{id}", Tag: tag, Access: app.OrganizationUpdate,
		Summary: "Change an organization", Description: "Fields that are not sent stay unchanged; null clears the description.",
		Errors: httpx.BodyErrors(http.StatusNotFound, http.StatusPreconditionFailed),
	}, func(ctx context.Context, in *updateOrganization) (*httpx.Found[Organization], error) {
		return organizationFound(r.org.Update(ctx, app.UpdateOrganization{ID: in.ID, Expected: in.Condition(), Change: domain.OrganizationChange{
			Name: httpx.Text(in.Body.Name), Description: httpx.TextField(in.Body.Description),
		}}))
	})

	httpx.Register(api, httpx.Operation{
		ID: "delete-organization", Method: http.MethodDelete, Path: "/organizations/{id}", Tag: tag, Access: app.OrganizationDelete,
		Summary: "Delete an organization", Description: "The organization must have no departments.", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, func(ctx context.Context, in *deleteOrganization) (*httpx.Empty, error) {
		return nil, r.org.Delete(ctx, app.DeleteOrganization{ID: in.ID, Expected: in.Condition()})
	})
}
