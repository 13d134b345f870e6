package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
)

func (w *world) newRole(t *testing.T, name, permissions string) int64 {
	t.Helper()
	return w.As(t, w.root, "POST", "/roles", fmt.Sprintf(`{"name":%q,"permissions":[%s]}`, name, permissions)).Want(t, 201).ID()
}

// CWE-269, a role that is granted while it is harmless: a user grants themselves an empty role and has whatever somebody
// puts into it later.
func TestEscalation_roleGrantedEmptyAndFilledLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, head := w.somebody(t, ward, "organization-administrator", ward)
	empty := w.As(t, w.root, "POST", "/roles/", `{"name":"admin","description":"Full access"}`).Want(t, 201).ID()
	founder := w.newRole(t, "founder", `"organization.create","organization.update"`)
	grant := func(who apitest.Token, role int64, at place) apitest.Answer {
		return w.As(t, who, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s}`, id, role, w.places[at].body()))
	}
	short := fmt.Sprintf("/users/%d/roles/%d", id, empty)
	for _, refused := range []apitest.Answer{grant(head, empty, ward), grant(w.root, empty, hospitalA), grant(w.root, empty, everywhere), grant(head, founder, ward), w.As(t, w.root, "PUT", short, "")} {
		refused.Want(t, 409, "code", "grant.gives_nothing")
	}
	if left := w.As(t, w.root, "GET", fmt.Sprintf("/grants/?user_id=%d", id), "").List; len(left) != 1 {
		t.Errorf("the head has %d grants, want 1", len(left))
	}
	grant(w.root, founder, hospitalA).Want(t, 201) // for which one of its two can be held

	// What a user has already, the short form finds there, also when it has been emptied since.
	w.As(t, w.root, "PUT", fmt.Sprintf("/roles/%d", empty), `{"permissions":["user.read"]}`).Want(t, 200)
	given := w.As(t, w.root, "PUT", short, "").Want(t, 200, "effect", "in_force").ID()
	w.As(t, w.root, "PUT", fmt.Sprintf("/roles/%d", empty), `{"permissions":[]}`).Want(t, 200)
	w.As(t, w.root, "PUT", short, "").Want(t, 200, "id", given, "effect", "gives_nothing")
}

// CWE-269, granting by the side door: who may change roles and not grant them puts more into a role that others have.
func TestEscalation_roleGrownForThoseWhoHaveIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newRole(t, "editor", `"role.read","role.update","user.read","user.update","user.delete","department.read","organization.create"`)
	w.newRole(t, "granter", `"grant.create"`)
	me, editor := w.somebody(t, everywhere, "editor", everywhere)
	clerk := w.newRole(t, "clerk", `"user.read"`)
	path := fmt.Sprintf("/roles/%d", clerk)
	put := func(permissions string) apitest.Answer {
		return w.As(t, editor, "PUT", path, `{"permissions":[`+permissions+`]}`)
	}
	put(`"user.read","user.update"`).Want(t, 200) // nobody has it
	user, _ := w.user(t, ward)
	now := w.grant(t, user, clerk, ward)
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	later := w.grant(t, user, clerk, hospitalB, fmt.Sprintf(`,"valid_from":%q`, tomorrow))

	put(`"user.read","user.update","user.delete"`).Want(t, 403, "code", "role.grows_for_others")
	put(`"user.read"`).Want(t, 200)
	put(`"user.read","user.update"`).Want(t, 403, "code", "role.grows_for_others")
	put(`"user.read","organization.create"`).Want(t, 200) // which nobody has by a grant for less than the system
	w.grant(t, me, w.role(t, "granter"), hospitalA)
	put(`"user.read","user.delete","organization.create"`).Want(t, 403, "code", "role.grows_for_others") // from tomorrow on, in B
	w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%d", later), "").Want(t, 204)
	put(`"user.read","user.delete","organization.create"`).Want(t, 200)
	w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%d", now), "").Want(t, 204)
	w.grant(t, user, clerk, everywhere)
	put(`"user.read","user.delete","organization.create","department.read"`).Want(t, 403, "code", "role.grows_for_others")
	w.grant(t, me, w.role(t, "granter"), everywhere)
	put(`"user.read","user.delete","organization.create","department.read"`).Want(t, 200)
}

// Before a role is changed, its page says for how many people: also for those who gave it to themselves.
func TestRoles_whoAChangeIsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.newRole(t, "clerk", `"user.read","grant.create","role.read","department.read"`)
	holders := func() string {
		text := ""
		for _, h := range w.As(t, w.root, "GET", fmt.Sprintf("/roles/%d/holders", clerk), "").Want(t, 200).List {
			text += fmt.Sprint(h["scope"], " ", h["people"], h["later"], h["deactivated"], h["self_granted"], "; ")
		}
		return text
	}
	want := func(expected string) {
		t.Helper()
		if got := holders(); got != expected {
			t.Errorf("got  %s\nwant %s", got, expected)
		}
	}
	want("system 0 0 0 0; organization 0 0 0 0; department 0 0 0 0; ")
	tomorrow := fmt.Sprintf(`,"valid_from":%q`, time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339))
	both, _ := w.user(t, ward)
	w.grant(t, both, clerk, ward)
	w.grant(t, both, clerk, otherWard)
	w.grant(t, both, clerk, hospitalA, tomorrow)
	everything, _ := w.user(t, ward)
	w.grant(t, everything, clerk, everywhere)
	want("system 1 0 0 0; organization 1 1 0 0; department 2 0 0 0; ")
	head, who := w.somebody(t, ward, "organization-administrator", ward)
	w.As(t, who, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s}`, head, clerk, w.places[room].body())).Want(t, 201)
	gone, _ := w.user(t, ward)
	ended := w.grant(t, gone, clerk, hospitalB)
	w.grant(t, gone, clerk, ward)
	w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%d", ended), "").Want(t, 204)
	w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", gone), "").Want(t, 200)
	want("system 1 0 0 0; organization 1 1 0 0; department 3 0 1 1; ")
	w.As(t, w.root, "GET", "/roles/99/holders", "").Want(t, 404)
}

// CWE-863, taking away what one could not give: who may change roles empties, renames or deletes one that holds more.
func TestEscalation_permissionsTakenFromARole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newRole(t, "editor", `"role.read","role.update","role.delete","user.read","user.update"`)
	_, editor := w.somebody(t, everywhere, "editor", everywhere)
	path := fmt.Sprintf("/roles/%d", w.newRole(t, "strong", `"user.read","user.update","user.delete","grant.create"`))
	refused := func(method, body string, lacking ...string) {
		t.Helper()
		a := w.As(t, editor, method, path, body).Want(t, 403, "code", "role.exceeds_own")
		if got := a.Params("")["permissions"]; fmt.Sprint(got) != fmt.Sprint(lacking) {
			t.Errorf("%s %s: lacks %v, want %v", method, body, got, lacking)
		}
	}
	refused("PUT", `{"permissions":["user.read","user.update","grant.create"]}`, "user.delete")
	refused("PUT", `{"permissions":[]}`, "grant.create", "user.delete")
	refused("PUT", `{"name":"harmless"}`, "grant.create", "user.delete")
	refused("PUT", `{"description":"for anybody"}`, "grant.create", "user.delete")
	refused("DELETE", "", "grant.create", "user.delete")
	w.As(t, editor, "PUT", path, `{"name":"strong","description":null,"permissions":["user.delete","user.read","user.update","grant.create"]}`).Want(t, 200) // as it is
	w.As(t, editor, "PUT", path, `{"permissions":["user.delete","grant.create","user.read"]}`).Want(t, 200)
	w.As(t, editor, "PUT", path, `{"permissions":["user.delete","grant.create","user.read","user.update"]}`).Want(t, 200)
	w.As(t, w.root, "PUT", path, `{"name":"weak","permissions":["user.read"]}`).Want(t, 200)
	w.As(t, editor, "PUT", path, `{"name":"weaker"}`).Want(t, 200)
	w.As(t, editor, "DELETE", path, "").Want(t, 204)
}

// CWE-863, ending what one could not grant: who may end grants somewhere takes an administrator's rights there.
func TestEscalation_grantsEndedOfWhoMayDoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newRole(t, "janitor", `"user.read","role.read","grant.read","grant.end"`)
	me, janitor := w.somebody(t, ward, "janitor", ward)
	administrator, _ := w.user(t, ward)
	strong := w.grant(t, administrator, w.role(t, "organization-administrator"), ward)
	a := w.As(t, janitor, "DELETE", fmt.Sprintf("/grants/%d", strong), "").Want(t, 403, "code", "grant.end_exceeds_own")
	if lacking, _ := a.Params("")["permissions"].([]any); !slices.Contains(lacking, any("user.delete")) || slices.Contains(lacking, any("grant.end")) {
		t.Errorf("lacks %v", lacking)
	}
	// Also one that begins later; of who may do more elsewhere, what the caller could grant here can be ended here.
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	later := w.grant(t, administrator, w.role(t, "organization-administrator"), room, fmt.Sprintf(`,"valid_from":%q`, tomorrow))
	w.As(t, janitor, "DELETE", fmt.Sprintf("/grants/%d", later), "").Want(t, 403)
	same := w.grant(t, administrator, w.role(t, "janitor"), room)
	w.As(t, janitor, "DELETE", fmt.Sprintf("/grants/%d", same), "").Want(t, 204)
	_, head := w.somebody(t, ward, "organization-administrator", ward)
	w.As(t, head, "DELETE", fmt.Sprintf("/grants/%d", strong), "").Want(t, 204)

	// A stand-in ends what goes on for longer: ending early does less harm than late.
	standIn, email := w.user(t, ward)
	w.grant(t, standIn, w.role(t, "organization-administrator"), ward, fmt.Sprintf(`,"valid_until":%q`, tomorrow))
	w.As(t, w.SignIn(t, email, somePassword), "DELETE", fmt.Sprintf("/grants/%d", w.grant(t, administrator, w.role(t, "member"), ward)), "").Want(t, 204)

	// Users can give up their own grants; the short form is no way around.
	own := w.grant(t, me, w.role(t, "organization-administrator"), room, fmt.Sprintf(`,"valid_from":%q`, tomorrow))
	w.As(t, janitor, "DELETE", fmt.Sprintf("/grants/%d", own), "").Want(t, 204)
	w.newRole(t, "porter", `"user.read","role.read","grant.end"`)
	_, porter := w.somebody(t, everywhere, "porter", everywhere)
	w.grant(t, administrator, w.role(t, "auditor"), everywhere)
	short := fmt.Sprintf("/users/%d/roles/%d", administrator, w.role(t, "auditor"))
	w.As(t, porter, "DELETE", short, "").Want(t, 403, "code", "grant.end_exceeds_own")
	w.As(t, w.root, "DELETE", short, "").Want(t, 204)
	w.As(t, porter, "DELETE", short, "").Want(t, 204) // there is nothing left to end
}

// CWE-269, a permission that this server does not know: a newer server, or a module that comes back, declares it, and
// who granted the role meanwhile gave more than they hold.
func TestEscalation_permissionThatNobodyDeclares(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, head := w.somebody(t, ward, "organization-administrator", ward)
	w.newRole(t, "editor", `"role.read","role.update","role.delete","user.read"`)
	_, editor := w.somebody(t, everywhere, "editor", everywhere)
	payer := w.newRole(t, "payer", `"user.read"`)
	unknown := pg.Changes("test", squirrel.Expr("INSERT INTO access.role_permissions (role_id, permission) VALUES ($1, 'payroll.pay')"))
	if _, err := w.DB.Exec(t.Context(), unknown.With(payer)); err != nil {
		t.Fatal(err)
	}
	body, path := fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s}`, id, payer, w.places[room].body()), fmt.Sprintf("/roles/%d", payer)
	w.As(t, editor, "PUT", path, `{"permissions":["user.read"]}`).Want(t, 403, "code", "role.exceeds_own")
	w.As(t, editor, "PUT", path, `{"permissions":["payroll.pay"]}`).Want(t, 200) // which is not touched
	w.As(t, editor, "DELETE", path, "").Want(t, 403)
	w.As(t, head, "POST", "/grants", body).Want(t, 409, "code", "grant.gives_nothing")
	w.As(t, w.root, "PUT", path, `{"permissions":["payroll.pay","user.read"]}`).Want(t, 200)
	w.newRole(t, "granter", `"user.read","role.read","department.read","grant.create"`)
	_, granter := w.somebody(t, ward, "granter", ward)
	w.As(t, granter, "POST", "/grants", body).Want(t, 403, "code", "grant.exceeds_own")
	w.As(t, head, "POST", "/grants", body).Want(t, 201) // who holds everything there
}
