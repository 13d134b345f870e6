package http

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"erp.internal/modules/organization/app"
	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/cache"
	"erp.internal/platform/httpx"
)

// DepartmentNode is a department with those below it.
type DepartmentNode struct {
	Department
	ChildrenCount int               `json:"children_count" example:"3" doc:"The number of direct subdepartments, also where children does not show them"`
	Children      []*DepartmentNode `json:"children" nullable:"false" doc:"The direct subdepartments, in order; none beyond depth"`
}

type departmentTree struct {
	ID       domain.OrganizationID `path:"id" minimum:"1"`
	ParentID domain.DepartmentID   `query:"parent_id" minimum:"1" doc:"Show what is below this department; omitted: the whole tree"`
	Depth    int                   `query:"depth" minimum:"1" maximum:"32" doc:"The number of levels to show; omitted: all"`
}

// Trees shows trees as JSON.
type Trees = app.EncodedTrees[treeJSON]

// NewTrees makes the use case with this form.
func NewTrees(authorizer authz.Authorizer, repo ports.Departments, organizations ports.Organizations, hub *cache.Hub, settings app.Settings) *Trees {
	return app.NewEncodedTrees(authorizer, repo, organizations, hub, settings, encodeTree)
}

func (r *Routes) tree(api *httpx.API) {
	httpx.Register(api, httpx.Operation{
		ID: "department-tree", Method: http.MethodGet, Path: "/organizations/{id}/tree", Tag: "Departments", Access: app.DepartmentRead,
		Summary: "Show the department tree of an organization",
		Description: "The top-level departments with their descendants, siblings in order. Callers who may see only some departments get those; a department whose parent they may not see is then at the top. " +
			"Large trees can be read in parts: with depth, departments of the last level have children_count, and no children; with parent_id, the answer is what is below that department.",
		Errors: []int{http.StatusNotFound}, Large: true,
	}, func(ctx context.Context, in *departmentTree) (*httpx.Found[httpx.Encoded[[]*DepartmentNode]], error) {
		tree, err := r.trees.Tree(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		shown, err := show(tree, in.ParentID, in.Depth)
		if err != nil {
			return nil, err
		}
		return httpx.FoundJSON[[]*DepartmentNode](shown), nil
	})
}

// show returns the answer with a tree: so many levels, 0 for all, of what is below a department, 0 for the whole tree.
func show(tree app.Tree[treeJSON], parent domain.DepartmentID, depth int) (*httpx.JSON, error) {
	text := tree.Encoded
	from, to := 0, tree.Len()
	if parent != 0 {
		position, end, err := tree.Below(parent)
		if err != nil {
			return nil, err
		}
		from, to = position+1, end
	}
	switch {
	case depth > 0:
		return httpx.NewJSON(text.appendLevels(nil, tree.Chart, from, to, depth)), nil
	case parent != 0:
		of := text.nodes[from-1]
		return httpx.NewJSON(text.whole.Bytes()[of.children-1 : of.end-1]), nil
	default:
		return text.whole, nil
	}
}

// treeJSON is a tree in JSON that parts can be taken of.
type treeJSON struct {
	whole *httpx.JSON
	nodes []nodeJSON // by the positions of the chart
}

// nodeJSON says where a department is in the text: from its brace to that after its children, which begin after their bracket.
type nodeJSON struct{ start, children, end int }

// nodeBytes is how many bytes a nodeJSON takes.
const nodeBytes = 24

// appendLevels appends the departments from one position to another that are siblings, and so many levels in all.
func (t treeJSON) appendLevels(text []byte, chart *domain.Chart, from, to, levels int) []byte {
	text = append(text, '[')
	for at := from; at < to; at = chart.End(at) {
		if at > from {
			text = append(text, ',')
		}
		node := t.nodes[at]
		text = append(text, t.whole.Bytes()[node.start:node.children-1]...)
		if levels > 1 {
			text = t.appendLevels(text, chart, at+1, chart.End(at), levels-1)
		} else {
			text = append(text, "[]"...)
		}
		text = append(text, '}')
	}
	return append(text, ']')
}

// fixedNode is about how many bytes a department takes in JSON besides its texts.
const fixedNode = 200

// encodeTree encodes departments, which are in the order of the chart, as DepartmentNodes. By hand it takes a fifth of the time
// of doing it by reflection.
func encodeTree(chart *domain.Chart, departments []domain.Department) (encoded treeJSON, bytes int) {
	size := fixedNode * len(departments)
	for _, d := range departments {
		size += len(d.Name)
	}
	e := treeEncoder{chart: chart, departments: departments, text: make([]byte, 0, size), nodes: make([]nodeJSON, len(departments))}
	e.siblings(0, chart.Len())
	body := httpx.NewJSON(e.text)
	return treeJSON{body, e.nodes}, body.Size() + nodeBytes*len(e.nodes)
}

type treeEncoder struct {
	chart       *domain.Chart
	departments []domain.Department
	text        []byte
	nodes       []nodeJSON
}

func (e *treeEncoder) siblings(from, to int) {
	e.text = append(e.text, '[')
	for at := from; at < to; at = e.chart.End(at) {
		if at > from {
			e.text = append(e.text, ',')
		}
		e.nodes[at].start = len(e.text)
		e.text = appendDepartment(e.text, e.departments[at])
		e.text = append(e.text, `,"children_count":`...)
		e.text = strconv.AppendInt(e.text, int64(e.chart.Children(at)), 10)
		e.text = append(e.text, `,"children":`...)
		e.nodes[at].children = len(e.text) + 1
		e.siblings(at+1, e.chart.End(at))
		e.text = append(e.text, '}')
		e.nodes[at].end = len(e.text)
	}
	e.text = append(e.text, ']')
}

// appendDepartment appends a Department, open at its end.
func appendDepartment(text []byte, d domain.Department) []byte {
	text = append(text, `{"id":`...)
	text = strconv.AppendInt(text, int64(d.ID), 10)
	text = append(text, `,"organization_id":`...)
	text = strconv.AppendInt(text, int64(d.OrganizationID), 10)
	text = append(text, `,"parent_id":`...)
	if d.ParentID == nil {
		text = append(text, "null"...)
	} else {
		text = strconv.AppendInt(text, int64(*d.ParentID), 10)
	}
	text = append(text, `,"name":`...)
	text = appendString(text, d.Name)
	text = append(text, `,"code":`...)
	if d.Code == nil {
		text = append(text, "null"...)
	} else {
		text = appendString(text, *d.Code)
	}
	text = append(text, `,"sort_order":`...)
	text = strconv.AppendInt(text, d.SortOrder, 10)
	text = append(text, `,"created_at":"`...)
	text = d.CreatedAt.AppendFormat(text, time.RFC3339Nano)
	text = append(text, `","updated_at":"`...)
	text = d.UpdatedAt.AppendFormat(text, time.RFC3339Nano)
	return append(text, '"')
}

// appendString appends a text from the database, which is valid UTF-8.
func appendString(text []byte, s string) []byte {
	text, _ = jsontext.AppendQuote(text, s) // fails only for invalid UTF-8, which it replaces
	return text
}
