package http_test

import (
	"fmt"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/pg"
)

// entry is what the journal keeps of something that happened to a role or a grant.
type entry struct {
	Actor        string // and their id
	Operation    string
	Kind         string
	Subject      string // and its id
	User         int64
	Organization int64
	Department   int64
	Reason       string
	Public       string
}

func (e *entry) fields() []any {
	return []any{&e.Actor, &e.Operation, &e.Kind, &e.Subject, &e.User, &e.Organization, &e.Department, &e.Reason, &e.Public}
}

// recorded returns what the journal says of roles and grants of something that is done.
func (h *hospital) recorded(t *testing.T, do func()) []entry {
	t.Helper()
	last, err := pg.One(t.Context(), h.DB, pg.ReadsOnce("last entry", squirrel.Expr("SELECT coalesce(max(id), 0) FROM journal.entries")), pg.Int, nil)
	if err != nil {
		t.Fatal(err)
	}
	do()
	return h.entries(t, squirrel.Expr("id > $1", last))
}

func (h *hospital) entries(t *testing.T, where squirrel.Sqlizer) []entry {
	t.Helper()
	entries, err := pg.All(t.Context(), h.DB, pg.ReadsOnce("entries", squirrel.
		Select("concat_ws(' ', actor_kind, actor_id)", "operation", "kind", "concat_ws(' ', subject_kind, subject_id)",
			"coalesce(user_id, 0)", "coalesce(organization_id, 0)", "coalesce(department_id, 0)", "coalesce(reason, '')", "coalesce(public::text, '')").
		From("journal.entries").Where("subject_kind IN ('role', 'grant')").Where(where).OrderBy("id")), (*entry).fields)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestJournal_ofRoles(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	var id int64
	var path string
	for _, step := range []struct {
		does func()
		want []entry
	}{
		{func() {
			id = h.do(t, "POST", "/roles", `{"name":"clerk","permissions":["user.update","user.read"]}`).Want(t, 201).ID()
			path = fmt.Sprintf("/roles/%d", id)
		}, []entry{{
			Operation: "create-role", Kind: "role.created",
			Public: `{"name": [null, "clerk"], "permissions": [null, ["user.read", "user.update"]]}`,
		}}},
		{func() {
			h.do(t, "PUT", path, `{"description":"Keeps the files","permissions":["user.read","department.read"]}`).Want(t, 200)
		}, []entry{{
			Operation: "update-role", Kind: "role.changed",
			Public: `{"description": [null, "Keeps the files"], "permissions": [["user.read", "user.update"], ["department.read", "user.read"]]}`,
		}}},
		{func() {
			h.do(t, "PUT", path, `{"name":"auditor"}`).Want(t, 400)
			h.do(t, "PUT", "/roles/1", `{"name":"system-administrator"}`).Want(t, 200) // as it is
			h.do(t, "DELETE", "/roles/1", "").Want(t, 409)
		}, []entry{}},
		{func() { h.do(t, "DELETE", path, "").Want(t, 204) }, []entry{{
			Operation: "delete-role", Kind: "role.deleted",
			Public: `{"name": ["clerk", null], "description": ["Keeps the files", null], "permissions": [["department.read", "user.read"], null]}`,
		}}},
	} {
		got := h.recorded(t, step.does)
		for i := range step.want {
			step.want[i].Actor, step.want[i].Subject = "user 1", fmt.Sprintf("role %d", id)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("the journal (-want +got):\n%s", diff)
		}
	}
}

func TestJournal_ofGrants(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	member, auditor := h.role(t, "member"), h.role(t, "auditor")
	bob := h.user(t, "bob@example.com", `,"organization_id":1`)
	var id int64
	for _, step := range []struct {
		does func()
		want []entry
	}{
		{func() {
			id = h.grant(t, 2, "member", `,"department_id":2,"valid_from":"2026-01-01T09:00:00+09:00","valid_until":"2999-01-01T00:00:00Z","reason":"Covers for Kim"`).Want(t, 201).ID()
		}, []entry{{
			Actor: "user 1", Operation: "create-grant", Kind: "grant.created", User: 2, Organization: 1, Department: 2, Reason: "Covers for Kim",
			Public: fmt.Sprintf(`{"role_id": [null, %d], "valid_from": [null, "2026-01-01T00:00:00Z"], "valid_until": [null, "2999-01-01T00:00:00Z"], "department_id": [null, 2], "organization_id": [null, 1]}`, member),
		}}},
		{func() {
			h.grant(t, 2, "member", `,"department_id":2,"valid_until":"2998-01-01T00:00:00Z"`).Want(t, 409)
			h.grant(t, 2, "member", `,"organization_id":99`).Want(t, 422)
		}, []entry{}},
		{func() { h.do(t, "DELETE", fmt.Sprintf("/grants/%d?reason=Kim+is+back", id), "").Want(t, 204) }, []entry{{
			Actor: "user 1", Operation: "end-grant", Kind: "grant.ended", User: 2, Organization: 1, Department: 2, Reason: "Kim is back",
			Public: fmt.Sprintf(`{"role_id": [%d, null], "valid_from": ["2026-01-01T00:00:00Z", null], "valid_until": ["2999-01-01T00:00:00Z", null], "department_id": [2, null], "organization_id": [1, null]}`, member),
		}}},
		{func() { h.do(t, "DELETE", fmt.Sprintf("/grants/%d", id), "").Want(t, 409) }, []entry{}},
		{func() {
			id = h.do(t, "PUT", "/users/2/roles/1", "").Want(t, 200).ID()
			h.do(t, "PUT", "/users/2/roles/1", "").Want(t, 200, "id", id) // they have it
		}, []entry{{
			Actor: "user 1", Operation: "grant-role", Kind: "grant.created", User: 2, Public: `{"role_id": [null, 1]}`,
		}}},
		{func() {
			id = h.do(t, "PUT", fmt.Sprintf("/users/%d/roles/%d", bob, auditor), "").Want(t, 200).ID()
		}, []entry{{
			Actor: "user 1", Operation: "grant-role", Kind: "grant.created", User: bob, Public: fmt.Sprintf(`{"role_id": [null, %d]}`, auditor),
		}}},
		{func() {
			path := fmt.Sprintf("/users/%d/roles/%d", bob, auditor)
			h.As(t, h.alice, "DELETE", path, "").Want(t, 204)
			h.As(t, h.alice, "DELETE", path, "").Want(t, 204) // they do not have it any more
		}, []entry{{
			Actor: "user 2", Operation: "end-role", Kind: "grant.ended", User: bob, Public: fmt.Sprintf(`{"role_id": [%d, null]}`, auditor),
		}}},
	} {
		got := h.recorded(t, step.does)
		for i := range step.want {
			step.want[i].Subject = fmt.Sprintf("grant %d", id)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("the journal (-want +got):\n%s", diff)
		}
	}
}

// What is granted and ended because of what happens to users is recorded, too.
func TestJournal_ofUsers(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	first := h.entries(t, squirrel.Expr("user_id = 1"))
	want := []entry{{Kind: "grant.created", Subject: "grant 1", User: 1, Reason: "Made a system administrator by the operator of the server", Public: `{"role_id": [null, 1]}`}}
	for i := range first {
		first[i].Actor, first[i].Operation = "", "" // those of the test
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("the journal of the first administrator (-want +got):\n%s", diff)
	}
	here := h.grant(t, 2, "member", `,"organization_id":1`).Want(t, 201).ID()
	everywhere := h.grant(t, 2, "auditor", "").Want(t, 201).ID()
	ended := func(id, organization int64, public string) entry {
		return entry{
			Actor: "user 1", Operation: "delete-user", Kind: "grant.ended", Subject: fmt.Sprintf("grant %d", id), User: 2,
			Organization: organization, Reason: "The user was deleted", Public: public,
		}
	}
	want = []entry{
		ended(here, 1, fmt.Sprintf(`{"role_id": [%d, null], "organization_id": [1, null]}`, h.role(t, "member"))),
		ended(everywhere, 0, fmt.Sprintf(`{"role_id": [%d, null]}`, h.role(t, "auditor"))),
	}
	got := h.recorded(t, func() {
		h.do(t, "DELETE", "/users/1", "").Want(t, 409) // for the caller
		h.do(t, "DELETE", "/users/2", "").Want(t, 204)
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the journal of a deleted user (-want +got):\n%s", diff)
	}
	for name, secret := range map[string]string{"password": password, "token": string(h.root)} {
		if found := h.entries(t, squirrel.Expr("strpos(entries::text, $1) > 0", secret)); len(found) > 0 {
			t.Errorf("the journal holds a %s: %v", name, found)
		}
	}
}
