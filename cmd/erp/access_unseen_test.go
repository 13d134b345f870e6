package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// observed returns another server on the same database, and what the statements were since the last time that was asked.
func (w *world) observed(t *testing.T) (*world, func() []string) {
	t.Helper()
	core, logs := observer.New(zap.InfoLevel)
	settings := pgtest.Settings(w.DB.URL())
	settings.Echo = true
	db, err := pg.Open(t.Context(), settings, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	other := *w
	other.serve(t, db)
	return &other, func() []string {
		var all []string
		for _, entry := range logs.TakeAll() {
			sql := entry.ContextMap()["statement"].(string)
			feed := strings.Contains(sql, "snapshot") // which replicas follow all the time
			if !feed && !strings.Contains(sql, "last_seen_at =") {
				all = append(all, sql)
			}
		}
		return all
	}
}

var anyID = regexp.MustCompile(`"request_id":"[^"]*"`)

// CWE-204 and CWE-208: an object that the caller may not see is answered by the same statements as a missing one, so that
// neither the answer nor its time tells them apart.
func TestUnseen_isReadLikeAbsent(t *testing.T) {
	t.Parallel()
	w, statements := newWorld(t).observed(t)
	_, head := w.somebody(t, ward, "organization-administrator", ward)
	mine, adminA := w.somebody(t, hospitalA, "organization-administrator", hospitalA)
	theirs, email := w.user(t, wardOfB)
	grant := w.grant(t, theirs, w.role(t, "member"), wardOfB)
	w.SignIn(t, email, somePassword)
	session := int64(w.As(t, w.root, "GET", fmt.Sprintf("/users/%d/sessions", theirs), "").Want(t, 200).List[0]["id"].(float64))
	b, other := w.places[wardOfB], w.places[otherWard]
	const absent = int64(999_999)

	requests := []struct {
		as           apitest.Token
		method, path string // %d is the id
		body         string
		unseen       int64
	}{
		{adminA, "GET", "/organizations/%d", "", b.organization},
		{adminA, "PUT", "/organizations/%d", `{"description":"x"}`, b.organization},
		{adminA, "DELETE", "/organizations/%d", "", b.organization},
		{adminA, "GET", "/organizations/%d/tree", "", b.organization},
		{head, "GET", "/departments/%d", "", other.department},
		{head, "PUT", "/departments/%d", `{"name":"x"}`, other.department},
		{head, "PUT", "/departments/%d", `{"parent_id":null}`, other.department},
		{head, "POST", "/departments/%d/move", `{"parent_id":null}`, other.department},
		{head, "DELETE", "/departments/%d", "", other.department},
		{adminA, "GET", "/departments/%d", "", b.department},
		{adminA, "PUT", "/departments/%d", `{"name":"x"}`, b.department},
		{adminA, "GET", "/users/%d", "", theirs},
		{adminA, "PUT", "/users/%d", `{"full_name":"x"}`, theirs},
		{adminA, "PUT", "/users/%d", `{"password":"of my own choice"}`, theirs},
		{adminA, "DELETE", "/users/%d", "", theirs},
		{adminA, "POST", "/users/%d/activate", "", theirs},
		{adminA, "POST", "/users/%d/deactivate", "", theirs},
		{adminA, "POST", "/users/%d/unlock", "", theirs},
		{adminA, "POST", "/users/%d/password-reset", "", theirs},
		{adminA, "GET", "/users/%d/sessions", "", theirs},
		{adminA, "DELETE", "/users/%d/sessions", "", theirs},
		{adminA, "DELETE", fmt.Sprintf("/users/%%d/sessions/%d", session), "", theirs},
		{adminA, "GET", "/users/%d/sign-ins", "", theirs},
		{adminA, "DELETE", "/auth/sessions/%d", "", session},
		{adminA, "GET", "/grants/%d", "", grant},
		{adminA, "DELETE", "/grants/%d", "", grant},
		{adminA, "PUT", "/users/%d/roles/4", "", theirs},
		{adminA, "DELETE", "/users/%d/roles/4", "", theirs},

		{adminA, "POST", "/departments", `{"organization_id":%d,"name":"x"}`, b.organization},
		{adminA, "POST", "/departments", fmt.Sprintf(`{"organization_id":%d,"parent_id":%%d,"name":"x"}`, w.places[ward].organization), b.department},
		{head, "POST", "/departments", fmt.Sprintf(`{"organization_id":%d,"parent_id":%%d,"name":"x"}`, w.places[ward].organization), other.department},
		{head, "POST", fmt.Sprintf("/departments/%d/move", w.places[room].department), `{"parent_id":%d}`, other.department},
		{adminA, "POST", "/users", `{"email":"x@example.org","organization_id":%d}`, b.organization},
		{head, "POST", "/users", fmt.Sprintf(`{"email":"x@example.org","organization_id":%d,"department_id":%%d}`, other.organization), other.department},
		{head, "PUT", fmt.Sprintf("/users/%d", mine), fmt.Sprintf(`{"organization_id":%d,"department_id":%%d}`, other.organization), other.department},
		{adminA, "POST", "/grants", `{"user_id":%d,"role_id":4,"department_id":1}`, theirs},
		{adminA, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":4,"organization_id":%%d}`, mine), b.organization},
		{adminA, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":4,"department_id":%%d}`, mine), b.department},
		{head, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":4,"department_id":%%d}`, mine), other.department},
		{adminA, "POST", "/access/check", `{"user_id":%d,"permission":"user.read","department_id":1}`, theirs},
		{adminA, "POST", "/access/check", fmt.Sprintf(`{"user_id":%d,"permission":"user.read","organization_id":%%d}`, mine), b.organization},
		{adminA, "POST", "/access/check", fmt.Sprintf(`{"user_id":%d,"permission":"user.read","department_id":%%d}`, mine), b.department},
		{adminA, "GET", "/grants/?user_id=%d", "", theirs},
		{adminA, "GET", "/grants/?organization_id=%d&covering=true", "", b.organization},
		{adminA, "GET", "/grants/?department_id=%d&covering=true", "", b.department},
		{adminA, "GET", "/users/?organization_id=%d", "", b.organization},
		{adminA, "GET", "/departments/?organization_id=%d", "", b.organization},
		{adminA, "GET", "/users/?within=organization:%d", "", b.organization},
		{adminA, "GET", "/users/?within=department:%d", "", b.department},
		{head, "GET", "/users/?within=department:%d", "", other.department},
		{adminA, "GET", "/departments/?within=organization:%d", "", b.organization},
		{adminA, "GET", "/departments/?within=department:%d", "", b.department},
		{head, "GET", "/departments/?within=department:%d", "", other.department},
		{adminA, "GET", "/departments/?parent_id=%d", "", b.department},
		{adminA, "GET", fmt.Sprintf("/organizations/%d/tree?parent_id=%%d", w.places[ward].organization), "", b.department},
		{head, "GET", fmt.Sprintf("/organizations/%d/tree?parent_id=%%d", w.places[ward].organization), "", other.department},
	}
	fill := func(text string, id int64) string { return strings.ReplaceAll(text, "%d", fmt.Sprint(id)) }
	for _, r := range requests {
		ask := func(id int64) (answer string, asked []string) {
			statements()
			a := w.As(t, r.as, r.method, fill(r.path, id), fill(r.body, id))
			return fmt.Sprint(a.Status, " ", anyID.ReplaceAllString(string(a.Body), "")), statements()
		}
		ask(r.unseen) // reads what is held in memory from then on
		ask(absent)
		unseen, byUnseen := ask(r.unseen)
		nothing, byNothing := ask(absent)
		// What is held in memory is read anew while a busy machine is behind with following; not again and again.
		for range 10 {
			if slices.Equal(byUnseen, byNothing) {
				break
			}
			unseen, byUnseen = ask(r.unseen)
			nothing, byNothing = ask(absent)
		}
		if unseen != nothing {
			t.Errorf("%s %s %s: unseen answers %s, absent %s", r.method, r.path, r.body, unseen, nothing)
		}
		if !slices.Equal(byUnseen, byNothing) {
			t.Errorf("%s %s %s:\nunseen by  %s\nabsent by %s", r.method, r.path, r.body, strings.Join(byUnseen, "\n           "), strings.Join(byNothing, "\n          "))
		}
	}
}
