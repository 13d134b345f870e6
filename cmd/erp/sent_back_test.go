package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"erp.internal/platform/httpx/apitest"
)

// readBack are examples of every path that answers both GET and PUT, in the world of access_world_test.go.
func readBack(t *testing.T, w *world) map[string][]string {
	t.Helper()
	inRoom := w.places[room]
	mine := w.As(t, w.root, "GET", "/auth/me", "").ID()
	inactive, _ := w.user(t, ward)
	w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", inactive), "").Want(t, 200)
	active, _ := w.user(t, room)
	own := w.As(t, w.root, "POST", "/roles", `{"name":"own","description":"a role","permissions":["user.read","role.read"]}`).Want(t, 201).ID()
	paths := map[string][]string{
		"/organizations/:id": {fmt.Sprintf("/organizations/%d", inRoom.organization)},
		"/departments/:id":   {fmt.Sprintf("/departments/%d", inRoom.department), fmt.Sprintf("/departments/%d", w.places[ward].department)},
		"/users/:id":         {fmt.Sprintf("/users/%d", inactive), fmt.Sprintf("/users/%d", active), fmt.Sprintf("/users/%d", mine)},
		"/roles/:id":         {fmt.Sprintf("/roles/%d", own)},
		"/auth/me":           {"/auth/me"},
	}
	for _, name := range []string{"system-administrator", "organization-administrator", "auditor", "member"} {
		paths["/roles/:id"] = append(paths["/roles/:id"], fmt.Sprintf("/roles/%d", w.role(t, name)))
	}
	for _, r := range readPolicy(t, w.API.Paths()).rules { // the examples of other modules are those of their policies
		if path, is := strings.CutPrefix(r.route, "PUT "); is && paths[path] == nil {
			paths[path] = []string{r.prepare(t, w, r.at[0]).fill(t, r.path)}
		}
	}
	return paths
}

// What was read may be sent back as it came, by every PUT, and changes nothing but the version.
func TestSentBack_byEveryPut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	examples := readBack(t, w)
	for _, route := range w.API.Paths() {
		path, is := strings.CutPrefix(route, "PUT ")
		if !is || !slices.Contains(w.API.Paths(), "GET "+path) { // a path with nothing to read
			continue
		}
		if len(examples[path]) == 0 {
			t.Errorf("no example of %s", route)
		}
		for _, example := range examples[path] {
			before := w.As(t, w.root, "GET", example, "").Want(t, 200)
			sent := w.As(t, w.root, "PUT", example, string(before.Body), "If-Match", before.Header.Get("ETag"))
			if sent.Status != 200 {
				t.Errorf("PUT %s of %s: %d %s", example, before.Body, sent.Status, sent.Body)
				continue
			}
			after := w.As(t, w.root, "GET", example, "").Want(t, 200)
			for _, a := range []apitest.Answer{before, sent, after} {
				delete(a.Object, "updated_at")
			}
			if !alike(before.Object, sent.Object) || !alike(before.Object, after.Object) {
				t.Errorf("PUT %s of %s made it %s", example, before.Body, after.Body)
			}
		}
	}
}

func alike(a, b map[string]any) bool {
	return maps.EqualFunc(a, b, func(x, y any) bool { return fmt.Sprint(x) == fmt.Sprint(y) })
}

// What was read may be sent to make another one of it, with what has to be unique changed.
func TestSentBack_toMakeAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	examples := readBack(t, w)
	user, _ := w.user(t, ward)
	grant := w.grant(t, user, w.role(t, "member"), ward)
	for list, c := range map[string]struct {
		like    string
		changed map[string]any
	}{
		"/organizations": {examples["/organizations/:id"][0], map[string]any{"name": "another"}},
		"/departments":   {examples["/departments/:id"][0], nil},
		"/users":         {examples["/users/:id"][1], map[string]any{"email": "another@example.org"}},
		"/roles":         {examples["/roles/:id"][0], map[string]any{"name": "another"}},
		"/grants":        {fmt.Sprintf("/grants/%d", grant), map[string]any{"user_id": w.As(t, w.root, "GET", "/auth/me", "").ID(), "valid_until": "2199-01-01T00:00:00Z", "role_id": w.role(t, "auditor")}},
	} {
		like := w.As(t, w.root, "GET", c.like, "").Want(t, 200)
		maps.Copy(like.Object, c.changed)
		for _, ledger := range []string{"granted_by", "granted_at", "ended_by", "ended_at", "end_reason", "effect"} { // nobody writes into it
			delete(like.Object, ledger)
		}
		body, err := json.Marshal(like.Object)
		if err != nil {
			t.Fatal(err)
		}
		if made := w.As(t, w.root, "POST", list, string(body)); made.Status != 201 || made.ID() == like.ID() {
			t.Errorf("POST %s of %s: %d %s", list, body, made.Status, made.Body)
		}
	}
}

// A whole user who is sent back with another is_active is activated or deactivated, by the rules of those operations.
func TestSentBack_isActive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.user(t, ward)
	path := fmt.Sprintf("/users/%d", id)
	who := w.settled(t, email)
	put := func(as apitest.Token, active bool, match string) apitest.Answer {
		whole := w.As(t, w.root, "GET", path, "").Want(t, 200)
		whole.Object["is_active"] = active
		body, _ := json.Marshal(whole.Object)
		if match == "" {
			match = whole.Header.Get("ETag")
		}
		return w.As(t, as, "PUT", path, string(body), "If-Match", match)
	}
	w.As(t, w.root, "POST", "/roles", `{"name":"namer","permissions":["user.read","user.update"]}`).Want(t, 201)
	_, namer := w.somebody(t, hospitalA, "namer", hospitalA)
	put(namer, true, "").Want(t, 200)
	put(namer, false, "").Want(t, 403, "code", "forbidden")
	put(w.root, false, `"77"`).Want(t, 412)
	w.As(t, who, "GET", "/auth/me", "").Want(t, 200)

	put(w.root, false, "").Want(t, 200, "is_active", false)
	w.As(t, who, "GET", "/auth/me", "").Want(t, 401)
	w.Do(t, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, email, chosenPassword)).Want(t, 401)
	put(namer, false, "").Want(t, 200) // it is so already
	put(namer, true, "").Want(t, 403)
	put(w.root, true, "").Want(t, 200, "is_active", true)
	w.SignIn(t, email, chosenPassword)
	w.As(t, who, "GET", "/auth/me", "").Want(t, 401) // the cookie that ended stays ended

	// Nobody deactivates themselves, nor somebody who may do more.
	me := w.As(t, w.root, "GET", "/auth/me", "").ID()
	w.As(t, w.root, "PUT", fmt.Sprintf("/users/%d", me), `{"is_active":false,"full_name":"x"}`).Want(t, 409, "code", "user.own_account")
	w.As(t, w.root, "GET", "/auth/me", "").Want(t, 200, "full_name", nil)
	_, head := w.somebody(t, ward, "organization-administrator", ward)
	put(head, false, "").Want(t, 200)
	put(head, true, "").Want(t, 200)
	w.grant(t, id, w.role(t, "member"), hospitalA)
	put(head, false, "").Want(t, 403, "code", "forbidden")
}

// Fields of the caller's own account that differ from what was read are refused, each by its name.
func TestSentBack_ownAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, who := w.somebody(t, ward, "", "")
	w.As(t, who, "PUT", "/auth/me", `{"full_name":"mine"}`).Want(t, 200, "full_name", "mine")
	for member, other := range map[string]string{"email": `"other@example.org"`, "organization_id": "null", "department_id": "null", "is_active": "false", "must_change_password": "false"} {
		a := w.As(t, who, "PUT", "/auth/me", fmt.Sprintf(`{"full_name":"another","%s":%s}`, member, other)).Want(t, 422)
		if !strings.Contains(string(a.Body), `"cannot_change"`) || !strings.Contains(string(a.Body), member) {
			t.Errorf("%s: %s", member, a.Body)
		}
	}
	w.As(t, who, "GET", "/auth/me", "").Want(t, 200, "full_name", "mine")
}
