package http_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/httpx/apitest"
)

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

// hospital is an organization with the departments that outline gives, two spaces for each level. Ids are in its order.
func hospital(tb testing.TB, c *apitest.Client, name, outline string) (organization int64, ids map[string]int64) {
	tb.Helper()
	organization = c.Do(tb, "POST", "/organizations/", fmt.Sprintf(`{"name":%q}`, name)).Want(tb, http.StatusCreated).ID()
	ids = map[string]int64{}
	var path []int64
	for line := range strings.Lines(outline) {
		trimmed := strings.TrimLeft(line, " ")
		level, department := (len(line)-len(trimmed))/2, strings.TrimSpace(trimmed)
		parent := "null"
		if level > 0 {
			parent = fmt.Sprint(path[level-1])
		}
		id := c.Do(tb, "POST", "/departments/", fmt.Sprintf(`{"organization_id":%d,"parent_id":%s,"name":%q}`, organization, parent, department)).Want(tb, http.StatusCreated).ID()
		path = append(path[:level], id)
		ids[department] = id
	}
	return organization, ids
}

// outline returns an organization's tree in the form hospital takes.
func outline(tb testing.TB, c *apitest.Client, organization int64) string {
	tb.Helper()
	var b strings.Builder
	var write func(nodes []any, level int)
	write = func(nodes []any, level int) {
		for _, n := range nodes {
			node := n.(map[string]any)
			fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", level), node["name"])
			write(node["children"].([]any), level+1)
		}
	}
	for _, top := range c.Do(tb, "GET", fmt.Sprintf("/organizations/%d/tree", organization), "").Want(tb, http.StatusOK).List {
		write([]any{top}, 0)
	}
	return b.String()
}

const wards = `내과
  심장내과
  소화기내과
    내시경실
외과
  정형외과
`

func TestDepartments_story(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	organization, ids := hospital(t, c, "서울병원", wards)
	if got := outline(t, c, organization); got != wards {
		t.Fatalf("the tree is\n%s", got)
	}
	path := func(name string) string { return fmt.Sprintf("/departments/%d", ids[name]) }
	c.Do(t, "GET", path("내시경실"), "").Want(t, http.StatusOK, "parent_id", ids["소화기내과"], "organization_id", organization, "code", nil, "sort_order", 1000)

	c.Do(t, "POST", path("소화기내과")+"/move", fmt.Sprintf(`{"parent_id":%d,"position":0}`, ids["외과"])).Want(t, http.StatusOK, "parent_id", ids["외과"])
	want := "내과\n  심장내과\n외과\n  소화기내과\n    내시경실\n  정형외과\n"
	if got := outline(t, c, organization); got != want {
		t.Errorf("a subtree moved: the tree is\n%s", got)
	}
	c.Do(t, "POST", path("외과")+"/move", `{"parent_id":null,"position":0}`).Want(t, http.StatusOK)
	c.Do(t, "POST", path("내시경실")+"/move/", `{"parent_id":null}`).Want(t, http.StatusOK, "parent_id", nil)
	want = "외과\n  소화기내과\n  정형외과\n내과\n  심장내과\n내시경실\n"
	if got := outline(t, c, organization); got != want {
		t.Errorf("moved to the top: the tree is\n%s", got)
	}
	for refused, tc := range map[string]struct {
		body, code string
		status     int
	}{
		"into its own subtree": {fmt.Sprintf(`{"parent_id":%d,"position":0}`, ids["소화기내과"]), "department.move_into_own_subtree", http.StatusConflict},
		"below itself":         {fmt.Sprintf(`{"parent_id":%d}`, ids["외과"]), "department.move_into_own_subtree", http.StatusConflict},
		"below nothing":        {`{"parent_id":999}`, "validation_failed", http.StatusUnprocessableEntity},
		"to nowhere":           {`{"position":1}`, "validation_failed", http.StatusUnprocessableEntity},
		"before the first":     {`{"parent_id":null,"position":-1}`, "validation_failed", http.StatusUnprocessableEntity},
	} {
		if a := c.Do(t, "POST", path("외과")+"/move", tc.body); a.Status != tc.status || a.Object["code"] != tc.code {
			t.Errorf("%s: %d %s", refused, a.Status, a.Body)
		}
	}
	other, _ := hospital(t, c, "부산병원", "원무과\n")
	foreign := c.Do(t, "GET", fmt.Sprintf("/departments/?organization_id=%d", other), "").List[0]["id"]
	c.Do(t, "POST", path("외과")+"/move", fmt.Sprintf(`{"parent_id":%v}`, foreign)).Want(t, http.StatusUnprocessableEntity)
	c.Do(t, "PUT", path("외과"), fmt.Sprintf(`{"parent_id":%v}`, foreign)).Want(t, http.StatusUnprocessableEntity)
	c.Do(t, "PUT", path("외과"), fmt.Sprintf(`{"organization_id":%d}`, other)).Want(t, http.StatusUnprocessableEntity)
	if got := outline(t, c, organization); got != want {
		t.Errorf("after refused moves: the tree is\n%s", got)
	}

	c.Do(t, "DELETE", path("외과"), "").Want(t, http.StatusConflict, "code", "department.has_departments",
		"detail", "The department still has 2 departments below it: move or delete them first", "params", map[string]any{"count": 2.0})
	c.Do(t, "DELETE", path("내시경실"), "").Want(t, http.StatusNoContent)
	c.Do(t, "GET", path("내시경실"), "").Want(t, http.StatusNotFound, "detail", "Department not found")
	c.Do(t, "GET", "/organizations/999/tree", "").Want(t, http.StatusNotFound, "detail", "Organization not found")
}

func TestDepartments_update(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	_, ids := hospital(t, c, "서울병원", wards)
	path := fmt.Sprintf("/departments/%d", ids["소화기내과"])
	a := c.Do(t, "PUT", path, `{"name":"소화기센터","code":"GI"}`).Want(t, http.StatusOK, "name", "소화기센터", "code", "GI", "parent_id", ids["내과"])
	c.Do(t, "PUT", path, `{"name":"x"}`, "If-Match", `"1"`).Want(t, http.StatusPreconditionFailed)
	c.Do(t, "POST", path+"/move", `{"parent_id":null}`, "If-Match", `"1"`).Want(t, http.StatusPreconditionFailed)

	c.Do(t, "PUT", path, string(a.Body)).Want(t, http.StatusOK, "parent_id", ids["내과"], "sort_order", a.Object["sort_order"]) // as it was read
	c.Do(t, "PUT", path, fmt.Sprintf(`{"parent_id":%d}`, ids["내시경실"])).Want(t, http.StatusConflict, "code", "department.move_into_own_subtree")
	c.Do(t, "PUT", path, fmt.Sprintf(`{"parent_id":%d,"sort_order":5}`, ids["외과"])).Want(t, http.StatusOK, "parent_id", ids["외과"], "sort_order", 5)
	c.Do(t, "PUT", path, `{"parent_id":null,"code":null}`).Want(t, http.StatusOK, "parent_id", nil, "code", nil)
}

func TestDepartments_codeIsUniqueInItsOrganization(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	first, _ := hospital(t, c, "A", "")
	second, _ := hospital(t, c, "B", "")
	body := `{"organization_id":%d,"name":"ER","code":"ER"}`
	c.Do(t, "POST", "/departments/", fmt.Sprintf(body, first)).Want(t, http.StatusCreated)
	c.Do(t, "POST", "/departments/", fmt.Sprintf(body, first)).Want(t, http.StatusBadRequest, "code", "department.code_taken")
	c.Do(t, "POST", "/departments/", fmt.Sprintf(body, second)).Want(t, http.StatusCreated)
	c.Do(t, "POST", "/departments/", `{"organization_id":99,"name":"ER"}`).Want(t, http.StatusUnprocessableEntity)
	for range 2 { // none is not a code
		c.Do(t, "POST", "/departments/", fmt.Sprintf(`{"organization_id":%d,"name":"Lab"}`, first)).Want(t, http.StatusCreated)
	}
}

func TestDepartments_list(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	organization, ids := hospital(t, c, "서울병원", wards)
	hospital(t, c, "부산병원", wards)
	for query, want := range map[string][]string{
		fmt.Sprintf("organization_id=%d", organization):                            {"내과", "내시경실", "소화기내과", "심장내과", "외과", "정형외과"},
		fmt.Sprintf("organization_id=%d&parent_id=null", organization):             {"내과", "외과"},
		fmt.Sprintf("parent_id=%d", ids["내과"]):                                     {"소화기내과", "심장내과"},
		fmt.Sprintf("organization_id=%d&q=%s", organization, "%EC%99%B8%EA%B3%BC"): {"외과", "정형외과"},
		"organization_id=999": nil,
		fmt.Sprintf("id=%d,%d,%d", ids["외과"], ids["내과"], ids["외과"]):                          {"내과", "외과"},
		fmt.Sprintf("id=%d,%d&parent_id=null", ids["외과"], ids["심장내과"]):                       {"외과"},
		fmt.Sprintf("id=%d,%d&q=%s&sort=name", ids["외과"], ids["심장내과"], "%EC%99%B8%EA%B3%BC"): {"외과"},
		fmt.Sprintf("id=%d&organization_id=%d", ids["외과"], organization+1):                   nil,
		fmt.Sprintf("organization_id=%d&sort=-code&limit=2&count=true", organization):        {"외과", "정형외과"},
	} {
		var names []string
		for _, d := range c.Do(t, "GET", "/departments/?"+query, "").Want(t, http.StatusOK).List {
			names = append(names, d["name"].(string))
		}
		if diff := cmp.Diff(want, sorted(names)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	var names []string
	for _, d := range c.Do(t, "GET", fmt.Sprintf("/departments/?parent_id=%d&sort=sort_order", ids["내과"]), "").List {
		names = append(names, d["name"].(string))
	}
	if diff := cmp.Diff([]string{"심장내과", "소화기내과"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestDepartments_depth(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	var deep strings.Builder
	for level := range 32 {
		fmt.Fprintf(&deep, "%slevel %d\n", strings.Repeat("  ", level), level+1)
	}
	organization, ids := hospital(t, c, "A", deep.String())
	if got := outline(t, c, organization); got != deep.String() {
		t.Errorf("32 levels came back as\n%s", got)
	}
	c.Do(t, "POST", "/departments/", fmt.Sprintf(`{"organization_id":%d,"parent_id":%d,"name":"level 33"}`, organization, ids["level 32"])).
		Want(t, http.StatusConflict, "code", "department.too_deep", "params", map[string]any{"max": 32.0})
	single := c.Do(t, "POST", "/departments/", fmt.Sprintf(`{"organization_id":%d,"name":"single"}`, organization)).ID()
	c.Do(t, "POST", fmt.Sprintf("/departments/%d/move", ids["level 1"]), fmt.Sprintf(`{"parent_id":%d}`, single)).
		Want(t, http.StatusConflict, "code", "department.too_deep")
}

// 200 random moves at once on one tree: it stays a tree with every department in it once, and no request fails for
// another reason than the rules.
func TestDepartments_concurrentMovesLeaveATree(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	var many strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, "%sdepartment %d\n", strings.Repeat("  ", i%8), i)
	}
	organization, ids := hospital(t, c, "A", many.String())
	all := make([]int64, 0, len(ids))
	for _, id := range ids {
		all = append(all, id)
	}
	slices.Sort(all)

	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	begin, statuses := make(chan struct{}), make(chan int, 200)
	var moves sync.WaitGroup
	random := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		parent := "null"
		if random.IntN(5) > 0 {
			parent = fmt.Sprint(all[random.IntN(len(all))])
		}
		path, body := fmt.Sprintf("/departments/%d/move", all[random.IntN(len(all))]), fmt.Sprintf(`{"parent_id":%s,"position":%d}`, parent, random.IntN(6))
		moves.Go(func() {
			<-begin
			statuses <- c.Do(t, "POST", path, body).Status
		})
	}
	close(begin)
	moves.Wait()
	close(statuses)
	moved := 0
	for status := range statuses {
		switch status {
		case http.StatusOK:
			moved++
		case http.StatusConflict:
		default:
			t.Errorf("a move answered %d", status)
		}
	}
	if moved < 50 {
		t.Errorf("only %d of 200 moves went through: nothing was tried", moved)
	}
	names := sorted(strings.Fields(strings.ReplaceAll(outline(t, c, organization), "department ", "")))
	want := make([]string, 40)
	for i := range want {
		want[i] = fmt.Sprint(i)
	}
	if diff := cmp.Diff(sorted(want), names); diff != "" {
		t.Errorf("departments were lost or doubled: %s", diff)
	}
}

// Fifty concurrent requests create the same name: one succeeds, the others get the error.
func TestOrganizations_concurrentDuplicates(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	statuses := make(chan int, 50)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { statuses <- c.Do(t, "POST", "/organizations/", `{"name":"A"}`).Status })
	}
	all.Wait()
	close(statuses)
	count := map[int]int{}
	for status := range statuses {
		count[status]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusCreated: 1, http.StatusBadRequest: 49}, count); diff != "" {
		t.Error(diff)
	}
}

// The whole tree comes in one query, however deep it is, and in none when it was asked before and nothing has changed since.
func TestDepartments_treeIsOneQuery(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	organization, ids := hospital(t, c, "A", wards)
	var news, again []int64
	for i := range 20 { // the module asks for changes now and then, and that counts too
		c.Do(t, "PUT", fmt.Sprintf("/departments/%d", ids["외과"]), fmt.Sprintf(`{"name":"외과 %d"}`, i)).Want(t, http.StatusOK)
		for _, counts := range []*[]int64{&news, &again} {
			before := queries(t, c)
			c.Do(t, "GET", fmt.Sprintf("/organizations/%d/tree", organization), "").Want(t, http.StatusOK)
			*counts = append(*counts, queries(t, c)-before)
		}
	}
	if slices.Min(news) != 1 || slices.Min(again) != 0 {
		t.Errorf("queries: %v, and again %v", news, again)
	}
}

// queries counts the statements that the pool has begun: each takes a connection once.
func queries(t *testing.T, c *apitest.Client) int64 {
	t.Helper()
	return c.DB.Stat().AcquireCount()
}
