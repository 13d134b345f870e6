package http_test

import (
	"fmt"
	"slices"
	"testing"
)

// The rows of the old contract, to the letter, with and without the trailing slash.
func TestRoles_contract(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	admin := h.do(t, "POST", "/roles/", `{"name":"admin","description":"Full access"}`).Want(t, 201, "name", "admin", "description", "Full access")
	path := fmt.Sprintf("/roles/%d", admin.ID())
	if got := admin.Header.Get("Location"); got != path || fmt.Sprint(admin.Object["permissions"]) != "[]" {
		t.Errorf("Location is %q, the role %s", got, admin.Body)
	}
	h.do(t, "POST", "/roles", `{"name":"admin"}`).Want(t, 400, "detail", "Role name already exists", "code", "role.name_taken")
	h.do(t, "GET", path+"/", "").Want(t, 200, "name", "admin")
	h.do(t, "PUT", path+"/", `{"id":7,"description":"All of it","created_at":"x","updated_at":null}`).Want(t, 200, "id", admin.ID(), "name", "admin", "description", "All of it")
	h.do(t, "PUT", path, `{"name":"auditor"}`).Want(t, 400, "detail", "Role name already exists")
	h.do(t, "PUT", path, `{"description":null}`).Want(t, 200, "description", nil, "name", "admin")
	h.do(t, "DELETE", path+"/", "").Want(t, 204)
	for _, method := range []string{"GET", "DELETE"} {
		h.do(t, method, path, "").Want(t, 404, "detail", "Role not found", "code", "role.not_found")
	}
	h.do(t, "PUT", path, `{}`).Want(t, 404)
	h.do(t, "POST", "/roles", `{"name":"admin"}`).Want(t, 201) // the name is free again
}

// Names are unique as they are seen: what is not seen makes no second role, and stays where it joins an emoji.
func TestRoles_namesThatLookTheSame(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for _, name := range []string{"member\u200d", "mem\u2063ber", "\u3164member", "member\ufe0f", "member\U000e0041", "member\u034f", "member\u180e", " member\u00a0"} {
		h.do(t, "POST", "/roles/", fmt.Sprintf(`{"name":"%s"}`, name)).Want(t, 400, "code", "role.name_taken")
	}
	h.do(t, "POST", "/roles/", `{"name":"간호\u200d사  수"}`).Want(t, 201, "name", "간호사 수")
	h.do(t, "POST", "/roles/", `{"name":"간호사\u3000수"}`).Want(t, 400, "code", "role.name_taken")
	h.do(t, "POST", "/roles/", `{"name":"Member"}`).Want(t, 201, "name", "Member")
	joined := h.do(t, "POST", "/roles/", `{"name":"👩‍⚕️"}`).Want(t, 201, "name", "👩‍⚕️")
	h.do(t, "POST", "/roles/", `{"name":"👩‍⚕"}`).Want(t, 400, "code", "role.name_taken")
	h.do(t, "PUT", joined.Header.Get("Location"), `{"name":"auditor\u200c"}`).Want(t, 400, "code", "role.name_taken")
	h.do(t, "PUT", joined.Header.Get("Location"), `{"name":"👩‍⚕️","description":"A"}`).Want(t, 200, "name", "👩‍⚕️")
}

func TestRoles_permissions(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	a := h.do(t, "POST", "/roles", `{"name":"clerk","permissions":["user.update","user.read","user.read"]}`).Want(t, 201)
	if got := fmt.Sprint(a.Object["permissions"]); got != "[user.read user.update]" {
		t.Errorf("the role holds %s", got)
	}
	path, seen := fmt.Sprintf("/roles/%d", a.ID()), a.Header.Get("ETag")
	for _, method := range []string{"POST", "PUT"} {
		target := map[string]string{"POST": "/roles", "PUT": path}[method]
		bad := h.do(t, method, target, `{"name":" ","permissions":["user.read","user.fly","","*","*.read"]}`).Want(t, 422)
		if got := bad.Violations(); !slices.Contains(got, "body.name blank") {
			t.Errorf("%s: %v", method, got)
		}
		bad = h.do(t, method, target, `{"name":"x","permissions":["user.read","user.fly","*","*.read","user.read\u0000"]}`).Want(t, 422)
		want := []string{"body.permissions[1] unknown_permission", "body.permissions[2] unknown_permission", "body.permissions[3] unknown_permission", "body.permissions[4] unknown_permission"}
		if got := bad.Violations(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", method, got, want)
		}
	}
	h.do(t, "PUT", path, `{"permissions":["department.read"]}`, "If-Match", seen).Want(t, 200)
	h.do(t, "PUT", path, `{"permissions":[]}`, "If-Match", seen).Want(t, 412)
	h.do(t, "DELETE", path, "", "If-Match", seen).Want(t, 412)
	if got := fmt.Sprint(h.do(t, "GET", path, "").Object["permissions"]); got != "[department.read]" {
		t.Errorf("the role holds %s", got)
	}
}

// The names of the roles of a page of grants come in one request.
func TestRoles_byIDs(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	gone := h.do(t, "POST", "/roles", `{"name":"clerk"}`).Want(t, 201)
	h.do(t, "DELETE", gone.Header.Get("Location"), "").Want(t, 204)
	for query, want := range map[string]string{
		"id=3,1,3&sort=name":                   "[auditor system-administrator]",
		"id=1,2&q=SYSTEM":                      "[system-administrator]",
		fmt.Sprintf("id=%d,99,4", gone.ID()):   "[member]",
		"id=1,2,3,4&sort=-name&limit=1&q=istr": "[system-administrator]",
	} {
		var names []any
		for _, role := range h.do(t, "GET", "/roles/?"+query, "").Want(t, 200).List {
			names = append(names, role["name"])
		}
		if got := fmt.Sprint(names); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if got := h.do(t, "GET", "/roles/?id=1,x", "").Want(t, 422).Violations(); fmt.Sprint(got) != "[query.id wrong_type]" {
		t.Errorf("got %v", got)
	}
	h.As(t, h.alice, "GET", "/roles/?id=1", "").Want(t, 403)
}

// A filter by ids does not reveal what the caller may not see, neither with one id nor with several.
func TestLists_byIDsKeepToTheScope(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.user(t, "bob@example.com", `,"organization_id":1,"department_id":1`)
	h.user(t, "carol@example.com", `,"organization_id":1,"department_id":2`)
	h.do(t, "POST", "/organizations", `{"name":"B"}`).Want(t, 201, "id", 2)
	h.do(t, "POST", "/departments", `{"organization_id":2,"name":"X"}`).Want(t, 201, "id", 3)
	h.grant(t, 2, "member", `,"department_id":2`).Want(t, 201)
	for path, want := range map[string]string{
		"/users/?id=1,2,3,4": "[2 4]", "/users/?id=1,3": "[]", "/users/?id=2,4&sort=-id": "[4 2]", "/users/?id=2,3,4&q=carol": "[4]", "/departments/?id=1,2,3": "[2]", "/organizations/?id=1,2": "[1]",
	} {
		a := h.As(t, h.alice, "GET", path+"&count=true", "").Want(t, 200)
		ids := []any{}
		for _, one := range a.List {
			ids = append(ids, one["id"])
		}
		if got := fmt.Sprint(ids); got != want || a.Header.Get("X-Total-Count") != fmt.Sprint(len(ids)) {
			t.Errorf("%s: %s, count %s; want %s", path, got, a.Header.Get("X-Total-Count"), want)
		}
	}
}

// A role that somebody has, now or later, stays; one whose grants are all over can go, and the ledger still names it.
func TestRoles_inUse(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id := h.do(t, "POST", "/roles", `{"name":"clerk","permissions":["user.read"]}`).Want(t, 201).ID()
	path := fmt.Sprintf("/roles/%d", id)
	now := h.grant(t, 2, "clerk", `,"organization_id":1`).Want(t, 201).ID()
	later := h.grant(t, 2, "clerk", `,"valid_from":"2999-01-01T00:00:00Z"`).Want(t, 201).ID()
	h.do(t, "DELETE", path, "").Want(t, 409, "code", "in_use", "detail", "This is still in use: 2 grants", "params", map[string]any{"what": "grants", "count": 2.0})
	h.do(t, "DELETE", fmt.Sprintf("/grants/%d", now), "").Want(t, 204)
	h.do(t, "DELETE", path, "").Want(t, 409, "detail", "This is still in use: 1 grant", "params", map[string]any{"what": "grants", "count": 1.0})
	h.do(t, "DELETE", fmt.Sprintf("/grants/%d", later), "").Want(t, 204)
	h.do(t, "DELETE", path, "").Want(t, 204)
	h.do(t, "GET", fmt.Sprintf("/grants/%d", now), "").Want(t, 200, "role_id", id)
	h.grant(t, 2, "auditor", "").Want(t, 201)
	if a := h.do(t, "POST", "/grants", fmt.Sprintf(`{"user_id":2,"role_id":%d}`, id)).Want(t, 422); a.Violations()[0] != "body.role_id unknown_role" {
		t.Errorf("got %s", a.Body)
	}
}

func TestRoles_builtIn(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	all := len(h.do(t, "GET", "/permissions/", "").Want(t, 200).List)
	for name, want := range map[string]int{"system-administrator": all, "organization-administrator": all - 4, "auditor": 7, "member": 3} {
		role := h.do(t, "GET", fmt.Sprintf("/roles/%d", h.role(t, name)), "").Want(t, 200, "built_in", true)
		if got := len(role.Object["permissions"].([]any)); got != want {
			t.Errorf("%s holds %d permissions, want %d", name, got, want)
		}
	}
}
