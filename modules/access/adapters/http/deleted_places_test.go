package http_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
)

// A deleted department or organization answers like one that never was, its name and code are free again, and what refers to
// it can still say what it was called.
func TestDeletedPlaces(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/organizations", `{"name":"새봄병원"}`).Want(t, 201, "id", 2)
	const ward = `{"organization_id":2,"name":"외과","code":"GS"}`
	h.do(t, "POST", "/departments", ward).Want(t, 201, "id", 3)
	bob := h.user(t, "bob@example.com", `,"organization_id":2,"department_id":3`)
	grant := h.grant(t, bob, "member", `,"department_id":3`).Want(t, 201).ID()

	// What refers to it keeps it, and what does so no longer does not.
	h.do(t, "DELETE", "/organizations/2", "").Want(t, 409, "code", "organization.has_departments")
	h.do(t, "DELETE", "/departments/3", "").Want(t, 409, "code", "in_use", "detail", "This is still in use: 1 user", "params", map[string]any{"what": "users", "count": 1.0})
	h.do(t, "PUT", fmt.Sprintf("/users/%d", bob), `{"department_id":null}`).Want(t, 200)
	h.do(t, "DELETE", "/departments/3", "").Want(t, 409, "code", "in_use", "detail", "This is still in use: 1 grant")
	h.do(t, "DELETE", fmt.Sprintf("/grants/%d", grant), "").Want(t, 204)
	h.do(t, "DELETE", "/departments/3", "").Want(t, 204)
	h.do(t, "DELETE", "/departments/3", "").Want(t, 404, "code", "department.not_found")

	// To the API it is gone, and its code is free.
	h.do(t, "GET", "/departments/3", "").Want(t, 404, "code", "department.not_found")
	h.do(t, "PUT", "/departments/3", `{"name":"외과"}`).Want(t, 404, "code", "department.not_found")
	h.do(t, "POST", "/departments/3/move", `{"parent_id":null}`).Want(t, 404, "code", "department.not_found")
	for _, list := range []string{"/departments/?id=3", "/departments/?organization_id=2", "/departments/?q=외과", "/organizations/2/tree"} {
		if found := h.do(t, "GET", list, "").Want(t, 200).List; len(found) != 0 {
			t.Errorf("%s: %v", list, found)
		}
	}
	for path, body := range map[string]string{
		"/departments": `{"organization_id":2,"parent_id":3,"name":"아래"}`,
		"/users":       `{"email":"carol@example.com","organization_id":2,"department_id":3}`,
		"/grants":      fmt.Sprintf(`{"user_id":%d,"role_id":4,"department_id":3}`, bob),
	} {
		h.do(t, "POST", path, body).Want(t, 422)
	}
	again := h.do(t, "POST", "/departments", ward).Want(t, 201).ID()
	h.do(t, "POST", "/departments", ward).Want(t, 400, "code", "department.code_taken")
	h.do(t, "DELETE", fmt.Sprintf("/departments/%d", again), "").Want(t, 204)

	h.do(t, "DELETE", "/organizations/2", "").Want(t, 409, "detail", "This is still in use: 1 user")
	h.do(t, "DELETE", fmt.Sprintf("/users/%d", bob), "").Want(t, 204)
	h.do(t, "DELETE", "/organizations/2", "").Want(t, 204)
	h.do(t, "GET", "/organizations/2", "").Want(t, 404, "code", "organization.not_found")
	h.do(t, "GET", "/organizations/2/tree", "").Want(t, 404, "code", "organization.not_found")
	h.do(t, "DELETE", "/organizations/2", "").Want(t, 404, "code", "organization.not_found")
	if found := h.do(t, "GET", "/organizations/?q=새봄", "").Want(t, 200).List; len(found) != 0 {
		t.Errorf("it is listed: %v", found)
	}
	h.do(t, "POST", "/departments", `{"organization_id":2,"name":"외과"}`).Want(t, 422)
	h.do(t, "POST", "/organizations", `{"name":"새봄병원"}`).Want(t, 201, "id", 3)
	h.do(t, "POST", "/organizations", `{"name":"새봄병원"}`).Want(t, 400, "code", "organization.name_taken")

	// A caller who requests deleted places, and may see all of the organization, gets their names.
	closed := h.do(t, "POST", "/departments", `{"organization_id":1,"parent_id":1,"name":"폐과"}`).Want(t, 201).ID()
	h.do(t, "DELETE", fmt.Sprintf("/departments/%d", closed), "").Want(t, 204)
	h.grant(t, 2, "auditor", `,"organization_id":1`).Want(t, 201)
	ofDepartment := h.user(t, "dana@example.com", `,"organization_id":1`)
	h.grant(t, ofDepartment, "auditor", `,"department_id":1`).Want(t, 201)
	dana := h.SignIn(t, "dana@example.com", password)
	for list, want := range map[string][3]string{ // of the root, of alice, of dana
		"/organizations/?id=2&deleted=true":                       {"새봄병원"},
		"/organizations/?id=2&deleted=false":                      {},
		"/departments/?id=3&deleted=true":                         {"외과"},
		fmt.Sprintf("/departments/?id=%d&deleted=true", closed):   {"폐과", "폐과"},
		fmt.Sprintf("/departments/?id=2,%d&deleted=true", closed): {"심장내과 폐과", "심장내과 폐과", "심장내과"},
		"/departments/?parent_id=1&deleted=true":                  {"심장내과 폐과", "심장내과 폐과", "심장내과"},
		"/departments/?organization_id=1&deleted=true":            {"내과 심장내과 폐과", "내과 심장내과 폐과", "내과 심장내과"},
		"/departments/?organization_id=1&parent_id=null":          {"내과", "내과", "내과"},
	} {
		for i, who := range []apitest.Token{h.root, h.alice, dana} {
			var names []string
			for _, item := range h.As(t, who, "GET", list, "").Want(t, 200).List {
				names = append(names, item["name"].(string))
			}
			if got := strings.Join(names, " "); got != want[i] {
				t.Errorf("%s: reader %d sees %q, want %q", list, i, got, want[i])
			}
		}
	}

	// The ledger says what they were called.
	ledger := string(h.do(t, "GET", fmt.Sprintf("/grants.csv?user_id=%d", bob), "").Want(t, 200).Body)
	if !strings.Contains(ledger, ",2,새봄병원,3,외과,") {
		t.Errorf("the ended grant does not say where it was:\n%s", ledger)
	}
}

// racing is something that comes to refer to a place, and how the place is deleted.
type racing struct {
	place, path, body string // body holds the place's id
	table             string // of the place
}

var races = map[string]racing{
	"a department in an organization": {"/organizations/%d", "/departments", `{"organization_id":%d,"name":"내과"}`, "organization.organizations"},
	"a user in an organization":       {"/organizations/%d", "/users", `{"email":"o%[1]d@example.com","organization_id":%[1]d}`, "organization.organizations"},
	"a grant for an organization":     {"/organizations/%d", "/grants", `{"user_id":2,"role_id":4,"organization_id":%d}`, "organization.organizations"},
	"a department below another":      {"/departments/%d", "/departments", `{"organization_id":1,"parent_id":%d,"name":"아래"}`, "organization.departments"},
	"a user in a department":          {"/departments/%d", "/users", `{"email":"d%[1]d@example.com","organization_id":1,"department_id":%[1]d}`, "organization.departments"},
	"a grant for a department":        {"/departments/%d", "/grants", `{"user_id":2,"role_id":4,"department_id":%d}`, "organization.departments"},
}

// made makes a place of a race.
func (h *hospital) made(t *testing.T, r racing, n int) int64 {
	t.Helper()
	if r.table == "organization.organizations" {
		return h.do(t, "POST", "/organizations", fmt.Sprintf(`{"name":"새 기관 %d"}`, n)).Want(t, 201).ID()
	}
	return h.do(t, "POST", "/departments", fmt.Sprintf(`{"organization_id":1,"name":"새 부서 %d"}`, n)).Want(t, 201).ID()
}

// Something comes to refer to a place while the place is being deleted: one of the two is refused, whichever is first.
func TestDeletedPlaces_races(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	made := 0
	for name, r := range races {
		for range 12 {
			made++
			id := h.made(t, r, made)
			var both sync.WaitGroup
			var deleted, referred apitest.Answer
			both.Go(func() { deleted = h.do(t, "DELETE", fmt.Sprintf(r.place, id), "") })
			both.Go(func() { referred = h.do(t, "POST", r.path, fmt.Sprintf(r.body, id)) })
			both.Wait()
			switch {
			case deleted.Status == 204 && referred.Status == 422, deleted.Status == 409 && referred.Status == 201:
			default:
				t.Fatalf("%s: deleted %d %s, referred %d %s", name, deleted.Status, deleted.Body, referred.Status, referred.Body)
			}
		}
	}
	h.wantNothingLiveInDeleted(t)
}

// wantNothingLiveInDeleted looks at the rows themselves.
func (h *hospital) wantNothingLiveInDeleted(t *testing.T) {
	t.Helper()
	var wrong int
	conn, err := pgx.Connect(t.Context(), h.DB.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	err = conn.QueryRow(t.Context(), `
		WITH organizations AS (SELECT id FROM organization.organizations WHERE deleted_at IS NOT NULL),
		     departments AS (SELECT id FROM organization.departments WHERE deleted_at IS NOT NULL)
		SELECT (SELECT count(*) FROM organization.departments WHERE deleted_at IS NULL AND (organization_id IN (TABLE organizations) OR parent_id IN (TABLE departments)))
		     + (SELECT count(*) FROM identity.users WHERE deleted_at IS NULL AND (organization_id IN (TABLE organizations) OR department_id IN (TABLE departments)))
		     + (SELECT count(*) FROM access.grants WHERE ended_at IS NULL AND (organization_id IN (TABLE organizations) OR department_id IN (TABLE departments)))`).Scan(&wrong)
	if err != nil || wrong > 0 {
		t.Errorf("%d live rows refer to deleted ones, %v", wrong, err)
	}
}

// The same at the worst moments: each of the two waits for the other one, which has done its part and is not stored yet.
func TestDeletedPlaces_eachWaitsForTheOther(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	made := 100
	waits := func(tx pgx.Tx) bool {
		var waiting int
		err := tx.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting)
		return err == nil && waiting == 1
	}
	outside, err := pgx.Connect(t.Context(), h.DB.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close(context.WithoutCancel(t.Context()))
	during := func(statement string, id int64, send func() apitest.Answer) apitest.Answer {
		t.Helper()
		tx, err := outside.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), statement, id); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		answers := make(chan apitest.Answer, 1)
		go func() { answers <- send() }()
		await.That(t, "the request waits for the row", func() bool { return waits(tx) })
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		return <-answers
	}
	for name, r := range races {
		made++
		id := h.made(t, r, made)
		referred := during("UPDATE "+r.table+" SET deleted_at = now() WHERE id = $1", id, func() apitest.Answer {
			return h.do(t, "POST", r.path, fmt.Sprintf(r.body, id))
		})
		if referred.Status != 422 {
			t.Errorf("%s that is being deleted: %d %s", name, referred.Status, referred.Body)
		}
	}
	for statement, r := range map[string]racing{
		"INSERT INTO organization.departments (organization_id, name, sort_order) VALUES ($1, '내과', 1)":               races["a department in an organization"],
		"INSERT INTO organization.departments (organization_id, parent_id, name, sort_order) VALUES (1, $1, '아래', 1)": races["a department below another"],
		"UPDATE identity.users SET organization_id = $1, department_id = NULL WHERE id = 2":                           races["a user in an organization"],
		"UPDATE identity.users SET organization_id = 1, department_id = $1 WHERE id = 2":                              races["a user in a department"],
		"INSERT INTO access.grants (user_id, role_id, organization_id) VALUES (2, 4, $1)":                             races["a grant for an organization"],
		"INSERT INTO access.grants (user_id, role_id, organization_id, department_id) VALUES (2, 4, 1, $1)":           races["a grant for a department"],
	} {
		made++
		id := h.made(t, r, made)
		deleted := during(statement, id, func() apitest.Answer { return h.do(t, "DELETE", fmt.Sprintf(r.place, id), "") })
		if deleted.Status != 409 {
			t.Errorf("%s: deleted meanwhile %d %s", statement, deleted.Status, deleted.Body)
		}
	}
	h.wantNothingLiveInDeleted(t)
}
