package http_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/pg"
)

// A grant is given, read, ended, and stays in the ledger as it was.
func TestGrants_ledger(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	a := h.grant(t, 2, "member", `,"department_id":1,"valid_until":"9999-12-31T00:00:00Z","reason":" new in the ward "`).
		Want(t, 201, "user_id", 2, "organization_id", 1, "department_id", 1, "valid_from", nil, "reason", "new in the ward", "granted_by", 1, "ended_at", nil)
	if len(a.Object) != 14 {
		t.Errorf("the answer holds %v", a.Object)
	}
	path := a.Header.Get("Location")
	if path != fmt.Sprintf("/grants/%d", a.ID()) {
		t.Errorf("Location is %q", path)
	}
	h.grant(t, 2, "member", `,"organization_id":1,"department_id":1`).Want(t, 201) // longer than the first
	h.grant(t, 2, "member", `,"department_id":1,"valid_until":"2999-01-01T00:00:00Z"`).Want(t, 409, "code", "grant.exists")
	h.grant(t, 2, "member", `,"department_id":2`).Want(t, 201) // somewhere else

	h.do(t, "DELETE", path+"?reason="+url.QueryEscape("left the ward"), "").Want(t, 204)
	ended := h.do(t, "GET", path, "").Want(t, 200, "ended_by", 1, "end_reason", "left the ward", "reason", "new in the ward")
	if ended.Object["ended_at"] == nil {
		t.Error("nobody knows when it ended")
	}
	h.do(t, "DELETE", path+"?reason=again", "").Want(t, 409, "code", "grant.ended")
	h.do(t, "GET", path, "").Want(t, 200, "ended_at", ended.Object["ended_at"], "end_reason", "left the ward")
	h.do(t, "GET", "/grants/999999", "").Want(t, 404, "detail", "Grant not found")
	for reason, code := range map[string]string{strings.Repeat("a", 10_001): "too_long", "%00": "control_character", "%FF": "not_utf8"} {
		if a := h.do(t, "DELETE", path+"?reason="+reason, "").Want(t, 422); !strings.Contains(string(a.Body), `"location":"query.reason"`) || !strings.Contains(string(a.Body), `"code":"`+code+`"`) {
			t.Errorf("a reason that is %s: %s", code, a.Body)
		}
	}

	// Not even by hand.
	for _, sql := range []string{
		"DELETE FROM access.grants", "UPDATE access.grants SET reason = 'other'", "UPDATE access.grants SET ended_at = NULL, ended_by = NULL, end_reason = NULL",
		"UPDATE access.grants SET ended_at = now(), role_id = 1 WHERE ended_at IS NULL", "TRUNCATE access.grants",
		"INSERT INTO access.grants (user_id, role_id, granted_at) VALUES (2, 1, now() - interval '1 day')", "INSERT INTO access.grants (user_id, role_id, granted_at) VALUES (2, 1, now() + interval '1 day')",
		"INSERT INTO access.grants (user_id, role_id, ended_at) VALUES (2, 1, now() + interval '1 hour')", "INSERT INTO access.grants (user_id, role_id, granted_at) VALUES (2, 1, '-infinity')",
		"UPDATE access.grants SET ended_at = now() + interval '1 day' WHERE ended_at IS NULL",
		"INSERT INTO access.role_permissions (role_id, permission, added_at) VALUES (4, 'x', now() - interval '1 day')", "INSERT INTO access.role_permissions (role_id, permission, removed_at) VALUES (4, 'x', now() - interval '1 hour')",
		"UPDATE access.role_permissions SET removed_at = now() - interval '1 day'", "UPDATE access.role_permissions SET removed_at = 'infinity'",
		"DELETE FROM access.role_permissions", "UPDATE access.role_permissions SET permission = '*'", "TRUNCATE access.role_permissions",
	} {
		if _, err := h.DB.Exec(t.Context(), pg.Changes("test", squirrel.Expr(sql)).With()); err == nil {
			t.Errorf("%s was done", sql)
		}
	}
}

func TestGrants_everyViolationIsAnswered(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/organizations", `{"name":"B"}`).Want(t, 201, "id", 2)
	for name, tc := range map[string]struct {
		body string
		want []string
	}{
		"nothing":                       {`{}`, []string{"body.role_id required", "body.user_id required"}},
		"nobody, nothing, nowhere":      {`{"user_id":9,"role_id":99,"department_id":9,"valid_until":"2000-01-01T00:00:00Z"}`, []string{"body.department_id unknown_department", "body.role_id unknown_role", "body.user_id unknown_user", "body.valid_until past"}},
		"an unknown organization":       {`{"user_id":2,"role_id":4,"organization_id":9}`, []string{"body.organization_id unknown_organization"}},
		"a department of another one":   {`{"user_id":2,"role_id":4,"organization_id":2,"department_id":1}`, []string{"body.department_id unknown_department"}},
		"an end before the beginning":   {`{"user_id":2,"role_id":4,"valid_from":"2999-01-02T00:00:00Z","valid_until":"2999-01-01T00:00:00Z"}`, []string{"body.valid_until before_from"}},
		"a date that is none":           {`{"user_id":2,"role_id":4,"valid_until":"tomorrow"}`, nil},
		"a day without a time":          {`{"user_id":2,"role_id":4,"valid_until":"2999-01-01"}`, nil},
		"somebody else's name on it":    {`{"user_id":2,"role_id":4,"granted_by":2}`, []string{"body.granted_by unknown_field"}},
		"a reason with control signs":   {`{"user_id":2,"role_id":4,"reason":"a\u0007b"}`, nil},
		"an id that is no number":       {`{"user_id":"2","role_id":4}`, nil},
		"an id below one":               {`{"user_id":0,"role_id":4}`, nil},
		"a year beyond it by an offset": {`{"user_id":2,"role_id":4,"valid_from":"0000-01-01T00:00:00+23:59","valid_until":"9999-12-31T23:59:59-23:59"}`, []string{"body.valid_from out_of_calendar", "body.valid_until out_of_calendar"}},
		"a moment beyond the calendar":  {`{"user_id":2,"role_id":4,"valid_until":"99999-01-01T00:00:00Z"}`, nil},
	} {
		a := h.do(t, "POST", "/grants", tc.body).Want(t, 422)
		got := a.Violations()
		slices.Sort(got)
		if diff := cmp.Diff(tc.want, got); tc.want != nil && diff != "" || len(got) == 0 {
			t.Errorf("%s: %s %s", name, diff, a.Body)
		}
	}
	for _, query := range []string{"at=march", "at=2026-03-01", "state=gone", "permission=user.fly", "covering=true", "user_id=x", "typo=1", "covering=perhaps"} {
		h.do(t, "GET", "/grants/?"+query, "").Want(t, 422)
	}
}

// The short forms do the same however often they are sent, also at the same moment.
func TestGrants_shortForm(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	path := fmt.Sprintf("/users/2/roles/%d", h.role(t, "auditor"))
	var all sync.WaitGroup
	ids := make([]int64, 8)
	for i := range ids {
		all.Go(func() {
			ids[i] = h.do(t, "PUT", path, "").Want(t, 200, "user_id", 2, "organization_id", nil, "department_id", nil, "valid_until", nil).ID()
		})
	}
	all.Wait()
	if len(slices.Compact(slices.Clone(ids))) != 1 {
		t.Errorf("the grants are %v", ids)
	}
	h.As(t, h.alice, "GET", "/roles", "").Want(t, 200)
	local := h.grant(t, 2, "auditor", `,"organization_id":1`).Want(t, 201).ID()
	h.grant(t, 2, "auditor", `,"valid_from":"2999-01-01T00:00:00Z"`).Want(t, 409, "code", "grant.exists") // it has been so since
	for range 2 {
		h.do(t, "DELETE", path, "").Want(t, 204)
	}
	h.do(t, "GET", fmt.Sprintf("/grants/%d", local), "").Want(t, 200, "ended_at", nil)
	h.do(t, "DELETE", fmt.Sprintf("/grants/%d", local), "").Want(t, 204)
	h.As(t, h.alice, "GET", "/roles", "").Want(t, 403)
	h.do(t, "PUT", "/users/99/roles/3", "").Want(t, 404, "detail", "User not found")
	h.do(t, "DELETE", "/users/2/roles/99", "").Want(t, 404, "detail", "Role not found")
}

// The ledger answers who had what at any moment, where, and which of it reached a place.
func TestGrants_filters(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/departments", `{"organization_id":1,"name":"외과"}`).Want(t, 201, "id", 3)
	h.do(t, "POST", "/roles", `{"name":"clerk","permissions":["user.read"]}`).Want(t, 201)
	first := h.do(t, "GET", "/grants/?user_id=1", "").List[0]["id"].(float64)
	ids := map[string]float64{"root": first}
	made := func(name string, id int64) { ids[name] = float64(id) }
	made("above", h.grant(t, 2, "member", `,"department_id":1,"reason":"new in the ward"`).Want(t, 201).ID())
	made("there", h.grant(t, 2, "clerk", `,"department_id":2`).Want(t, 201).ID())
	made("beside", h.grant(t, 2, "clerk", `,"department_id":3`).Want(t, 201).ID())
	made("organization", h.grant(t, 2, "auditor", `,"organization_id":1,"valid_until":"2999-01-01T00:00:00Z"`).Want(t, 201).ID())
	made("later", h.grant(t, 2, "member", `,"organization_id":1,"valid_from":"2500-01-01T00:00:00Z"`).Want(t, 201).ID())
	before := time.Now().UTC()
	h.do(t, "DELETE", fmt.Sprintf("/grants/%.0f", ids["beside"]), "").Want(t, 204)
	h.do(t, "PUT", fmt.Sprintf("/roles/%d", h.role(t, "clerk")), `{"permissions":["department.read"]}`).Want(t, 200)

	at := "at=" + url.QueryEscape(before.Format(time.RFC3339Nano))
	for query, want := range map[string][]string{
		"":                                      {"root", "above", "there", "beside", "organization", "later"},
		"user_id=2&state=active":                {"above", "there", "organization"},
		"user_id=2&" + at:                       {"above", "there", "beside", "organization"},
		"granted_by=1&state=active":             {"above", "there", "organization"},
		"granted_by=2":                          {},
		"q=THE+ward":                            {"above"},
		"state=ended":                           {"beside"},
		"state=ended&" + at:                     {},
		"state=scheduled":                       {"later"},
		"state=expired":                         {},
		"state=expired&at=3000-01-01T00:00:00Z": {"organization"},
		"at=2600-01-01T00:00:00Z":               {"root", "above", "there", "organization", "later"},
		"at=2000-01-01T00:00:00Z":               {},
		"at=0001-01-01T00:00:00Z":               {},
		"organization_id=1":                     {"above", "there", "beside", "organization", "later"},
		"department_id=2":                       {"there"},
		"department_id=2&covering=true&state=active":                      {"root", "above", "there", "organization"},
		"department_id=3&covering=true&" + at:                             {"root", "beside", "organization"},
		"organization_id=1&covering=true&state=active":                    {"root", "organization"},
		"department_id=99&covering=true&state=active":                     {"root"},
		"organization_id=99&covering=true&state=active":                   {"root"},
		"role_id=" + fmt.Sprint(h.role(t, "member")):                      {"above", "later"},
		"department_id=2&covering=true&permission=user.read&" + at:        {"root", "above", "there", "organization"}, // who could see, and why
		"department_id=2&covering=true&permission=user.read&state=active": {"root", "above", "organization"},          // the role was edited since
		"department_id=2&covering=true&permission=department.move&" + at:  {"root"},
		"permission=organization.create&state=active":                     {"root"},
	} {
		answer := h.do(t, "GET", "/grants/?sort=id&count=true&"+query, "").Want(t, 200)
		got := []string{}
		for _, g := range answer.List {
			for name, id := range ids {
				if id == g["id"] {
					got = append(got, name)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || answer.Header.Get("X-Total-Count") != fmt.Sprint(len(want)) {
			t.Errorf("%s: %s", query, diff)
		}
	}
	if a := h.do(t, "GET", "/grants/?limit=2&user_id=2", "").Want(t, 200); len(a.List) != 2 || a.Header.Get("Link") == "" || a.List[0]["id"] != ids["later"] {
		t.Errorf("the first page is %s, the link %q", a.Body, a.Header.Get("Link"))
	}
}

// The export holds what the list does, with names, and nothing that a spreadsheet would run (ASVS 1.2.10).
func TestGrants_csv(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/roles", `{"name":"=cmd|' /C calc'!A0","permissions":["user.read"]}`).Want(t, 201)
	for i, reason := range []string{"=1+1", "+1", "-1", "＝1+1", `a "quoted", long\nreason`, "김 부장 대신"} {
		h.user(t, fmt.Sprintf("user%d@example.com", i), `,"organization_id":1`)
		h.do(t, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":5,"department_id":1,"reason":"%s"}`, 3+i, strings.ReplaceAll(reason, `"`, `\"`))).Want(t, 201)
	}
	a := h.do(t, "GET", "/grants.csv?role_id=5", "").Want(t, 200)
	if got := a.Header.Get("Content-Type"); got != "text/csv; charset=utf-8" || !strings.Contains(a.Header.Get("Content-Disposition"), "grants.csv") {
		t.Errorf("type %q, %q", got, a.Header.Get("Content-Disposition"))
	}
	text, marked := bytes.CutPrefix(a.Body, []byte("\ufeff"))
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != 7 {
		t.Fatalf("%d rows, %v: %s", len(rows), err, a.Body)
	}
	for _, row := range rows[1:] {
		for i, field := range row {
			if field != "" && strings.ContainsAny(field[:1], "=+-@\t\r") {
				t.Errorf("%s begins a formula: %s", rows[0][i], field)
			}
		}
	}
	first := map[string]string{}
	for i, name := range rows[0] {
		first[name] = rows[1][i]
	}
	for name, want := range map[string]string{
		"user_id": "3", "user_email": "user0@example.com", "role": "'=cmd|' /C calc'!A0", "organization": "한빛병원", "department_id": "1", "department": "내과",
		"reason": "'=1+1", "granted_by_email": "root@example.org", "ended_at": "",
	} {
		if first[name] != want {
			t.Errorf("%s is %q, want %q", name, first[name], want)
		}
	}
	if rows[5][12] != "a \"quoted\", long\nreason" || rows[6][12] != "김 부장 대신" {
		t.Errorf("reasons are %q and %q", rows[5][12], rows[6][12])
	}
	h.do(t, "GET", "/grants.csv?permission=nonsense", "").Want(t, 422)
	h.As(t, h.alice, "GET", "/grants.csv", "").Want(t, 403)
}

// An organization or a department with a grant that has not ended cannot be deleted; with ended grants it can, and the ledger
// keeps its id.
func TestGrants_keepTheirPlaces(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/departments", `{"organization_id":1,"name":"C"}`).Want(t, 201, "id", 3)
	grant := h.grant(t, 1, "member", `,"department_id":3`).Want(t, 201).ID()
	h.do(t, "DELETE", "/departments/3", "").Want(t, 409, "code", "in_use", "detail", "This is still in use: 1 grant")
	h.do(t, "DELETE", fmt.Sprintf("/grants/%d", grant), "").Want(t, 204)
	h.do(t, "DELETE", "/departments/3", "").Want(t, 204)
	h.do(t, "GET", fmt.Sprintf("/grants/%d", grant), "").Want(t, 200, "department_id", 3, "organization_id", 1)
}
