package main

import (
	"fmt"
	"strings"
	"testing"

	"erp.internal/platform/await"
)

// A department's changes say who made them, by which operation, from where, and what changed.
func TestChanges_ofADepartment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.places[ward]
	id := w.department(t, s.organization, 0)
	head, headToken := w.somebody(t, ward, "organization-administrator", hospitalA)
	w.As(t, headToken, "POST", fmt.Sprintf("/departments/%d/move", id), fmt.Sprintf(`{"parent_id":%d}`, s.department), "X-Request-Id", "moved-by-head").Want(t, 200)
	w.As(t, headToken, "POST", fmt.Sprintf("/departments/%d/move", id), fmt.Sprintf(`{"parent_id":%d}`, s.department)).Want(t, 200) // it is there already

	found := w.As(t, w.root, "GET", fmt.Sprintf("/changes?subject_kind=department&subject_id=%d", id), "").Want(t, 200).List
	if len(found) != 2 {
		t.Fatalf("%d changes, want its creation and one move: %v", len(found), found)
	}
	moved, created := found[0], found[1]
	actor, _ := moved["actor"].(map[string]any)
	fields := changedFields(moved)
	switch {
	case created["kind"] != "department.created" || moved["kind"] != "department.moved":
		t.Errorf("kinds: %v, %v", created["kind"], moved["kind"])
	case moved["operation"] != "move-department" || created["operation"] != "create-department":
		t.Errorf("operations: %v, %v", moved["operation"], created["operation"])
	case actor["kind"] != "user" || actor["id"] != float64(head):
		t.Errorf("by %v, want user %d", actor, head)
	case moved["request_id"] != "moved-by-head" || moved["session_id"] == nil || moved["address"] != "127.0.0.1":
		t.Errorf("from %v, %v, %v", moved["request_id"], moved["session_id"], moved["address"])
	case moved["organization_id"] != float64(s.organization) || moved["department_id"] != float64(id):
		t.Errorf("in %v, %v", moved["organization_id"], moved["department_id"])
	case fields["parent_id"] != fmt.Sprintf("<nil> -> %d", s.department):
		t.Errorf("fields: %v", fields)
	case fields["name"] != "":
		t.Errorf("the name did not change: %v", fields)
	}
	for query, want := range map[string]int{
		"operation=move-department": 1, "kind=department.": 2, "kind=department.moved": 1, fmt.Sprintf("actor_id=%d", head): 1, "actor_kind=operator": 0,
		"until=2026-01-01T00:00:00Z": 0, "from=2026-01-01T00:00:00Z": 2, "q=move": 1, "user_id=1": 0, fmt.Sprintf("organization_id=%d", s.organization): 2,
	} {
		if got := len(w.As(t, w.root, "GET", fmt.Sprintf("/changes?subject_kind=department&subject_id=%d&%s", id, query), "").Want(t, 200).List); got != want {
			t.Errorf("%s: %d changes, want %d", query, got, want)
		}
	}
}

// A caller who may see the changes of one organization sees those of no other, and none that belong to no organization.
func TestChanges_ofAnotherOrganization(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, auditor := w.somebody(t, ward, "auditor", hospitalA)
	for _, change := range w.As(t, auditor, "GET", "/changes?limit=1000", "").Want(t, 200).List {
		if change["organization_id"] != float64(w.places[hospitalA].organization) {
			t.Errorf("sees %v", change)
		}
	}
}

// Who looks at a place finds that a user left it, also where they may not see the place that the user moved to.
func TestChanges_ofAPlaceThatAUserLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, auditor := w.somebody(t, ward, "auditor", hospitalA)
	user, _ := w.user(t, ward)
	from, to := w.places[ward], w.places[wardOfB]
	w.As(t, w.root, "PUT", fmt.Sprintf("/users/%d", user), fmt.Sprintf(`{%s}`, to.body())).Want(t, 200)
	for query, want := range map[string]string{
		fmt.Sprintf("organization_id=%d", from.organization): "user.left",
		fmt.Sprintf("department_id=%d", from.department):     "user.left",
		fmt.Sprintf("organization_id=%d", to.organization):   "user.moved",
		fmt.Sprintf("department_id=%d", to.department):       "user.moved",
	} {
		moves := w.As(t, w.root, "GET", fmt.Sprintf("/changes?user_id=%d&operation=update-user&%s", user, query), "").Want(t, 200).List
		if len(moves) != 1 || moves[0]["kind"] != want {
			t.Fatalf("%s: %v, want %s", query, moves, want)
		}
		wantFields := fmt.Sprintf("%d -> %d", from.organization, to.organization)
		if fields := changedFields(moves[0]); fields["organization_id"] != wantFields {
			t.Errorf("%s: %v, want %s", query, fields, wantFields)
		}
	}
	seen := w.As(t, auditor, "GET", fmt.Sprintf("/changes?user_id=%d&operation=update-user", user), "").Want(t, 200).List
	if len(seen) != 1 || seen[0]["kind"] != "user.left" {
		t.Errorf("the auditor of the organization that the user left sees %v", seen)
	}
}

// What is personal and changes together with the place was of the place that the user left: who looks at the new one does not
// learn the values of before.
func TestChanges_ofAUserWhoMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, before := w.somebody(t, ward, "auditor", hospitalA)
	_, after := w.somebody(t, wardOfB, "auditor", hospitalB)
	user, _ := w.user(t, ward)
	w.As(t, w.root, "PUT", fmt.Sprintf("/users/%d", user), fmt.Sprintf(`{"full_name":"새 이름",%s}`, w.places[wardOfB].body())).Want(t, 200)
	path := fmt.Sprintf("/changes?user_id=%d&operation=update-user&kind=user.changed", user)
	if seen := w.As(t, before, "GET", path, "").Want(t, 200).List; len(seen) != 1 {
		t.Errorf("the auditor of the place that the user left sees %v", seen)
	}
	if seen := w.As(t, after, "GET", path, "").Want(t, 200).List; len(seen) != 0 {
		t.Errorf("the auditor of the new place sees %v", seen)
	}
}

// Text that the database cannot hold is no kind, and is refused as in other filters.
func TestChanges_unreadableFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, filter := range []string{"kind", "operation", "subject_kind"} {
		for _, text := range []string{"%00", "%ff", "a%00b", "%ED%A0%80"} {
			w.As(t, w.root, "GET", "/changes?"+filter+"="+text, "").Want(t, 422)
		}
	}
	w.As(t, w.root, "GET", "/changes?kind=department.&operation=erp+admin+create&subject_kind=department", "").Want(t, 200)
}

// Refusals of somebody who is known are kept, equal ones as one, also of what is answered as if it were not there.
func TestChanges_refusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	member, token := w.somebody(t, ward, "member", hospitalA)
	hidden := fmt.Sprintf("/departments/%d", w.places[wardOfB].department)
	for range 5 {
		w.As(t, token, "POST", "/organizations", `{"name":"x"}`).Want(t, 403)
	}
	w.As(t, token, "GET", hidden, "").Want(t, 404)
	w.As(t, "", "GET", hidden, "").Want(t, 401)
	var found []map[string]any
	count := func(path string) (n float64) {
		for _, change := range found {
			if fields, _ := change["fields"].([]any); fieldAfter(fields, "path") == path {
				times, _ := fieldAfter(fields, "count").(float64)
				n += times
			}
		}
		return n
	}
	await.That(t, "the refusals are in the journal", func() bool {
		found = w.As(t, w.root, "GET", fmt.Sprintf("/changes?kind=refused&actor_id=%d", member), "").Want(t, 200).List
		return count("/organizations") == 5 && count(hidden) == 1
	})
	if all := w.As(t, w.root, "GET", "/changes?kind=refused", "").Want(t, 200).List; len(all) != len(found) {
		t.Errorf("somebody who is not known is there, too: %v", all)
	}
	if len(found) > 4 {
		t.Errorf("%d entries of 6 refusals", len(found))
	}
}

// A path that a database cannot hold hides no refusal: neither its own, nor others of the same caller.
func TestChanges_refusalsOfUnreadablePaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	member, token := w.somebody(t, ward, "member", hospitalA)
	for _, id := range []string{"%00", "%ff", "7%0a", strings.Repeat("x", 5000), "8"} {
		w.As(t, token, "POST", "/users/"+id+"/deactivate", "").Want(t, 403)
	}
	await.That(t, "all are in the journal, and no path is long", func() bool {
		found := w.As(t, w.root, "GET", fmt.Sprintf("/changes?kind=refused&actor_id=%d", member), "").Want(t, 200).List
		n, longest := 0.0, 0
		for _, change := range found {
			fields, _ := change["fields"].([]any)
			times, _ := fieldAfter(fields, "count").(float64)
			path, _ := fieldAfter(fields, "path").(string)
			n, longest = n+times, max(longest, len(path))
		}
		return n == 5 && longest <= 256
	})
}

// changedFields are "before -> after" by name.
func changedFields(change map[string]any) map[string]string {
	fields := map[string]string{}
	all, _ := change["fields"].([]any)
	for _, field := range all {
		f, _ := field.(map[string]any)
		fields[fmt.Sprint(f["name"])] = fmt.Sprintf("%v -> %v", f["before"], f["after"])
	}
	return fields
}

func fieldAfter(fields []any, name string) any {
	for _, field := range fields {
		if f, _ := field.(map[string]any); f["name"] == name {
			return f["after"]
		}
	}
	return nil
}
