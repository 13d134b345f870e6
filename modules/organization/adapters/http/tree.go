package http

import (
	"context"
	"net/http"

	"erp.internal/modules/organization/app"
	"erp.internal/modules/organization/domain"
	"erp.internal/platform/httpx"
)

// DepartmentNode is a department with those below it.
type DepartmentNode struct {
	Department
	Children []*DepartmentNode `json:"children" nullable:"false" doc:"The direct subdepartments, in order"`
}

func (r *Routes) tree(api *httpx.API) {
	httpx.Register(api, httpx.Operation{
		ID: "department-tree", Method: http.MethodGet, Path: "/organizations/{id}/tree", Tag: "Departments", Access: app.DepartmentRead,
		Summary: "Show the department tree of an organization", Description: "The top-level departments with their descendants, siblings in order. Callers who may see only some departments get those; a department whose parent they may not see is then at the top.",
		Errors: []int{http.StatusNotFound}, Large: true,
	}, func(ctx context.Context, in *organizationByID) (*httpx.Found[[]*DepartmentNode], error) {
		departments, err := r.dep.Tree(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &httpx.Found[[]*DepartmentNode]{Body: nest(departments)}, nil
	})
}

// nest puts departments, siblings in their order, below their parents; those whose parents are not given are at the top.
func nest(departments []domain.Department) []*DepartmentNode {
	nodes := make(map[domain.DepartmentID]*DepartmentNode, len(departments))
	for _, d := range departments {
		nodes[d.ID] = &DepartmentNode{Department: departmentOf(d), Children: []*DepartmentNode{}}
	}
	top := []*DepartmentNode{}
	for _, d := range departments {
		if parent := above(nodes, d); parent != nil {
			parent.Children = append(parent.Children, nodes[d.ID])
		} else {
			top = append(top, nodes[d.ID])
		}
	}
	return top
}

func above(nodes map[domain.DepartmentID]*DepartmentNode, d domain.Department) *DepartmentNode {
	if d.ParentID == nil {
		return nil
	}
	return nodes[*d.ParentID]
}
