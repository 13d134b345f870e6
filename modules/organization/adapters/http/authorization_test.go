package http_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/fx"

	"erp.internal/platform/authz"
	"erp.internal/platform/place"
)

// guard notes what is asked of it and answers as it is set to.
type guard struct {
	mu      sync.Mutex
	asked   []string
	forbids bool // everything but reading
	hides   bool // and reading too
	scope   place.Scope
}

func (g *guard) Anywhere(context.Context, authz.Permission) error { return nil }

func (g *guard) RequireAt(_ context.Context, p authz.Permission, target place.Place) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case target.Department != 0:
		g.asked = append(g.asked, fmt.Sprintf("%s on department %d", p, target.Department))
	case target.Organization != 0:
		g.asked = append(g.asked, fmt.Sprintf("%s on organization %d", p, target.Organization))
	default:
		g.asked = append(g.asked, string(p)+" on the system")
	}
	if g.forbids && (g.hides || !strings.HasSuffix(string(p), ".read")) {
		return authz.ErrForbidden
	}
	return nil
}

func (g *guard) RequireAllOf(context.Context, int64) error { return nil }

func (g *guard) RequireNoGain(context.Context, place.Place, place.Place) error { return nil }

func (g *guard) Scope(context.Context, authz.Permission) (place.Scope, error) { return g.scope, nil }

// changes returns what was asked, once each; of reads only where nothing else was asked.
func (g *guard) changes() []string {
	asked := slices.DeleteFunc(slices.Clone(g.asked), func(a string) bool { return strings.Contains(a, ".read ") })
	if len(asked) == 0 {
		asked = g.asked
	}
	slices.Sort(asked)
	return slices.Compact(asked)
}

func (g *guard) option() fx.Option {
	return fx.Decorate(func(authz.Authorizer) authz.Authorizer { return g })
}

// Every use case asks about the object it acts on, both ends of a move, and changes nothing when it is refused.
func TestUseCases_askForPermission(t *testing.T) {
	t.Parallel()
	g := &guard{scope: place.Scope{Everywhere: true}}
	c := newClient(t, g.option())
	organization, ids := hospital(t, c, "A", wards)
	before := outline(t, c, organization)
	department, parent := ids["소화기내과"], ids["외과"]

	for _, tc := range []struct {
		method, path, body string
		asked              []string
	}{
		{"GET", "/organizations/1", "", []string{"organization.read on organization 1"}},
		{"POST", "/organizations", `{"name":"B"}`, []string{"organization.create on the system"}},
		{"PUT", "/organizations/1", `{"name":"B"}`, []string{"organization.update on organization 1"}},
		{"DELETE", "/organizations/1", "", []string{"organization.delete on organization 1"}},
		{"GET", fmt.Sprintf("/departments/%d", department), "", []string{fmt.Sprintf("department.read on department %d", department)}},
		{"POST", "/departments", `{"organization_id":1,"name":"X"}`, []string{"department.create on organization 1"}},
		{"POST", "/departments", fmt.Sprintf(`{"organization_id":1,"parent_id":%d,"name":"X"}`, parent), []string{fmt.Sprintf("department.create on department %d", parent)}},
		{"PUT", fmt.Sprintf("/departments/%d", department), `{"name":"X"}`, []string{fmt.Sprintf("department.update on department %d", department)}},
		{"PUT", fmt.Sprintf("/departments/%d", department), fmt.Sprintf(`{"parent_id":%d}`, parent), []string{
			fmt.Sprintf("department.update on department %d", department), fmt.Sprintf("department.move on department %d", department), fmt.Sprintf("department.move on department %d", parent)}},
		{"POST", fmt.Sprintf("/departments/%d/move", department), fmt.Sprintf(`{"parent_id":%d}`, parent), []string{
			fmt.Sprintf("department.move on department %d", department), fmt.Sprintf("department.move on department %d", parent)}},
		{"POST", fmt.Sprintf("/departments/%d/move", department), `{"parent_id":null}`, []string{
			fmt.Sprintf("department.move on department %d", department), "department.move on organization 1"}},
		{"DELETE", fmt.Sprintf("/departments/%d", ids["내시경실"]), "", []string{fmt.Sprintf("department.delete on department %d", ids["내시경실"])}},
	} {
		g.forbids, g.asked = true, nil
		if a := c.Do(t, tc.method, tc.path, tc.body); tc.method != "GET" {
			a.Want(t, http.StatusForbidden, "code", "forbidden")
		}
		if asked := g.changes(); len(asked) == 0 || !slices.Contains(tc.asked, asked[0]) {
			t.Errorf("%s %s asked for %v first, want one of %v", tc.method, tc.path, g.asked, tc.asked)
		}
		if g.hides = true; tc.path != "/organizations" {
			if a := c.Do(t, tc.method, tc.path, tc.body); a.Status != http.StatusNotFound && a.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s %s of what cannot be seen: %d %s", tc.method, tc.path, a.Status, a.Body)
			}
		}
		g.forbids, g.hides = false, false
		if got := outline(t, c, organization); got != before {
			t.Fatalf("%s %s was refused and changed something:\n%s", tc.method, tc.path, got)
		}
		if tc.method == "DELETE" || tc.path == "/organizations" {
			continue
		}
		g.asked = nil
		if a := c.Do(t, tc.method, tc.path, tc.body); a.Status >= http.StatusBadRequest {
			t.Fatalf("%s %s: %d %s", tc.method, tc.path, a.Status, a.Body)
		}
		slices.Sort(tc.asked)
		if diff := cmp.Diff(tc.asked, g.changes()); diff != "" {
			t.Errorf("%s %s: %s", tc.method, tc.path, diff)
		}
		before = outline(t, c, organization)
	}
}

// Lists and their counts hold what the caller's scope holds.
func TestLists_keepToTheScope(t *testing.T) {
	t.Parallel()
	g := &guard{}
	c := newClient(t, g.option())
	first, ids := hospital(t, c, "A", wards)
	second, _ := hospital(t, c, "B", "원무과\n")
	for name, tc := range map[string]struct {
		scope                      place.Scope
		organizations, departments string
	}{
		"everywhere":                       {place.Scope{Everywhere: true}, "2", "7"},
		"nowhere":                          {place.Scope{}, "0", "0"},
		"one organization":                 {place.Scope{Organizations: []int64{second}}, "1", "1"},
		"an organization and a department": {place.Scope{Organizations: []int64{second}, Departments: []int64{ids["외과"]}}, "1", "2"},
		"an organization twice":            {place.Scope{Organizations: []int64{first, first}}, "1", "6"},
	} {
		g.scope = tc.scope
		for path, want := range map[string]string{
			"/organizations?": tc.organizations, "/departments?": tc.departments, // an object that the caller may not see is missing also by its id
			"/organizations?id=1,2&": tc.organizations, "/departments?id=1,2,3,4,5,6,7&": tc.departments,
		} {
			a := c.Do(t, "GET", path+"count=true", "").Want(t, http.StatusOK)
			if got := a.Header.Get("X-Total-Count"); got != want || fmt.Sprint(len(a.List)) != want {
				t.Errorf("%s, %s: %d items, count %s; want %s", name, path, len(a.List), got, want)
			}
		}
	}
}
