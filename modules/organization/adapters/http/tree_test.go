package http_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/fx"

	"erp.internal/migrations"
	"erp.internal/modules/organization"
	orghttp "erp.internal/modules/organization/adapters/http"
	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/place"
	"erp.internal/postgres/pgtest"
)

// What is encoded by hand is what reflection makes of the same departments, to the byte.
func TestTree_isEncodedAsItsSchemaSays(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	organization, _ := hospital(t, c, "A", wards)
	for _, body := range []string{
		`"name":"<b>&\"\\/ 가\tA"`, `"name":"é 😀   ","code":"A-1/b"`, `"name":"x","code":null,"sort_order":1000000000000`,
	} {
		c.Do(t, "POST", "/departments/", fmt.Sprintf(`{"organization_id":%d,%s}`, organization, body))
	}
	for _, query := range []string{"", "?depth=1", "?depth=2", "?parent_id=1", "?parent_id=1&depth=1"} {
		a := c.Do(t, "GET", fmt.Sprintf("/organizations/%d/tree%s", organization, query), "").Want(t, http.StatusOK)
		var nodes []*orghttp.DepartmentNode
		if err := json.Unmarshal(a.Body, &nodes); err != nil {
			t.Fatal(err)
		}
		if again, err := jsonv2.Marshal(nodes); err != nil || !bytes.Equal(again, a.Body) {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", query, err, a.Body, again)
		}
	}
}

// shape writes names with the number of children that each says it has, two spaces for each level.
func shape(a apitest.Answer) string {
	var b strings.Builder
	var write func(node map[string]any, level int)
	write = func(node map[string]any, level int) {
		fmt.Fprintf(&b, "%s%s %v\n", strings.Repeat("  ", level), node["name"], node["children_count"])
		for _, child := range node["children"].([]any) {
			write(child.(map[string]any), level+1)
		}
	}
	for _, top := range a.List {
		write(top, 0)
	}
	return b.String()
}

// A tree can be read in parts, by those who see all of it and by those who see a part: levels, and what is below a department.
func TestTree_inParts(t *testing.T) {
	t.Parallel()
	g := &guard{scope: place.Scope{Everywhere: true}}
	c := newClient(t, g.option())
	organization, ids := hospital(t, c, "서울병원", wards)
	other, _ := hospital(t, c, "부산병원", "원무과\n")
	part := place.Scope{Departments: []int64{ids["소화기내과"], ids["내시경실"], ids["외과"], ids["정형외과"]}}
	tree := fmt.Sprintf("/organizations/%d/tree", organization)
	for _, tc := range []struct {
		scope       place.Scope
		query, want string
	}{
		{place.Scope{Everywhere: true}, "", "내과 2\n  심장내과 0\n  소화기내과 1\n    내시경실 0\n외과 1\n  정형외과 0\n"},
		{place.Scope{Everywhere: true}, "?depth=32", "내과 2\n  심장내과 0\n  소화기내과 1\n    내시경실 0\n외과 1\n  정형외과 0\n"},
		{place.Scope{Everywhere: true}, "?depth=1", "내과 2\n외과 1\n"},
		{place.Scope{Organizations: []int64{organization}}, "?depth=2", "내과 2\n  심장내과 0\n  소화기내과 1\n외과 1\n  정형외과 0\n"},
		{place.Scope{Everywhere: true}, fmt.Sprintf("?parent_id=%d", ids["내과"]), "심장내과 0\n소화기내과 1\n  내시경실 0\n"},
		{place.Scope{Everywhere: true}, fmt.Sprintf("?parent_id=%d&depth=1", ids["내과"]), "심장내과 0\n소화기내과 1\n"},
		{place.Scope{Everywhere: true}, fmt.Sprintf("?parent_id=%d", ids["정형외과"]), ""},
		{part, "", "소화기내과 1\n  내시경실 0\n외과 1\n  정형외과 0\n"},
		{part, "?depth=1", "소화기내과 1\n외과 1\n"},
		{part, fmt.Sprintf("?parent_id=%d&depth=1", ids["외과"]), "정형외과 0\n"},
	} {
		g.scope = tc.scope
		if diff := cmp.Diff(tc.want, shape(c.Do(t, "GET", tree+tc.query, "").Want(t, http.StatusOK))); diff != "" {
			t.Errorf("%+v%s: %s", tc.scope, tc.query, diff)
		}
	}
	for name, path := range map[string]string{
		"a department above what is seen": fmt.Sprintf("%s?parent_id=%d", tree, ids["내과"]),
		"a missing department":            tree + "?parent_id=9999",
		"one of another organization":     fmt.Sprintf("/organizations/%d/tree?parent_id=%d", other, ids["외과"]),
	} {
		g.scope = place.Scope{Organizations: []int64{other}, Departments: part.Departments}
		c.Do(t, "GET", path, "").Want(t, http.StatusNotFound, "code", "department.not_found", "detail", "Department not found")
		t.Log(name)
	}
	for _, query := range []string{"?depth=0", "?depth=33", "?depth=x", "?parent_id=0"} {
		c.Do(t, "GET", tree+query, "").Want(t, http.StatusUnprocessableEntity)
	}
}

// Every change of a tree is in the next answer of the server that made it, and soon in that of another.
func TestTree_isCurrent(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, migrations.Files)
	c := apitest.On(t, db, organization.Module(), apitest.Open())
	second := apitest.On(t, pgtest.Again(t, db), organization.Module(), apitest.Open())
	id, ids := hospital(t, c, "서울병원", wards)
	path := fmt.Sprintf("/organizations/%d/tree", id)
	read := func(c *apitest.Client) string { return string(c.Do(t, "GET", path, "").Want(t, http.StatusOK).Body) }
	read(second)
	seen := map[string]bool{read(c): true}
	for _, change := range []struct{ method, path, body string }{
		{"POST", "/departments", fmt.Sprintf(`{"organization_id":%d,"name":"응급실"}`, id)},
		{"PUT", fmt.Sprintf("/departments/%d", ids["외과"]), `{"name":"외과센터"}`},
		{"PUT", fmt.Sprintf("/departments/%d", ids["외과"]), `{"sort_order":1}`},
		{"POST", fmt.Sprintf("/departments/%d/move", ids["심장내과"]), `{"parent_id":null,"position":0}`},
		{"POST", fmt.Sprintf("/departments/%d/move", ids["심장내과"]), `{"parent_id":null,"position":1}`},
		{"PUT", fmt.Sprintf("/departments/%d", ids["심장내과"]), fmt.Sprintf(`{"parent_id":%d}`, ids["외과"])},
		{"DELETE", fmt.Sprintf("/departments/%d", ids["내시경실"]), ""},
	} {
		if a := c.Do(t, change.method, change.path, change.body); a.Status >= http.StatusBadRequest {
			t.Fatalf("%s %s: %d %s", change.method, change.path, a.Status, a.Body)
		}
		now := read(c)
		if seen[now] {
			t.Errorf("%s %s %s: the tree is as it was before", change.method, change.path, change.body)
		}
		seen[now] = true
		await.That(t, "the other server shows it", func() bool { return read(second) == now })
	}
	c.Do(t, "DELETE", fmt.Sprintf("/organizations/%d", id), "").Want(t, http.StatusConflict)
	empty, _ := hospital(t, c, "빈 병원", "")
	c.Do(t, "GET", fmt.Sprintf("/organizations/%d/tree", empty), "").Want(t, http.StatusOK)
	c.Do(t, "DELETE", fmt.Sprintf("/organizations/%d", empty), "").Want(t, http.StatusNoContent)
	c.Do(t, "GET", fmt.Sprintf("/organizations/%d/tree", empty), "").Want(t, http.StatusNotFound)
}

// Who sees a part of a tree learns nothing of the rest from its tag: that changes with the part alone.
func TestTree_tagOfAPart(t *testing.T) {
	t.Parallel()
	g := &guard{scope: place.Scope{Everywhere: true}}
	c := newClient(t, g.option())
	organization, ids := hospital(t, c, "서울병원", wards)
	path := fmt.Sprintf("/organizations/%d/tree", organization)
	part := place.Scope{Departments: []int64{ids["외과"], ids["정형외과"]}}
	tags := func() (whole, ofPart string) {
		whole = c.Do(t, "GET", path, "").Want(t, http.StatusOK).Header.Get("ETag")
		g.scope = part
		ofPart = c.Do(t, "GET", path, "").Want(t, http.StatusOK).Header.Get("ETag")
		c.Do(t, "GET", path, "", "If-None-Match", whole).Want(t, http.StatusOK)
		c.Do(t, "GET", path, "", "If-None-Match", ofPart).Want(t, http.StatusNotModified)
		g.scope = place.Scope{Everywhere: true}
		return whole, ofPart
	}
	whole, ofPart := tags()
	c.Do(t, "PUT", fmt.Sprintf("/departments/%d", ids["내과"]), `{"name":"내과센터"}`).Want(t, http.StatusOK)
	if newWhole, newPart := tags(); newWhole == whole || newPart != ofPart {
		t.Errorf("tags %s, %s became %s, %s", whole, ofPart, newWhole, newPart)
	}
}

// Clients that accept gzip get it with a tag of its own, and each form's tag is known again, also as proxies rewrite it.
func TestTree_compressed(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	organization, _ := hospital(t, c, "서울병원", strings.Repeat("내과\n", 20))
	ask := func(header ...string) *http.Response {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+fmt.Sprintf("/organizations/%d/tree", organization), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", "identity")
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		answer, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = answer.Body.Close() })
		if answer.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Vary is %q", answer.Header.Get("Vary"))
		}
		return answer
	}
	read := func(r io.Reader) string {
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	plain := ask()
	text := read(plain.Body)
	if plain.Header.Get("Content-Encoding") != "" || plain.ContentLength != int64(len(text)) {
		t.Errorf("plain: %v", plain.Header)
	}
	for accept, compressed := range map[string]bool{
		"gzip": true, "deflate, GZIP;q=0.5": true, "br;q=1.0, gzip;q=0.8, *;q=0.1": true,
		"gzip;q=0": false, "gzip; q=0.000, deflate": false, "br": false, "identity": false, "x-gzipped": false,
	} {
		answer := ask("Accept-Encoding", accept)
		body := io.Reader(answer.Body)
		if got := answer.Header.Get("Content-Encoding") == "gzip"; got != compressed {
			t.Errorf("%q: compressed is %v", accept, got)
		} else if compressed {
			unzipped, err := gzip.NewReader(body)
			if err != nil {
				t.Fatal(err)
			}
			body = unzipped
		}
		if read(body) != text {
			t.Errorf("%q: another body", accept)
		}
		tag := answer.Header.Get("ETag")
		if strings.HasPrefix(tag, "W/") || (tag == plain.Header.Get("ETag")) == compressed {
			t.Errorf("%q: the tag is %s, plain it is %s", accept, tag, plain.Header.Get("ETag"))
		}
		for _, seen := range []string{tag, "W/" + tag, strings.TrimSuffix(tag, `"`) + `-br"`, `"x", ` + tag} {
			again := ask("Accept-Encoding", accept, "If-None-Match", seen)
			if again.StatusCode != http.StatusNotModified || again.Header.Get("ETag") != tag || again.Header.Get("Content-Encoding") != "" {
				t.Errorf("%q, %s seen: %d %v", accept, seen, again.StatusCode, again.Header)
			}
		}
	}
}

// A tree that is larger than the cache is read each time, and right.
func TestTree_largerThanTheCache(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, migrations.Files)
	plant(t, db, 6_000)
	c := apitest.On(t, db, organization.Module(), apitest.Open(), fx.Supply(organization.Settings{TreeCacheMiB: 1}))
	for i := range 3 {
		name := fmt.Sprintf("제%d병동", i)
		c.Do(t, "PUT", "/departments/1", fmt.Sprintf(`{"name":%q}`, name)).Want(t, http.StatusOK)
		before := queries(t, c)
		if a := c.Do(t, "GET", "/organizations/1/tree?depth=1", "").Want(t, http.StatusOK); a.List[0]["name"] != name {
			t.Errorf("the first is %v", a.List[0]["name"])
		}
		if queries(t, c) == before {
			t.Error("it was kept")
		}
	}
}
