package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"erp.internal/platform/httpx/apitest"
)

// Each test is named for the class of advisories that it guards against, as other systems had them.

// CWE-269, granting more than the caller holds: a user who may grant makes themselves or a friend an administrator of more.
func TestEscalation_grantOfMoreThanOneHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, head := w.somebody(t, ward, "organization-administrator", ward)
	friend, _ := w.user(t, ward)
	administrator, local := w.role(t, "system-administrator"), w.role(t, "organization-administrator")
	grant := func(role int64, at place) apitest.Answer {
		return w.As(t, head, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s}`, friend, role, w.places[at].body()))
	}
	grant(administrator, everywhere).Want(t, 403)
	grant(local, hospitalA).Want(t, 403)
	grant(local, otherWard).Want(t, 422)
	grant(local, wardOfB).Want(t, 422)
	w.As(t, head, "PUT", fmt.Sprintf("/users/%d/roles/%d", friend, administrator), "").Want(t, 403)
	grant(local, room).Want(t, 201)
	if n := len(w.As(t, w.root, "GET", fmt.Sprintf("/grants/?user_id=%d", friend), "").List); n != 1 {
		t.Errorf("the friend has %d grants, want 1", n)
	}

	// One permission more is enough to be refused, and the answer says which.
	w.As(t, w.root, "POST", "/roles", `{"name":"clerk","permissions":["user.read","role.read","grant.create","user.update"]}`).Want(t, 201)
	more := w.As(t, w.root, "POST", "/roles", `{"name":"more","permissions":["user.read","user.delete"]}`).Want(t, 201).ID()
	less := w.As(t, w.root, "POST", "/roles", `{"name":"less","permissions":["user.read","user.update"]}`).Want(t, 201).ID()
	_, clerk := w.somebody(t, ward, "clerk", hospitalA)
	body := fmt.Sprintf(`{"user_id":%d,"role_id":%%d,%s}`, friend, w.places[hospitalA].body())
	if a := w.As(t, clerk, "POST", "/grants", fmt.Sprintf(body, more)).Want(t, 403, "code", "grant.exceeds_own", "params", map[string]any{"permissions": []any{"user.delete"}}); !strings.HasSuffix(a.Object["detail"].(string), ": user.delete") {
		t.Errorf("the answer is %s", a.Body)
	}
	w.As(t, clerk, "POST", "/grants", fmt.Sprintf(body, less)).Want(t, 201)
}

// CWE-269, granting for longer than the caller holds: a stand-in until Friday stays by a grant without an end.
func TestEscalation_grantForLongerThanOneHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.user(t, hospitalA)
	until := time.Now().Add(48 * time.Hour).UTC()
	w.grant(t, id, w.role(t, "organization-administrator"), hospitalA, fmt.Sprintf(`,"valid_until":%q`, until.Format(time.RFC3339)))
	standIn := w.SignIn(t, email, somePassword)
	friend, _ := w.user(t, hospitalA)
	grant := func(user int64, more string) apitest.Answer {
		return w.As(t, standIn, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s%s}`, user, w.role(t, "member"), w.places[hospitalA].body(), more))
	}
	grant(friend, "").Want(t, 403, "code", "grant.exceeds_own")
	grant(id, "").Want(t, 403, "code", "grant.exceeds_own")
	grant(friend, fmt.Sprintf(`,"valid_until":%q`, until.Add(time.Second).Format(time.RFC3339))).Want(t, 403)
	grant(friend, fmt.Sprintf(`,"valid_until":%q`, until.Add(-time.Second).Format(time.RFC3339))).Want(t, 201)

	id, email = w.user(t, everywhere)
	w.grant(t, id, w.role(t, "system-administrator"), everywhere, fmt.Sprintf(`,"valid_until":%q`, until.Format(time.RFC3339)))
	w.As(t, w.SignIn(t, email, somePassword), "POST", "/roles", `{"name":"lasting","permissions":["user.read"]}`).Want(t, 403, "code", "role.exceeds_own")
}

// CWE-266, extending a role: a user who may edit roles, and has one, gives themselves everything.
func TestEscalation_roleEditedToHoldMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	editors := w.As(t, w.root, "POST", "/roles", `{"name":"editor","permissions":["role.read","role.create","role.update","role.delete","user.read"]}`).Want(t, 201).ID()
	_, editor := w.somebody(t, everywhere, "editor", everywhere)
	path := fmt.Sprintf("/roles/%d", editors)

	w.As(t, editor, "POST", "/roles", `{"name":"mine","permissions":["user.read","user.delete"]}`).Want(t, 403, "code", "role.exceeds_own", "params", map[string]any{"permissions": []any{"user.delete"}})
	w.As(t, editor, "PUT", path, `{"permissions":["role.read","role.update","user.read","user.delete"]}`).Want(t, 403, "code", "role.exceeds_own")
	w.As(t, editor, "PUT", path, `{"permissions":["*"]}`).Want(t, 422)
	w.As(t, editor, "PUT", path, `{"built_in":true,"permissions":["role.read","role.create","role.update","user.read"]}`).Want(t, 200, "built_in", false)
	w.As(t, editor, "POST", "/roles", `{"name":"mine","permissions":["user.read"]}`).Want(t, 201)
	for _, name := range []string{"member", "auditor", "organization-administrator", "system-administrator"} {
		builtIn := fmt.Sprintf("/roles/%d", w.role(t, name))
		w.As(t, w.root, "PUT", builtIn, `{"permissions":["user.read"]}`).Want(t, 409, "code", "role.built_in")
		w.As(t, w.root, "DELETE", builtIn, "").Want(t, 409, "code", "role.built_in")
	}
	if a := w.As(t, w.root, "GET", path, ""); fmt.Sprint(a.Object["permissions"]) != "[role.create role.read role.update user.read]" {
		t.Errorf("the role holds %v", a.Object["permissions"])
	}
}

// CWE-640, taking over an account that may do more: a user who may reset passwords in a ward becomes the administrator who
// works there, by a code, a password of their choice, or an email of their own.
func TestEscalation_takingOverWhoeverMayDoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, head := w.somebody(t, ward, "organization-administrator", ward)
	for at, role := range map[place]string{everywhere: "system-administrator", hospitalA: "member", wardOfB: "member"} {
		id, _ := w.user(t, room)
		w.grant(t, id, w.role(t, role), at)
		refused := w.As(t, head, "POST", fmt.Sprintf("/users/%d/password-reset", id), "").Want(t, 403, "code", "forbidden")
		if why := refused.Params("")["why"]; why != "holds_more" {
			t.Errorf("refused because %v", why)
		}
		w.As(t, head, "PUT", fmt.Sprintf("/users/%d", id), `{"password":"of my own choice"}`).Want(t, 403)
		w.As(t, head, "PUT", fmt.Sprintf("/users/%d", id), fmt.Sprintf(`{"email":"mine-%d@example.org"}`, id)).Want(t, 403)
	}

	// Mail goes to the address as it is written, also where both writings are one account's.
	spelt := w.As(t, w.root, "POST", "/users", fmt.Sprintf(`{"email":"x@strasse.example",%s}`, w.places[room].body())).Want(t, 201).ID()
	w.grant(t, spelt, w.role(t, "auditor"), everywhere)
	w.As(t, head, "PUT", fmt.Sprintf("/users/%d", spelt), `{"email":"x@straße.example"}`).Want(t, 403)
	w.As(t, head, "DELETE", fmt.Sprintf("/users/%d", spelt), "").Want(t, 403) // which would end what the head cannot end

	// Nor does a code wait for its owner to get more.
	promoted, email := w.user(t, room)
	code := w.As(t, head, "POST", fmt.Sprintf("/users/%d/password-reset", promoted), "").Want(t, 200).Object["code"]
	more := w.grant(t, promoted, w.role(t, "auditor"), everywhere)
	redeem := fmt.Sprintf(`{"email":%q,"code":%q,"new_password":"of my own choice"}`, email, code)
	w.Do(t, "POST", "/auth/password-reset", redeem).Want(t, 401, "code", "identity.code_refused")
	w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%d", more), "").Want(t, 204)
	w.Do(t, "POST", "/auth/password-reset", redeem).Want(t, 204)

	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	id, _ := w.user(t, room)
	grant := w.grant(t, id, w.role(t, "member"), hospitalA, fmt.Sprintf(`,"valid_from":%q`, tomorrow))
	w.As(t, head, "POST", fmt.Sprintf("/users/%d/password-reset", id), "").Want(t, 403)
	w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%d", grant), "").Want(t, 204)
	w.As(t, head, "POST", fmt.Sprintf("/users/%d/password-reset", id), "").Want(t, 200)
	w.grant(t, id, w.role(t, "organization-administrator"), ward)
	w.As(t, head, "POST", fmt.Sprintf("/users/%d/password-reset", id), "").Want(t, 200)
}

// CWE-620, making a stolen session permanent: a user who may reset passwords resets their own without the current one.
func TestEscalation_ownPasswordByTheSideDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, head := w.somebody(t, ward, "organization-administrator", ward)
	w.As(t, head, "POST", fmt.Sprintf("/users/%d/password-reset", id), "").Want(t, 409, "code", "user.own_password")
	w.As(t, head, "PUT", fmt.Sprintf("/users/%d", id), `{"password":"of the thief's choice"}`).Want(t, 409, "code", "user.own_password")
}

// CWE-639, moving into the caller's own reach: a user who may do everything here moves a department or a person here first.
func TestEscalation_movedIntoOwnReach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, head := w.somebody(t, ward, "organization-administrator", ward)
	_, adminB := w.somebody(t, hospitalB, "organization-administrator", hospitalB)
	colleague, _ := w.user(t, otherWard)
	to := fmt.Sprintf(`{"parent_id":%d}`, w.places[ward].department)
	other := fmt.Sprintf("/departments/%d", w.places[otherWard].department)
	w.As(t, head, "POST", other+"/move", to).Want(t, 404)
	w.As(t, head, "PUT", other, to).Want(t, 404)
	for who, at := range map[apitest.Token]place{head: ward, adminB: wardOfB} {
		w.As(t, who, "PUT", fmt.Sprintf("/users/%d", colleague), "{"+w.places[at].body()+"}").Want(t, 404)
		w.As(t, who, "POST", fmt.Sprintf("/users/%d/password-reset", colleague), "").Want(t, 404)
	}
	// Who may move everywhere, and may do more here than there, draws nothing here.
	w.As(t, w.root, "POST", "/roles", `{"name":"mover","permissions":["organization.read","department.read","department.move","user.read","user.update","user.move"]}`).Want(t, 201)
	id, mover := w.somebody(t, hospitalA, "mover", hospitalA)
	w.As(t, mover, "POST", other+"/move", to).Want(t, 200)
	w.As(t, mover, "POST", other+"/move", `{"parent_id":null}`).Want(t, 200)
	w.grant(t, id, w.role(t, "organization-administrator"), ward)
	if why := w.As(t, mover, "POST", other+"/move", to).Want(t, 403, "code", "forbidden").Params("")["why"]; why != "gains" {
		t.Errorf("refused because %v", why)
	}
	w.As(t, mover, "PUT", other, to).Want(t, 403)
	w.As(t, mover, "PUT", fmt.Sprintf("/users/%d", colleague), "{"+w.places[ward].body()+"}").Want(t, 403)
	w.As(t, mover, "POST", fmt.Sprintf("/departments/%d/move", w.places[room].department), `{"parent_id":null}`).Want(t, 200)
	w.As(t, w.root, "POST", fmt.Sprintf("/departments/%d/move", w.places[room].department), to).Want(t, 200)

	// Nor out of it to a place without the permission: the room to the top of the hospital, a user to another ward.
	w.As(t, head, "POST", fmt.Sprintf("/departments/%d/move", w.places[room].department), `{"parent_id":null}`).Want(t, 403)
	mine, _ := w.user(t, room)
	w.As(t, head, "PUT", fmt.Sprintf("/users/%d", mine), "{"+w.places[otherWard].body()+"}").Want(t, 422)
	// Ids of the body are held to each other: a department of B does not come with the organization A.
	for _, path := range []string{"/users", "/grants"} {
		body := fmt.Sprintf(`{"email":"x@example.org","user_id":%d,"role_id":4,"organization_id":%d,"department_id":%d}`, mine, w.places[hospitalA].organization, w.places[wardOfB].department)
		body = map[string]string{"/users": strings.Replace(body, fmt.Sprintf(`"user_id":%d,"role_id":4,`, mine), "", 1), "/grants": strings.Replace(body, `"email":"x@example.org",`, "", 1)}[path]
		w.As(t, w.root, "POST", path, body).Want(t, 422)
	}
}

// CWE-708, nobody left: the last one who may grant anything is deleted, deactivated, or ended, by others or by themselves.
func TestEscalation_lastAdministratorStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.As(t, w.root, "GET", "/auth/me", "").ID()
	administrator := w.role(t, "system-administrator")
	last := func(a apitest.Answer) { t.Helper(); a.Want(t, 409, "code", "access.last_administrator") }
	w.As(t, w.root, "POST", "/roles", `{"name":"janitor","permissions":["user.read","role.read","grant.read","grant.end"]}`).Want(t, 201)
	_, janitor := w.somebody(t, everywhere, "janitor", everywhere)
	mine := w.As(t, w.root, "GET", fmt.Sprintf("/grants/?user_id=%d", me), "").List[0]["id"].(float64)

	// Others do not count: one for a hospital, one who is deactivated, one with an end, one who begins tomorrow.
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	local, _ := w.user(t, hospitalA)
	w.grant(t, local, administrator, hospitalA)
	asleep, _ := w.user(t, everywhere)
	w.grant(t, asleep, administrator, everywhere)
	w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", asleep), "").Want(t, 200)
	short, _ := w.user(t, everywhere)
	w.grant(t, short, administrator, everywhere, fmt.Sprintf(`,"valid_until":%q`, tomorrow))
	later, _ := w.user(t, everywhere)
	w.grant(t, later, administrator, everywhere, fmt.Sprintf(`,"valid_from":%q`, tomorrow))

	// Nor does one whose own grant, for a while, is as wide.
	lent, acting := w.somebody(t, everywhere, "", "")
	w.grant(t, lent, administrator, everywhere, fmt.Sprintf(`,"valid_until":%q`, tomorrow))
	open := w.opened(t)
	w.As(t, acting, "DELETE", fmt.Sprintf("/users/%d", me), "").Want(t, 403)
	last(open.Do(t, "DELETE", fmt.Sprintf("/users/%d", me), ""))
	w.As(t, acting, "POST", fmt.Sprintf("/users/%d/deactivate", me), "").Want(t, 403)
	last(open.Do(t, "POST", fmt.Sprintf("/users/%d/deactivate", me), ""))
	last(open.Do(t, "PUT", fmt.Sprintf("/users/%d", me), `{"is_active":false}`))
	for _, path := range []string{fmt.Sprintf("/grants/%.0f", mine), fmt.Sprintf("/users/%d/roles/%d", me, administrator)} {
		w.As(t, janitor, "DELETE", path, "").Want(t, 403, "code", "grant.end_exceeds_own")
		last(w.As(t, w.root, "DELETE", path, ""))
	}
	w.As(t, w.root, "GET", "/organizations", "").Want(t, 200)

	// Two who end each other at the same moment: one of them stays.
	for range 5 {
		second, email := w.user(t, everywhere)
		w.grant(t, second, administrator, everywhere)
		other := w.settled(t, email)
		var both sync.WaitGroup
		statuses := make([]int, 2)
		both.Go(func() {
			statuses[0] = w.As(t, w.root, "DELETE", fmt.Sprintf("/users/%d/roles/%d", second, administrator), "").Status
		})
		both.Go(func() { statuses[1] = w.As(t, other, "POST", fmt.Sprintf("/users/%d/deactivate", me), "").Status })
		both.Wait()
		left := w.As(t, w.root, "GET", "/organizations", "").Status == 200
		right := w.As(t, other, "GET", "/organizations", "").Status == 200
		if left == right {
			t.Fatalf("statuses %v: the first may: %v, the second: %v", statuses, left, right)
		}
		if right { // and makes the first one again
			w.As(t, other, "POST", fmt.Sprintf("/users/%d/activate", me), "").Want(t, 200)
			w.root = w.SignIn(t, "root@example.org", rootPassword)
			w.As(t, w.root, "DELETE", fmt.Sprintf("/users/%d/roles/%d", second, administrator), "").Want(t, 204)
		}
	}
}

// CWE-284, rights of those who left: a new account with the email of a deleted one finds its rights, or its grants go on.
func TestEscalation_rightsOfTheDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.user(t, ward)
	grant := w.grant(t, id, w.role(t, "organization-administrator"), hospitalA)
	w.grant(t, id, w.role(t, "auditor"), everywhere)
	w.As(t, w.root, "DELETE", fmt.Sprintf("/users/%d", id), "").Want(t, 204)
	again := w.As(t, w.root, "POST", "/users", fmt.Sprintf(`{"email":%q,"password":%q}`, email, somePassword)).Want(t, 201).ID()
	if again == id {
		t.Error("an id is used twice")
	}
	if held := w.As(t, w.SignIn(t, email, somePassword), "GET", "/auth/permissions", "").Want(t, 200).List; len(held) != 0 {
		t.Errorf("the new account holds %v", held)
	}
	me := w.As(t, w.root, "GET", "/auth/me", "").ID()
	w.As(t, w.root, "GET", fmt.Sprintf("/grants/%d", grant), "").Want(t, 200, "user_id", id, "ended_by", me, "end_reason", "The user was deleted")
	w.As(t, w.root, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d}`, id, w.role(t, "auditor"))).Want(t, 422)
	w.As(t, w.root, "PUT", fmt.Sprintf("/users/%d/roles/%d", id, w.role(t, "auditor")), "").Want(t, 404)
}

// CWE-204, revealing existence: an answer about an object that the caller may not see differs from one about a missing object.
func TestEscalation_whatIsUnseenIsAsIfNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, adminB := w.somebody(t, hospitalB, "organization-administrator", hospitalB)
	user, _ := w.user(t, ward)
	grant := w.grant(t, user, w.role(t, "member"), ward)
	a, none := w.places[ward], int64(999_999)
	ask := func(method, path string, id int64, body string) string {
		answer := w.As(t, adminB, method, strings.ReplaceAll(path, "{id}", fmt.Sprint(id)), strings.ReplaceAll(body, "{id}", fmt.Sprint(id)))
		delete(answer.Object, "request_id")
		return fmt.Sprint(answer.Status, answer.Object, answer.List)
	}
	for _, tc := range []struct {
		method, path, body string
		id                 int64
	}{
		{"GET", "/organizations/{id}", "", a.organization}, {"PUT", "/organizations/{id}", `{"name":"B"}`, a.organization}, {"DELETE", "/organizations/{id}", "", a.organization},
		{"GET", "/organizations/{id}/tree", "", a.organization}, {"GET", "/departments/?organization_id={id}&count=true", "", a.organization},
		{"GET", "/departments/{id}", "", a.department}, {"PUT", "/departments/{id}", `{"name":"x"}`, a.department}, {"DELETE", "/departments/{id}", "", a.department},
		{"POST", "/departments/{id}/move", `{"parent_id":null}`, a.department}, {"GET", "/departments/?parent_id={id}", "", a.department},
		{"POST", "/departments", `{"organization_id":{id},"name":"x"}`, a.organization},
		{"POST", "/departments", fmt.Sprintf(`{"organization_id":%d,"parent_id":{id},"name":"x"}`, w.places[hospitalB].organization), a.department},
		{"POST", fmt.Sprintf("/departments/%d/move", w.places[wardOfB].department), `{"parent_id":{id}}`, a.department},
		{"GET", "/users/{id}", "", user}, {"PUT", "/users/{id}", `{"full_name":"x"}`, user}, {"PUT", "/users/{id}", `{"password":"short"}`, user}, {"DELETE", "/users/{id}", "", user},
		{"POST", "/users/{id}/deactivate", "", user}, {"POST", "/users/{id}/password-reset", "", user}, {"GET", "/users/{id}/sessions", "", user}, {"DELETE", "/users/{id}/sessions", "", user},
		{"GET", "/users/{id}/sign-ins", "", user}, {"GET", "/users/?organization_id={id}&count=true", "", a.organization}, {"GET", "/users/?department_id={id}", "", a.department},
		{"POST", "/users", `{"email":"x@example.org","organization_id":{id}}`, a.organization},
		{"POST", "/users", fmt.Sprintf(`{"email":"x@example.org","organization_id":%d,"department_id":{id}}`, w.places[hospitalB].organization), a.department},
		{"GET", "/grants/{id}", "", grant}, {"DELETE", "/grants/{id}", "", grant}, {"GET", "/grants/?user_id={id}", "", user}, {"GET", "/grants/?department_id={id}&covering=true", "", a.department},
		{"POST", "/grants", `{"user_id":{id},"role_id":4,` + w.places[hospitalB].body() + `}`, user},
		{"POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":4,"department_id":{id}}`, user), a.department},
		{"PUT", "/users/{id}/roles/4", "", user}, {"DELETE", "/users/{id}/roles/4", "", user},
		{"POST", "/access/check", `{"user_id":{id},"permission":"user.read"}`, user},
	} {
		there, nothing := ask(tc.method, tc.path, tc.id, tc.body), ask(tc.method, tc.path, none, tc.body)
		if there != nothing {
			t.Errorf("%s %s %s:\n  of something: %s\n  of nothing:   %s", tc.method, tc.path, tc.body, there, nothing)
		}
	}
}
