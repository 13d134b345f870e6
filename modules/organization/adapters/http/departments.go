package http

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"erp.internal/modules/organization/app"
	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/errs"
	"erp.internal/platform/etag"
	"erp.internal/platform/httpx"
	"erp.internal/platform/search"
)

// Department is a department as answers show it.
type Department struct {
	ID             int64     `json:"id" example:"7"`
	OrganizationID int64     `json:"organization_id" example:"1"`
	ParentID       *int64    `json:"parent_id" doc:"null for top-level departments"`
	Name           string    `json:"name" example:"심장내과"`
	Code           *string   `json:"code" example:"CARD"`
	SortOrder      int64     `json:"sort_order" doc:"The order among siblings; equal values are ordered by id" example:"1000"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

func departmentOf(d domain.Department) Department {
	return Department{
		ID: int64(d.ID), OrganizationID: int64(d.OrganizationID), ParentID: (*int64)(d.ParentID), Name: d.Name, Code: d.Code,
		SortOrder: d.SortOrder, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
}

func departmentFound(d domain.Department, err error) (*httpx.Found[Department], error) {
	if err != nil {
		return nil, err
	}
	return departmentShown(d), nil
}

func departmentShown(d domain.Department) *httpx.Found[Department] {
	return &httpx.Found[Department]{ETag: etag.Of(d.Version), Body: departmentOf(d)}
}

type departmentByID struct {
	ID domain.DepartmentID `path:"id" minimum:"1"`
}

type createDepartment struct {
	Body struct {
		httpx.Echoed
		OrganizationID domain.OrganizationID               `json:"organization_id" minimum:"1"`
		ParentID       httpx.Nullable[domain.DepartmentID] `json:"parent_id,omitempty" minimum:"1" doc:"A department of the same organization; null or omitted: top level"`
		Name           httpx.Name                          `json:"name"`
		Code           httpx.Nullable[httpx.Code]          `json:"code,omitempty" doc:"Unique in the organization"`
		SortOrder      httpx.Optional[int64]               `json:"sort_order,omitempty" minimum:"0" maximum:"1000000000000" doc:"Omitted: last among its siblings"`
	}
}

type updateDepartment struct {
	ID domain.DepartmentID `path:"id" minimum:"1"`
	httpx.IfMatch
	Body struct {
		httpx.Echoed
		OrganizationID httpx.Optional[domain.OrganizationID] `json:"organization_id,omitempty" minimum:"1" doc:"Ignored if unchanged; cannot be changed"`
		ParentID       httpx.Nullable[domain.DepartmentID]   `json:"parent_id,omitempty" minimum:"1" doc:"Moves the department with its descendants; null: to the top level"`
		Name           httpx.Optional[httpx.Name]            `json:"name,omitempty"`
		Code           httpx.Nullable[httpx.Code]            `json:"code,omitempty" doc:"Unique in the organization"`
		SortOrder      httpx.Optional[int64]                 `json:"sort_order,omitempty" minimum:"0" maximum:"1000000000000"`
	}
}

type moveDepartment struct {
	ID domain.DepartmentID `path:"id" minimum:"1"`
	httpx.IfMatch
	Body struct {
		ParentID *domain.DepartmentID `json:"parent_id" minimum:"1" nullable:"true" doc:"The new parent in the same organization; null: top level"`
		Position httpx.Optional[int]  `json:"position,omitempty" minimum:"0" doc:"The number of siblings before it; omitted or too large: last"`
	}
}

func (in *moveDepartment) position() int {
	if position := in.Body.Position.Value(); position != nil {
		return *position
	}
	return math.MaxInt
}

type deleteDepartment struct {
	ID domain.DepartmentID `path:"id" minimum:"1"`
	httpx.IfMatch
}

type listDepartments struct {
	httpx.ListInput
	httpx.IDFilter
	httpx.WithinFilter
	OrganizationID domain.OrganizationID `query:"organization_id" minimum:"1" doc:"Return only items of this organization"`
	ParentID       string                `query:"parent_id" pattern:"^(null|[1-9][0-9]{0,18})$" patternDescription:"an id or null" doc:"Return only direct subdepartments of this department; null: only top-level departments"`
	Deleted        bool                  `query:"deleted" doc:"Also those that were deleted, for what they were called, where the caller sees all departments of the organization"`
	Sort           string                `query:"sort" default:"id" enum:"id,-id,name,-name,code,-code,sort_order,-sort_order,created_at,-created_at,updated_at,-updated_at" doc:"Sort field; prefix - for descending order"`
}

func (in *listDepartments) filter() (ports.DepartmentFilter, error) {
	filter := ports.DepartmentFilter{IDs: httpx.IDs[domain.DepartmentID](in.IDFilter), Search: search.Parse(in.Q.Text()), Deleted: in.Deleted}
	var err error
	if filter.Within, err = in.Place(); err != nil {
		return filter, err
	}
	if in.OrganizationID != 0 {
		filter.OrganizationID = &in.OrganizationID
	}
	switch in.ParentID {
	case "":
	case "null":
		filter.Top = true
	default:
		id, err := strconv.ParseInt(in.ParentID, 10, 64)
		if err != nil {
			return filter, errs.Violation("query.parent_id", "too_large", "must be the id of a department")
		}
		filter.ParentID = (*domain.DepartmentID)(&id)
	}
	return filter, nil
}

func (r *Routes) departments(api *httpx.API) {
	const tag = "Departments"

	httpx.Register(api, httpx.Operation{
		ID: "list-departments", Method: http.MethodGet, Path: "/departments", Tag: tag, Access: app.DepartmentRead,
		Summary: "List departments", Description: "q searches names and codes.", Errors: []int{http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *listDepartments) (*httpx.ListOutput[Department], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		filter, err := in.filter()
		if err != nil {
			return nil, err
		}
		found, err := r.dep.List(ctx, filter, request)
		if err != nil {
			return nil, err
		}
		return httpx.SharedList(api, &in.ListInput, found, departmentOf), nil
	})

	httpx.RegisterChange(api, httpx.Operation{
		ID: "create-department", Method: http.MethodPost, Path: "/departments", Tag: tag, Access: app.DepartmentCreate,
		Summary: "Create a department", Status: http.StatusCreated, Errors: httpx.BodyErrors(http.StatusConflict),
	}, func(ctx context.Context, in *createDepartment) (domain.Department, error) {
		return r.dep.Create(ctx, app.CreateDepartment{
			OrganizationID: in.Body.OrganizationID, ParentID: in.Body.ParentID.Pointer(), Name: string(in.Body.Name),
			Code: httpx.PointerText(in.Body.Code), SortOrder: in.Body.SortOrder.Value(),
		})
	}, func(d domain.Department) *httpx.Created[Department] {
		return &httpx.Created[Department]{Location: api.Href(fmt.Sprintf("/departments/%d", d.ID)), ETag: etag.Of(d.Version), Body: departmentOf(d)}
	})

	httpx.Register(api, httpx.Operation{
		ID: "department-by-id", Method: http.MethodGet, Path: "/departments/{id}", Tag: tag, Access: app.DepartmentRead,
		Summary: "Show a department", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *departmentByID) (*httpx.Found[Department], error) {
		return departmentFound(r.dep.ByID(ctx, in.ID))
	})

	httpx.Register(api, httpx.Operation{
		ID: "update-department", Method: http.MethodPut, Path: "/departments/{id}", Tag: tag, Access: app.DepartmentUpdate,
		Summary: "Change a department", Description: "Fields that are not sent stay unchanged; null clears the code. Another parent_id moves the department with its descendants.",
		Errors: httpx.BodyErrors(http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed),
	}, func(ctx context.Context, in *updateDepartment) (*httpx.Found[Department], error) {
		return departmentFound(r.dep.Update(ctx, app.UpdateDepartment{ID: in.ID, Expected: in.Condition(), Change: domain.DepartmentChange{
			OrganizationID: in.Body.OrganizationID.Value(), ParentID: in.Body.ParentID.Field(), Name: httpx.Text(in.Body.Name),
			Code: httpx.TextField(in.Body.Code), SortOrder: in.Body.SortOrder.Value(),
		}}))
	})

	httpx.RegisterChange(api, httpx.Operation{
		ID: "move-department", Method: http.MethodPost, Path: "/departments/{id}/move", Tag: tag, Access: app.DepartmentMove,
		Summary: "Move a department", Description: "Moves the department with its descendants to another parent in the same organization, to the top level, or to another position among its siblings.",
		Errors: httpx.BodyErrors(http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed),
	}, func(ctx context.Context, in *moveDepartment) (domain.Department, error) {
		return r.dep.Move(ctx, app.MoveDepartment{ID: in.ID, Expected: in.Condition(), Parent: in.Body.ParentID, Position: in.position()})
	}, departmentShown)

	httpx.Register(api, httpx.Operation{
		ID: "delete-department", Method: http.MethodDelete, Path: "/departments/{id}", Tag: tag, Access: app.DepartmentDelete,
		Summary: "Delete a department", Description: "The department must have no subdepartments.", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, func(ctx context.Context, in *deleteDepartment) (*httpx.Empty, error) {
		return nil, r.dep.Delete(ctx, app.DeleteDepartment{ID: in.ID, Expected: in.Condition()})
	})
}
