package http_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/httpx/apitest"
)

// The rows of the old contract, to the letter, with and without the trailing slash.
func TestOrganizations_contract(t *testing.T) {
	t.Parallel()
	for name, slash := range map[string]string{"with trailing slash": "/", "without": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			all, one := "/organizations"+slash, "/organizations/1"+slash

			a := c.Do(t, "GET", all, "").Want(t, http.StatusOK)
			if string(a.Body) != "[]" {
				t.Errorf("the list of none is %s", a.Body)
			}
			a = c.Do(t, "POST", all, `{"name":"Acme","description":"First"}`).
				Want(t, http.StatusCreated, "id", 1, "name", "Acme", "description", "First")
			if len(a.Object) != 5 || a.Header.Get("Location") != "/organizations/1" {
				t.Errorf("created: %s, Location %s", a.Body, a.Header.Get("Location"))
			}
			for _, field := range []string{"created_at", "updated_at"} {
				at, err := time.Parse(time.RFC3339, a.Object[field].(string))
				if err != nil || time.Since(at).Abs() > time.Hour || !strings.HasSuffix(a.Object[field].(string), "Z") {
					t.Errorf("%s is %v", field, a.Object[field])
				}
			}
			c.Do(t, "POST", all, `{"name":"Acme"}`).Want(t, http.StatusBadRequest, "detail", "Organization name already exists", "code", "organization.name_taken")
			other := c.Do(t, "POST", all, `{"name":"Other"}`).Want(t, http.StatusCreated, "description", nil)
			c.Do(t, "PUT", other.Header.Get("Location")+slash, `{"name":"Acme"}`).Want(t, http.StatusBadRequest, "detail", "Organization name already exists")
			c.Do(t, "GET", one, "").Want(t, http.StatusOK, "name", "Acme")
			c.Do(t, "GET", "/organizations/9"+slash, "").Want(t, http.StatusNotFound, "detail", "Organization not found")
			c.Do(t, "PUT", "/organizations/9"+slash, `{"name":"X"}`).Want(t, http.StatusNotFound, "detail", "Organization not found")
			c.Do(t, "DELETE", "/organizations/9"+slash, "").Want(t, http.StatusNotFound, "detail", "Organization not found")

			c.Do(t, "PUT", one, `{"name":"Acme Hospital"}`).Want(t, http.StatusOK, "name", "Acme Hospital", "description", "First")
			c.Do(t, "PUT", one, `{"description":null}`).Want(t, http.StatusOK, "name", "Acme Hospital", "description", nil)
			c.Do(t, "PUT", one, `{}`).Want(t, http.StatusOK, "name", "Acme Hospital")
			sentBack := c.Do(t, "GET", one, "")
			c.Do(t, "PUT", one, string(sentBack.Body)).Want(t, http.StatusOK, "id", 1, "created_at", sentBack.Object["created_at"])
			c.Do(t, "PUT", one, `{"id":77,"created_at":"never","updated_at":null,"name":"B"}`).Want(t, http.StatusOK, "id", 1, "name", "B")

			if list := c.Do(t, "GET", all, "").List; len(list) != 2 || list[0]["name"] != "B" || list[1]["name"] != "Other" {
				t.Errorf("the list is %v", list)
			}
			if a := c.Do(t, "DELETE", one, "").Want(t, http.StatusNoContent); len(a.Body) != 0 {
				t.Errorf("deleted with a body: %s", a.Body)
			}
			c.Do(t, "GET", one, "").Want(t, http.StatusNotFound)
			if again := c.Do(t, "POST", all, `{"name":"B"}`).Want(t, http.StatusCreated); again.ID() <= other.ID() {
				t.Errorf("id %d was given again", again.ID())
			}
		})
	}
}

func TestOrganizations_textIsNormalised(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.Do(t, "POST", "/organizations/", `{"name":" 서울병원\n"}`).Want(t, http.StatusCreated, "name", "서울병원")
	c.Do(t, "POST", "/organizations/", `{"name":"서울병원"}`).Want(t, http.StatusBadRequest)
	for _, blank := range []string{"", "%20", "+%09", "%E3%80%80", "%E2%80%8B", "%1F"} { // as somebody begins to type
		if list := c.Do(t, "GET", "/organizations/?q="+blank, "").Want(t, http.StatusOK).List; len(list) != 1 {
			t.Errorf("q=%s: %v", blank, list)
		}
	}
	if list := c.Do(t, "GET", "/organizations/?q=+"+url.QueryEscape("서울")+"%20", "").List; len(list) != 1 {
		t.Errorf("searched in another form: %v", list)
	}
}

func TestOrganizations_versions(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	first := c.Do(t, "POST", "/organizations/", `{"name":"A"}`).Header.Get("ETag")
	second := c.Do(t, "PUT", "/organizations/1", `{"name":"B"}`, "If-Match", first).Want(t, http.StatusOK).Header.Get("ETag")
	if first == second || first == "" {
		t.Errorf("ETag %s before and %s after a change", first, second)
	}
	c.Do(t, "PUT", "/organizations/1", `{"name":"C"}`, "If-Match", first).Want(t, http.StatusPreconditionFailed, "code", "stale")
	c.Do(t, "DELETE", "/organizations/1", "", "If-Match", first).Want(t, http.StatusPreconditionFailed)
	c.Do(t, "GET", "/organizations/1", "").Want(t, http.StatusOK, "name", "B")

	if a := c.Do(t, "GET", "/organizations/1", "", "If-None-Match", second).Want(t, http.StatusNotModified); len(a.Body) != 0 || a.Header.Get("ETag") != second {
		t.Errorf("304 with body %q and ETag %s", a.Body, a.Header.Get("ETag"))
	}
	list := c.Do(t, "GET", "/organizations/", "").Want(t, http.StatusOK).Header.Get("ETag")
	c.Do(t, "GET", "/organizations/", "", "If-None-Match", list).Want(t, http.StatusNotModified)
	c.Do(t, "DELETE", "/organizations/1", "", "If-Match", second).Want(t, http.StatusNoContent)
	c.Do(t, "GET", "/organizations/", "", "If-None-Match", list).Want(t, http.StatusOK)
}

// What others refer to by ids is read in one request, whatever else the list is asked for.
func TestOrganizations_byIDs(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, name := range []string{"E", "D", "C", "B", "A"} {
		c.Do(t, "POST", "/organizations/", fmt.Sprintf(`{"name":%q}`, name)).Want(t, http.StatusCreated)
	}
	for query, want := range map[string]string{
		"id=2":                             "D",
		"id=4,2,5":                         "D B A",
		"id=4%2C2":                         "D B",
		"id=2,2,2":                         "D",
		"id=2,9223372036854775807":         "D",
		"id=99":                            "",
		"id=2,4,5&sort=name":               "A B D",
		"id=2,4,5&q=b":                     "B",
		"id=2,4,5&sort=-id&limit=2":        "A B",
		"id=1" + strings.Repeat(",3", 199): "E C",
	} {
		a := c.Do(t, "GET", "/organizations/?count=true&"+query, "").Want(t, http.StatusOK)
		var names []string
		for _, o := range a.List {
			names = append(names, o["name"].(string))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	a := c.Do(t, "GET", "/organizations/?count=true&id=2,4,5&limit=2", "").Want(t, http.StatusOK)
	if got := a.Header.Get("X-Total-Count"); got != "3" {
		t.Errorf("%s are counted", got)
	}
	next := nextPage.FindStringSubmatch(a.Header.Get("Link"))
	if next == nil {
		t.Fatalf("Link is %q", a.Header.Get("Link"))
	}
	if rest := c.Do(t, "GET", next[1], "").Want(t, http.StatusOK).List; len(rest) != 1 || rest[0]["name"] != "A" {
		t.Errorf("the next page holds %v", rest)
	}
}

var nextPage = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

func TestOrganizations_pages(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for i := range 25 {
		c.Do(t, "POST", "/organizations/", fmt.Sprintf(`{"name":"Clinic %02d","description":"of ward %d"}`, (i*11)%25, i%5)).Want(t, http.StatusCreated)
	}
	for _, sort := range []string{"id", "-id", "name", "-name", "created_at", "-updated_at"} {
		var got []any
		path := "/organizations/?limit=10&count=true&q=clinic&sort=" + sort
		for n := 0; path != ""; n++ {
			a := c.Do(t, "GET", path, "").Want(t, http.StatusOK)
			if a.Header.Get("X-Total-Count") != "25" {
				t.Errorf("X-Total-Count is %q", a.Header.Get("X-Total-Count"))
			}
			for _, o := range a.List {
				got = append(got, o[strings.TrimPrefix(sort, "-")])
			}
			path = ""
			if next := nextPage.FindStringSubmatch(a.Header.Get("Link")); next != nil {
				path = next[1]
			}
			if n > 3 {
				t.Fatal("the pages do not end")
			}
		}
		if len(got) != 25 {
			t.Errorf("%s: %d items on all pages", sort, len(got))
		}
		for i := 1; i < len(got); i++ {
			if before(got[i], got[i-1]) != strings.HasPrefix(sort, "-") {
				t.Errorf("%s: %v stands before %v", sort, got[i-1], got[i])
			}
		}
	}
	if a := c.Do(t, "GET", "/organizations/?q=WARD+3", ""); len(a.List) != 5 || a.Header.Get("Link") != "" || a.Header.Get("X-Total-Count") != "" {
		t.Errorf("search: %d found, Link %q", len(a.List), a.Header.Get("Link"))
	}
}

func before(a, b any) bool {
	if n, ok := a.(float64); ok {
		return n < b.(float64)
	}
	if at, err := time.Parse(time.RFC3339Nano, a.(string)); err == nil { // as text ".5Z" stands behind ".51Z"
		other, err := time.Parse(time.RFC3339Nano, b.(string))
		return err == nil && at.Before(other)
	}
	return a.(string) < b.(string)
}

func TestOrganizations_deleteSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.Do(t, "POST", "/organizations/", `{"name":"A"}`)
	c.Do(t, "POST", "/departments/", `{"organization_id":1,"name":"X"}`).Want(t, http.StatusCreated)
	c.Do(t, "POST", "/departments/", `{"organization_id":1,"name":"Y"}`).Want(t, http.StatusCreated)
	c.Do(t, "DELETE", "/organizations/1", "").
		Want(t, http.StatusConflict, "code", "organization.has_departments", "detail", "The organization still has 2 departments: delete them first", "params", map[string]any{"count": 2.0})
	c.Do(t, "DELETE", "/departments/1", "").Want(t, http.StatusNoContent)
	c.Do(t, "DELETE", "/organizations/1", "").Want(t, http.StatusConflict, "detail", "The organization still has 1 department: delete them first", "params", map[string]any{"count": 1.0})
	c.Do(t, "DELETE", "/departments/2", "").Want(t, http.StatusNoContent)
	c.Do(t, "DELETE", "/organizations/1", "").Want(t, http.StatusNoContent)
}

func TestInput_everyViolationIsAnswered(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.Do(t, "POST", "/organizations/", `{"name":"A"}`)
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		violations         []string
	}{
		"a missing field":                    {"POST", "/organizations/", `{}`, 422, []string{"body.name required"}},
		"a wrong type":                       {"POST", "/organizations/", `{"name":5}`, 422, []string{"body.name wrong_type"}},
		"null for a name":                    {"PUT", "/organizations/1", `{"name":null}`, 422, []string{"body.name null"}},
		"an unknown field":                   {"POST", "/organizations/", `{"name":"X","nam":"Y"}`, 422, []string{"body.nam unknown_field"}},
		"a field of another case":            {"POST", "/organizations/", `{"Name":"X"}`, 422, []string{"body.Name unknown_field", "body.name required"}},
		"several at once":                    {"POST", "/departments/?x=1", `{"organization_id":0,"name":" ","code":"a\u0000b","sort_order":-1,"parent_id":"x"}`, 422, []string{"body.code control_character", "body.name blank", "body.organization_id too_small", "body.parent_id wrong_type", "body.sort_order too_small", "query.x unknown_parameter"}},
		"an id that is no number":            {"GET", "/organizations/abc", "", 422, []string{"path.id wrong_type"}},
		"an id beyond int64":                 {"GET", "/organizations/9223372036854775808", "", 422, []string{"path.id wrong_type"}},
		"the greatest id":                    {"GET", "/organizations/9223372036854775807", "", 404, nil},
		"an id of zero":                      {"DELETE", "/organizations/0", "", 422, []string{"path.id too_small"}},
		"an id beyond int64 inside":          {"POST", "/departments/", `{"organization_id":99999999999999999999,"name":"X"}`, 422, []string{"body.organization_id wrong_type"}},
		"an optional id beyond int64":        {"POST", "/departments/", `{"organization_id":1,"parent_id":9223372036854775808,"name":"X"}`, 422, []string{"body.parent_id wrong_type"}},
		"text behind a wrong type":           {"POST", "/departments/", `{"organization_id":"x","code":{},"name":" "}`, 422, []string{"body.code wrong_type", "body.name blank", "body.organization_id wrong_type"}},
		"several that do not fit":            {"POST", "/departments/", `{"sort_order":1.0,"organization_id":99999999999999999999,"name":"a\u0000"}`, 422, []string{"body.name control_character", "body.organization_id wrong_type", "body.sort_order wrong_type"}},
		"a fraction for a whole number":      {"POST", "/departments/1/move", `{"parent_id":null,"position":1.0}`, 422, []string{"body.position wrong_type"}},
		"a parameter in broken UTF-8":        {"GET", "/organizations/?%ff=1", "", 422, []string{"query unreadable"}},
		"a cursor with NUL":                  {"GET", "/departments?sort=name&after=eyJzIjoibmFtZSIsImsiOiJcdTAwMDAiLCJpIjoxfQ", "", 422, []string{"query.after cursor"}},
		"more than is listed":                {"POST", "/organizations/", `{` + manyFields(150) + `}`, 422, nil},
		"an unknown parameter":               {"GET", "/organizations/?limt=5", "", 422, []string{"query.limt unknown_parameter"}},
		"a blank filter":                     {"GET", "/departments/?organization_id=", "", 422, []string{"query.organization_id blank"}},
		"a repeated parameter":               {"GET", "/organizations/?limit=1&limit=2", "", 422, []string{"query.limit repeated"}},
		"a limit of zero":                    {"GET", "/organizations/?limit=0", "", 422, []string{"query.limit too_small"}},
		"too great a limit":                  {"GET", "/organizations/?limit=1001", "", 422, []string{"query.limit too_large"}},
		"no ids":                             {"GET", "/organizations/?id=", "", 422, []string{"query.id blank"}},
		"ids that are no numbers":            {"GET", "/organizations/?id=1,x", "", 422, []string{"query.id wrong_type"}},
		"ids with nothing between":           {"GET", "/departments/?id=1,,2", "", 422, []string{"query.id wrong_type"}},
		"an id beyond int64 among others":    {"GET", "/departments/?id=1,9223372036854775808", "", 422, []string{"query.id wrong_type"}},
		"an id of zero among others":         {"GET", "/departments/?id=1,0", "", 422, []string{"query.id[1] too_small"}},
		"as many ids as nobody needs":        {"GET", "/organizations/?id=1" + strings.Repeat(",1", 200), "", 422, []string{"query.id too_many"}},
		"ids one by one":                     {"GET", "/organizations/?id=1&id=2", "", 422, []string{"query.id repeated"}},
		"an unknown order":                   {"GET", "/organizations/?sort=password", "", 422, []string{"query.sort not_one_of"}},
		"a cursor of ours for another order": {"GET", "/organizations/?sort=name&after=eyJzIjoiaWQiLCJrIjoiIiwiaSI6MX0", "", 422, []string{"query.after cursor"}},
		"a cursor of nobody's":               {"GET", "/organizations/?after=nonsense", "", 422, []string{"query.after cursor"}},
		"NUL in a search":                    {"GET", "/organizations/?q=a%00b", "", 422, []string{"query.q control_character"}},
		"broken UTF-8 in a search":           {"GET", "/organizations/?q=%ff", "", 422, []string{"query.q not_utf8"}},
		"a broken query":                     {"GET", "/organizations/?q=%zz", "", 422, []string{"query unreadable"}},
		"a parent that is no id":             {"GET", "/departments/?parent_id=x", "", 422, []string{"query.parent_id wrong_type"}},
		"a great parent":                     {"GET", "/departments/?parent_id=9999999999999999999", "", 422, []string{"query.parent_id too_large"}},
		"JSON that breaks off":               {"POST", "/organizations/", `{"name":"hunter2`, 400, nil},
		"JSON with a name twice":             {"POST", "/organizations/", `{"name":"hunter2","name":"B"}`, 400, nil},
		"JSON in broken UTF-8":               {"POST", "/organizations/", "{\"name\":\"hunter2\xff\"}", 400, nil},
		"deep JSON":                          {"POST", "/organizations/", strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), 400, nil},
		"an array":                           {"POST", "/organizations/", `[]`, 422, []string{"body wrong_type"}},
		"no body":                            {"POST", "/organizations/", "", 400, nil},
		"too large a body":                   {"POST", "/organizations/", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, 413, nil},
		"a path that is not there":           {"GET", "/organisations/", "", 404, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := c.Do(t, tc.method, tc.path, tc.body).Want(t, tc.status)
			if tc.violations == nil && len(a.Violations()) == 100 {
				return // the most that are listed
			}
			if diff := cmp.Diff(tc.violations, sorted(a.Violations())); diff != "" {
				t.Errorf("%s: %s", diff, a.Body)
			}
			if strings.Contains(string(a.Body), "hunter2") {
				t.Errorf("a submitted value is echoed: %s", a.Body)
			}
		})
	}
}

// Names and codes are unique as they are seen.
func TestNames_thatLookTheSame(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	a := c.Do(t, "POST", "/organizations/", `{"name":"한빛병원"}`).Want(t, 201)
	for _, name := range []string{"한빛\u200d병원", "한빛병원\u115f", "한빛병원\u2800", "\ufeff한빛병원"} {
		c.Do(t, "POST", "/organizations/", fmt.Sprintf(`{"name":"%s"}`, name)).Want(t, 400, "code", "organization.name_taken")
	}
	b := c.Do(t, "POST", "/organizations/", `{"name":"한빛 ❤️ 병원"}`).Want(t, 201, "name", "한빛 ❤️ 병원")
	c.Do(t, "PUT", b.Header.Get("Location"), `{"name":"한빛\u200c병원"}`).Want(t, 400, "code", "organization.name_taken")
	c.Do(t, "POST", "/organizations/", `{"name":"한빛\u2009❤\u3000병원"}`).Want(t, 400, "code", "organization.name_taken")
	department := func(organization int64, code string) apitest.Answer {
		return c.Do(t, "POST", "/departments/", fmt.Sprintf(`{"organization_id":%d,"name":"내과","code":"%s"}`, organization, code))
	}
	department(a.ID(), "IM").Want(t, 201)
	department(a.ID(), "I\u200dM").Want(t, 400, "code", "department.code_taken")
	department(a.ID(), "IM\ufe00").Want(t, 400, "code", "department.code_taken")
	department(a.ID(), "im").Want(t, 201, "code", "im")
	other := department(b.ID(), "I\u200dM").Want(t, 201, "code", "IM")
	c.Do(t, "PUT", other.Header.Get("Location"), `{"code":null}`).Want(t, 200, "code", nil)
	department(b.ID(), "IM").Want(t, 201)
}

// The numbers of a rule are separate from its message, whichever layer checks it.
func TestInput_violationsHoldTheirNumbers(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for name, tc := range map[string]struct {
		method, path, body, location string
		want                         map[string]any
	}{
		"an empty name":           {"POST", "/organizations/", `{"name":""}`, "body.name", map[string]any{"min": 1.0}},
		"a long name":             {"POST", "/organizations/", `{"name":"` + strings.Repeat("a", 256) + `"}`, "body.name", map[string]any{"max": 255.0}},
		"a long code":             {"POST", "/departments/", `{"organization_id":1,"name":"A","code":"` + strings.Repeat("a", 65) + `"}`, "body.code", map[string]any{"max": 64.0}},
		"a long search":           {"GET", "/organizations/?q=" + strings.Repeat("a", 256), "", "query.q", map[string]any{"max": 255.0}},
		"a number below zero":     {"POST", "/departments/", `{"organization_id":1,"name":"A","sort_order":-1}`, "body.sort_order", map[string]any{"min": 0.0}},
		"a number of many digits": {"POST", "/departments/", `{"organization_id":1,"name":"A","sort_order":1000000000001}`, "body.sort_order", map[string]any{"max": 1e12}},
		"a limit":                 {"GET", "/organizations/?limit=1001", "", "query.limit", map[string]any{"max": 1000.0}},
		"many ids":                {"GET", "/organizations/?id=1" + strings.Repeat(",1", 200), "", "query.id", map[string]any{"max": 200.0}},
		"no number":               {"POST", "/organizations/", `{"name":" "}`, "body.name", nil},
	} {
		a := c.Do(t, tc.method, tc.path, tc.body).Want(t, http.StatusUnprocessableEntity)
		if diff := cmp.Diff(tc.want, a.Params(tc.location)); diff != "" {
			t.Errorf("%s: %s: %s", name, diff, a.Body)
		}
	}
	if a := c.Do(t, "POST", "/departments/", `{"organization_id":1,"name":"A","sort_order":1000000000001}`); !strings.Contains(string(a.Body), `"params":{"max":1000000000000}`) {
		t.Errorf("a great number is written %s", a.Body)
	}
	c.Do(t, "POST", "/organizations/", `{"name":"`+strings.Repeat("a", 1<<20)+`"}`).Want(t, http.StatusRequestEntityTooLarge, "params", map[string]any{"max": 1048576.0})
}

func manyFields(n int) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf(`"field%d":1`, i)
	}
	return strings.Join(fields, ",")
}

func TestInput_mediaTypesAndMethods(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.Do(t, "POST", "/organizations/", `{"name":"A"}`, "Content-Type", "text/plain").Want(t, http.StatusUnsupportedMediaType, "code", "unsupported_media_type")
	c.Do(t, "POST", "/organizations/", `{"name":"A"}`, "Content-Type", "").Want(t, http.StatusUnsupportedMediaType)
	c.Do(t, "POST", "/organizations/", `{"name":"A"}`, "Content-Type", "application/json; charset=utf-8").Want(t, http.StatusCreated)
	c.Do(t, "POST", "/organizations/", "\ufeff"+`{"name":"B"}`).Want(t, http.StatusCreated, "name", "B") // RFC 8259, section 8.1
	for path, allow := range map[string]string{"/organizations": "GET, POST", "/organizations/1": "DELETE, GET, PUT", "/departments/1/move": "POST"} {
		a := c.Do(t, "PATCH", path, `{}`).Want(t, http.StatusMethodNotAllowed, "code", "method_not_allowed")
		if got := strings.Join(sorted(strings.Split(a.Header.Get("Allow"), ", ")), ", "); got != allow {
			t.Errorf("%s: Allow is %q, want %q", path, got, allow)
		}
	}
	if a := c.Do(t, "HEAD", "/organizations/1", ""); a.Status != http.StatusOK || len(a.Body) != 0 || a.Header.Get("ETag") == "" {
		t.Errorf("HEAD: %d with %q", a.Status, a.Body)
	}
}

// A proxy that compresses rewrites the tag; a client can only send back what it got.
func TestOrganizations_etagThatAProxyRewrote(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.Do(t, "POST", "/organizations/", `{"name":"A"}`).Want(t, http.StatusCreated)
	for version, rewritten := range []string{`W/"%d"`, `"%d-gzip"`, `"%d-br"`, `"%d--gzip"`, `W/"%d;gzip"`, `%d`, `"%d"-gzip`} {
		tag := fmt.Sprintf(rewritten, version+1)
		c.Do(t, "GET", "/organizations/1", "", "If-None-Match", tag).Want(t, http.StatusNotModified)
		c.Do(t, "PUT", "/organizations/1", `{"description":"x"}`, "If-Match", tag).Want(t, http.StatusOK)
		c.Do(t, "PUT", "/organizations/1", `{"description":"y"}`, "If-Match", tag).Want(t, http.StatusPreconditionFailed, "code", "stale")
	}
	list := c.Do(t, "GET", "/organizations/", "").Want(t, http.StatusOK).Header.Get("ETag")
	c.Do(t, "GET", "/organizations/", "", "If-None-Match", strings.TrimSuffix(list, `"`)+`-gzip"`).Want(t, http.StatusNotModified)
	c.Do(t, "DELETE", "/organizations/1", "", "If-Match", `W/"8"`).Want(t, http.StatusNoContent)
}
