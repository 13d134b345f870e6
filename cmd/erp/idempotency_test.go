package main

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"erp.internal/platform/httpx/apitest"
)

const keyHeader = "Idempotency-Key"

// named counts the organizations of a name.
func (w *world) named(t *testing.T, name string) int {
	t.Helper()
	n := 0
	for _, o := range w.As(t, w.root, "GET", "/organizations?q="+url.QueryEscape(name), "").Want(t, 200).List {
		if o["name"] == name {
			n++
		}
	}
	return n
}

// A request that is sent again with its key is answered as it was, and changes nothing more.
func TestIdempotency_theFirstAnswerAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.places[ward]
	moved := w.department(t, s.organization, 0)
	user, _ := w.user(t, ward)
	for name, request := range map[string]struct{ path, body string }{
		"create-organization": {"/organizations", `{"name":"만든-기관","description":"a \"note\""}`},
		"create-department":   {"/departments", fmt.Sprintf(`{"organization_id":%d,"name":"D"}`, s.organization)},
		"create-grant":        {"/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,"department_id":%d}`, user, w.role(t, "member"), s.department)},
		"deactivate-user":     {fmt.Sprintf("/users/%d/deactivate", user), ""},
		"create-role":         {"/roles", `{"name":"R","permissions":["user.read"]}`},
		"move-department":     {fmt.Sprintf("/departments/%d/move", moved), fmt.Sprintf(`{"parent_id":%d}`, s.department)},
	} {
		send := func(path, body, key string) apitest.Answer {
			return w.As(t, w.root, "POST", path, body, keyHeader, key)
		}
		first := send(request.path, request.body, `"`+name+`"`)
		if first.Status >= 300 {
			t.Fatalf("%s: %d %s", name, first.Status, first.Body)
		}
		again := send(request.path, request.body, name) // without the quotes, as many clients send it
		if again.Status != first.Status || !bytes.Equal(bytes.TrimSpace(again.Body), bytes.TrimSpace(first.Body)) {
			t.Errorf("%s again: %d %s, first: %d %s", name, again.Status, again.Body, first.Status, first.Body)
		}
		for _, header := range []string{"Location", "ETag", "Content-Type"} {
			if again.Header.Get(header) != first.Header.Get(header) {
				t.Errorf("%s again: %s %q, first %q", name, header, again.Header.Get(header), first.Header.Get(header))
			}
		}
		send(request.path, strings.Replace(request.body, "}", ` }`, 1)+" ", name).Want(t, 422, "code", "idempotency_key_reused")
		send(request.path+"/?x=1", request.body, name).Want(t, 422, "code", "idempotency_key_reused")
	}
	if n := w.named(t, "만든-기관"); n != 1 {
		t.Errorf("%d organizations", n)
	}
}

// Keys of different callers are different keys.
func TestIdempotency_isEachCallersOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.places[ward]
	_, other := w.somebody(t, ward, "organization-administrator", hospitalA)
	body := fmt.Sprintf(`{"organization_id":%d,"name":"D"}`, s.organization)
	first := w.As(t, w.root, "POST", "/departments", body, keyHeader, "k").Want(t, 201).ID()
	if second := w.As(t, other, "POST", "/departments", body, keyHeader, "k").Want(t, 201).ID(); second == first {
		t.Error("another caller got the answer of the first caller")
	}
}

// Of many at once one is carried out; the others hear that it is under way, or its answer.
func TestIdempotency_atOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	servers := []*world{w, w.replica(t)}
	const rounds, atOnce = 10, 8
	for round := range rounds {
		name := fmt.Sprintf("at-once-%d", round)
		var all sync.WaitGroup
		answers := make([]apitest.Answer, atOnce)
		for i := range answers {
			all.Go(func() {
				answers[i] = servers[i%2].As(t, w.root, "POST", "/organizations", fmt.Sprintf(`{"name":%q}`, name), keyHeader, name)
			})
		}
		all.Wait()
		created := 0
		for _, a := range answers {
			switch {
			case a.Status == 201:
				created++
			case a.Status != 409 || a.Object["code"] != "under_way":
				t.Errorf("%d %s", a.Status, a.Body)
			}
		}
		if n := w.named(t, name); n != 1 || created == 0 {
			t.Errorf("%d organizations, %d of %d said created", n, created, atOnce)
		}
	}
}

// What was refused changed nothing, and is tried again.
func TestIdempotency_refusalsAreNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	taken := w.organization(t, "taken")
	const body = `{"name":"taken"}`
	w.As(t, w.root, "POST", "/organizations", body, keyHeader, "k").Want(t, 400, "code", "organization.name_taken")
	w.As(t, w.root, "DELETE", fmt.Sprintf("/organizations/%d", taken), "").Want(t, 204)
	w.As(t, w.root, "POST", "/organizations", body, keyHeader, "k").Want(t, 201)
}

// A key that cannot be read is refused; one beside a request that changes nothing does nothing.
func TestIdempotency_keys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, key := range []string{`"open`, "a b", "a,b", strings.Repeat("k", 256), `"` + "a\"b" + `"`} {
		w.As(t, w.root, "POST", "/organizations", fmt.Sprintf(`{"name":"keys-%d"}`, i), keyHeader, key).Want(t, 400, "code", "idempotency_key_unreadable")
	}
	w.As(t, w.root, "POST", "/organizations", `{"name":"keys"}`, keyHeader, strings.Repeat("k", 255)).Want(t, 201)
	for range 2 {
		w.As(t, w.root, "POST", "/access/check", fmt.Sprintf(`{"user_id":1,"permission":"organization.read","organization_id":%d}`, w.places[hospitalA].organization), keyHeader, "check").Want(t, 200)
		w.As(t, w.root, "PUT", fmt.Sprintf("/organizations/%d", w.places[hospitalA].organization), `{"description":"x"}`, keyHeader, "put").Want(t, 200)
	}
	big := `{"name":"` + strings.Repeat("x", 1<<20) + `"}`
	w.As(t, w.root, "POST", "/organizations", big, keyHeader, "big").Want(t, 413)
}

// Starting a reset makes two changes, of which the second unlocks the account: the first is the one that happens once.
func TestIdempotency_ofTwoChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user, _ := w.user(t, ward)
	path := fmt.Sprintf("/users/%d/password-reset", user)
	w.As(t, w.root, "POST", path, "", keyHeader, "reset").Want(t, 200)
	w.As(t, w.root, "POST", path, "", keyHeader, "reset").Want(t, 409, "code", "already_done")
}

// Nothing is kept of a body that may hold a password, nor of who has not signed in.
func TestIdempotency_ofSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := func(password string) string {
		return fmt.Sprintf(`{"email":"keyed@example.org","password":%q}`, password)
	}
	w.As(t, w.root, "POST", "/users", body("a secret of mine"), keyHeader, "user").Want(t, 201)
	w.As(t, w.root, "POST", "/users", body("another secret"), keyHeader, "user").Want(t, 409, "code", "already_done")
	for range 2 {
		w.Do(t, "POST", "/auth/login", body("a secret of mine"), keyHeader, "login").Want(t, 200)
	}
}
