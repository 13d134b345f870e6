package http_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"erp.internal/platform/httpx/apitest"
)

// codes returns a verdict as words: "true allows", "false grant_over grant_over".
func codes(a apitest.Answer) string {
	text := fmt.Sprint(a.Object["allowed"])
	for _, part := range []string{"because", "missing"} {
		for _, one := range a.Object[part].([]any) {
			text += " " + one.(map[string]any)["code"].(string)
		}
	}
	return text
}

// The answer names the grants that allow it, or what is missing in the nearest.
func TestCheck(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/departments", `{"organization_id":1,"name":"외과"}`).Want(t, 201, "id", 3)
	h.do(t, "POST", "/roles", `{"name":"clerk","permissions":["user.read","user.update"]}`).Want(t, 201)
	ask := func(permission, more string) apitest.Answer {
		t.Helper()
		return h.do(t, "POST", "/access/check", fmt.Sprintf(`{"user_id":2,"permission":%q%s}`, permission, more)).Want(t, 200)
	}
	want := func(expected, permission, more string) {
		t.Helper()
		if got := codes(ask(permission, more)); got != expected {
			t.Errorf("%s%s: %s, want %s", permission, more, got, expected)
		}
	}
	want("false nothing_granted", "user.read", `,"department_id":2`)
	grant := h.grant(t, 2, "clerk", `,"department_id":1`).Want(t, 201).ID()
	allowed := ask("user.read", `,"department_id":2`)
	because := allowed.Object["because"].([]any)[0].(map[string]any)
	if codes(allowed) != "true allows" || because["role"] != "clerk" || because["grant"].(map[string]any)["id"] != float64(grant) {
		t.Errorf("got %s", allowed.Body)
	}
	want("false role_lacks_permission", "user.delete", `,"department_id":2`)
	want("false grant_elsewhere", "user.read", `,"department_id":3`)
	want("false grant_elsewhere", "user.read", `,"organization_id":1`)
	want("false grant_elsewhere", "user.read", ``)
	h.grant(t, 2, "member", `,"department_id":1`).Want(t, 201)
	want("true allows allows", "user.read", `,"department_id":1`)
	want("true allows", "organization.read", `,"organization_id":1`) // of a department, its organization
	later := h.grant(t, 2, "clerk", `,"department_id":3,"valid_from":"2999-01-01T00:00:00Z"`).Want(t, 201).ID()
	want("false grant_not_yet", "user.update", `,"department_id":3`)
	want("true allows", "user.update", `,"department_id":3,"at":"2999-06-01T00:00:00Z"`)

	before := time.Now().UTC().Format(time.RFC3339Nano)
	h.do(t, "DELETE", fmt.Sprintf("/grants/%d?reason=%s", grant, url.QueryEscape("left")), "").Want(t, 204)
	h.do(t, "DELETE", fmt.Sprintf("/grants/%d", later), "").Want(t, 204)
	over := ask("user.update", `,"department_id":2`)
	if missing := over.Object["missing"].([]any)[0].(map[string]any); codes(over) != "false grant_over" || missing["grant"].(map[string]any)["end_reason"] != "left" {
		t.Errorf("got %s", over.Body)
	}
	want("true allows", "user.update", fmt.Sprintf(`,"department_id":2,"at":%q`, before))
	want("false nothing_granted", "user.update", `,"department_id":2,"at":"2000-01-01T00:00:00Z"`)

	// What a role held then counts, not what it holds now.
	h.do(t, "PUT", fmt.Sprintf("/roles/%d", h.role(t, "clerk")), `{"permissions":["department.read"]}`).Want(t, 200)
	want("true allows", "user.update", fmt.Sprintf(`,"department_id":2,"at":%q`, before))
	h.do(t, "DELETE", fmt.Sprintf("/roles/%d", h.role(t, "clerk")), "").Want(t, 204)
	want("true allows", "user.update", fmt.Sprintf(`,"department_id":2,"at":%q`, before))

	h.do(t, "POST", "/users/2/deactivate", "").Want(t, 200)
	want("false allows user_deactivated", "user.read", `,"department_id":1`)
	h.do(t, "POST", "/users/2/activate", "").Want(t, 200)
	for range 10 {
		h.Do(t, "POST", "/auth/login", `{"email":"alice@example.com","password":"wrong"}`).Want(t, 401)
	}
	want("true allows", "user.read", `,"department_id":1`) // failures of strangers lock sign-ins, and take nothing from the user
}

// The answer and what is then done agree, whatever was granted.
func TestCheck_agreesWithTheDecision(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/organizations", `{"name":"B"}`).Want(t, 201, "id", 2)
	h.do(t, "POST", "/departments", `{"organization_id":2,"name":"B1"}`).Want(t, 201, "id", 3)
	agree := func(what string) {
		t.Helper()
		for department, organization := range map[int]int{1: 1, 2: 1, 3: 2} {
			for permission, request := range map[string][2]string{
				"department.read":   {"GET", fmt.Sprintf("/departments/%d", department)},
				"department.update": {"PUT", fmt.Sprintf("/departments/%d", department)},
			} {
				check := h.As(t, h.alice, "POST", "/access/check", fmt.Sprintf(`{"user_id":2,"permission":%q,"organization_id":%d,"department_id":%d}`, permission, organization, department)).Want(t, 200)
				done := h.As(t, h.alice, request[0], request[1], map[string]string{"GET": "", "PUT": "{}"}[request[0]])
				if check.Object["allowed"] != (done.Status == 200) {
					t.Errorf("%s, %s of department %d: allowed is %v, the request answers %d", what, permission, department, check.Object["allowed"], done.Status)
				}
			}
		}
	}
	agree("nothing")
	for _, grant := range []string{`"member" "department_id":2`, `"organization-administrator" "department_id":1`, `"auditor" "organization_id":2`, `"organization-administrator" "organization_id":1`, `"system-administrator" "organization_id":null`} {
		var role, place string
		if _, err := fmt.Sscanf(grant, "%q %s", &role, &place); err != nil {
			t.Fatal(err)
		}
		id := h.grant(t, 2, role, ","+place).Want(t, 201).ID()
		agree(grant)
		h.do(t, "DELETE", fmt.Sprintf("/grants/%d", id), "").Want(t, 204)
	}
	agree("all of it over")
}

func TestCheck_aboutOthers(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.grant(t, 2, "member", `,"organization_id":1`).Want(t, 201)
	bob := h.user(t, "bob@example.com", `,"organization_id":1,"department_id":1`)
	about := func(user int64, more string) apitest.Answer {
		return h.As(t, h.alice, "POST", "/access/check", fmt.Sprintf(`{"user_id":%d,"permission":"user.read"%s}`, user, more))
	}
	about(2, `,"department_id":1`).Want(t, 200, "allowed", true)
	about(bob, `,"department_id":1`).Want(t, 403)
	about(1, "").Want(t, 422) // of no organization: not to be seen by alice
	h.grant(t, 2, "auditor", `,"department_id":1`).Want(t, 201)
	about(bob, `,"department_id":1`).Want(t, 200, "allowed", false)

	// Of grants for places that the caller may not see, the answer says only that they allow it.
	h.do(t, "POST", "/organizations", `{"name":"B"}`).Want(t, 201, "id", 2)
	h.grant(t, bob, "member", `,"organization_id":2,"reason":"secret"`).Want(t, 201)
	if got := codes(about(bob, `,"department_id":1`).Want(t, 200)); got != "false nothing_granted" {
		t.Errorf("got %s", got)
	}
	there, nothing := about(bob, `,"organization_id":2`).Want(t, 200), about(bob, `,"organization_id":99`).Want(t, 200)
	if codes(there) != codes(nothing) || there.Object["allowed"] != false {
		t.Errorf("an organization that is not seen: %s, one that is not there: %s", there.Body, nothing.Body)
	}
	h.grant(t, bob, "auditor", `,"reason":"secret"`).Want(t, 201)
	if a := about(bob, `,"department_id":1`).Want(t, 200, "allowed", true); codes(a) != "true allows" || strings.Contains(string(a.Body), "secret") || strings.Contains(string(a.Body), "auditor") {
		t.Errorf("got %s", a.Body)
	}
	for body, want := range map[string]string{
		`{"user_id":2,"permission":"user.fly"}`:                                        "body.permission unknown_permission",
		`{"user_id":99,"permission":"user.read"}`:                                      "body.user_id unknown_user",
		`{"user_id":2,"permission":"user.read","department_id":99}`:                    "body.department_id unknown_department",
		`{"user_id":2,"permission":"user.read","organization_id":99}`:                  "body.organization_id unknown_organization",
		`{"user_id":2,"permission":"user.read","organization_id":1,"of":"x"}`:          "body.of unknown_field",
		`{"user_id":2,"permission":"department.read","at":"last march"}`:               "",
		`{"user_id":2,"permission":"user.read","organization_id":9,"department_id":1}`: "body.department_id unknown_department",
	} {
		a := h.do(t, "POST", "/access/check", body).Want(t, 422)
		if want != "" && a.Violations()[0] != want {
			t.Errorf("%s: %v", body, a.Violations())
		}
	}
}

func TestOwnPermissions(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.grant(t, 2, "member", `,"department_id":2`).Want(t, 201)
	got := fmt.Sprint(h.As(t, h.alice, "GET", "/auth/permissions/", "").Want(t, 200).List)
	want := "[map[departments:[2] everywhere:false organizations:[] permission:department.read]" +
		" map[departments:[] everywhere:false organizations:[1] permission:organization.read]" +
		" map[departments:[2] everywhere:false organizations:[] permission:user.read]]"
	if got != want {
		t.Errorf("got %s", got)
	}
}

// The list of who may do something somewhere, and the answers about each of them, agree for every permission and place.
func TestCheck_agreesWithTheLedger(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/departments", `{"organization_id":1,"name":"외과"}`).Want(t, 201, "id", 3)
	users := []int64{1, 2}
	for i, grant := range []string{`organization-administrator ,"department_id":1`, `auditor ,"organization_id":1`, `member ,"department_id":2`, `organization-administrator ,"organization_id":1`, `auditor `, `system-administrator ,"department_id":3`} {
		role, place, _ := strings.Cut(grant, " ")
		id := h.user(t, fmt.Sprintf("user%d@example.com", i), `,"organization_id":1`)
		h.grant(t, id, role, place).Want(t, 201)
		users = append(users, id)
	}
	for _, p := range h.do(t, "GET", "/permissions", "").List {
		for query, body := range map[string]string{"organization_id=1": `,"organization_id":1`, "department_id=1": `,"department_id":1`, "department_id=2": `,"department_id":2`, "department_id=3": `,"department_id":3`} {
			listed := map[int64]bool{}
			for _, g := range h.do(t, "GET", fmt.Sprintf("/grants/?covering=true&state=active&permission=%s&%s", p["name"], query), "").Want(t, 200).List {
				listed[int64(g["user_id"].(float64))] = true
			}
			for _, user := range users {
				check := h.do(t, "POST", "/access/check", fmt.Sprintf(`{"user_id":%d,"permission":%q%s}`, user, p["name"], body)).Want(t, 200)
				if check.Object["allowed"] != listed[user] {
					t.Errorf("%s, %s, user %d: listed %v, but %s", p["name"], query, user, listed[user], check.Body)
				}
			}
		}
	}
	narrow := h.do(t, "POST", "/access/check", `{"user_id":3,"permission":"organization.update","department_id":1}`).Want(t, 200)
	if codes(narrow) != "false grant_too_narrow" {
		t.Errorf("got %s", narrow.Body)
	}
}

// The ledger answers about a department that is gone, too.
func TestGrants_ofADepartmentThatIsGone(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/departments", `{"organization_id":1,"name":"외과"}`).Want(t, 201, "id", 3)
	there := h.grant(t, 2, "member", `,"department_id":3`).Want(t, 201).ID()
	above := h.grant(t, 2, "auditor", `,"organization_id":1`).Want(t, 201).ID()
	ask := "/grants/?sort=id&user_id=2&department_id=3&covering=true&permission=department.read&at=" + url.QueryEscape(time.Now().UTC().Format(time.RFC3339Nano))
	h.do(t, "DELETE", fmt.Sprintf("/grants/%d", there), "").Want(t, 204)
	before := h.do(t, "GET", ask, "").Want(t, 200)
	h.do(t, "DELETE", "/departments/3", "").Want(t, 204)
	after := h.do(t, "GET", ask, "").Want(t, 200)
	if len(after.List) != 2 || after.List[0]["id"] != float64(there) || after.List[1]["id"] != float64(above) || string(before.Body) != string(after.Body) {
		t.Errorf("before: %s\nafter: %s", before.Body, after.Body)
	}
	if a := h.do(t, "GET", "/grants/?organization_id=99&department_id=3", "").Want(t, 200); len(a.List) != 0 {
		t.Errorf("a department of another organization: %s", a.Body)
	}
}
