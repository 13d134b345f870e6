package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/pg"
)

// This file holds what becomes of things that carry no right of their own: only the one who uses them is asked.

func (w *world) exec(t *testing.T, sql string, arguments ...any) {
	t.Helper()
	if _, err := w.DB.Exec(t.Context(), pg.Changes("test", squirrel.Expr(sql)).With(arguments...)); err != nil {
		t.Fatal(err)
	}
}

// A link to the next page that somebody else was given shows what its user may see, from that place on.
func TestAuthorityAtUse_aLinkOfSomebodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.user(t, otherWard)
		w.user(t, wardOfB)
	}
	_, head := w.somebody(t, ward, "organization-administrator", ward)
	page := w.As(t, w.root, "GET", "/users/?limit=1", "").Want(t, 200)
	link := regexp.MustCompile(`<([^>]*)>`).FindStringSubmatch(page.Header.Get("Link"))[1]
	for link != "" {
		a := w.As(t, head, "GET", link, "").Want(t, 200)
		for _, user := range a.List {
			if user["department_id"] != float64(w.places[ward].department) {
				t.Errorf("the head of a ward is shown %v", user)
			}
		}
		found := regexp.MustCompile(`<([^>]*)>`).FindStringSubmatch(a.Header.Get("Link"))
		if link = ""; found != nil {
			link = found[1]
		}
	}
	w.As(t, "", "GET", "/users/?limit=1", "").Want(t, 401)
}

// An ETag that somebody else was given says which version is meant, and lets nobody do anything.
func TestAuthorityAtUse_anETagOfSomebodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, member := w.somebody(t, ward, "member", hospitalA)
	_, adminB := w.somebody(t, hospitalB, "organization-administrator", hospitalB)
	id, _ := w.user(t, ward)
	path := fmt.Sprintf("/users/%d", id)
	tag := w.As(t, w.root, "GET", path, "").Want(t, 200).Header.Get("ETag")
	w.As(t, member, "PUT", path, `{"full_name":"x"}`, "If-Match", tag).Want(t, 403)
	w.As(t, adminB, "PUT", path, `{"full_name":"x"}`, "If-Match", tag).Want(t, 404)
	w.As(t, adminB, "GET", path, "", "If-None-Match", tag).Want(t, 404)
	w.As(t, "", "DELETE", path, "", "If-Match", tag).Want(t, 401)
}

// A session stays when its user is moved, with what was granted: where somebody belongs gives them nothing.
func TestAuthorityAtUse_aSessionOfAMovedUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.user(t, ward)
	w.grant(t, id, w.role(t, "member"), hospitalA)
	who := w.settled(t, email)
	w.As(t, w.root, "PUT", fmt.Sprintf("/users/%d", id), "{"+w.places[wardOfB].body()+"}").Want(t, 200)
	w.As(t, who, "GET", "/auth/me", "").Want(t, 200, "organization_id", w.places[hospitalB].organization)
	w.As(t, who, "GET", fmt.Sprintf("/organizations/%d", w.places[hospitalA].organization), "").Want(t, 200)
	w.As(t, who, "GET", fmt.Sprintf("/organizations/%d", w.places[hospitalB].organization), "").Want(t, 404)
}

// A browser's cookie that ended with its user's deactivation, or after an idle time, stays ended.
func TestAuthorityAtUse_aCookieThatEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.user(t, ward)
	w.settled(t, email)
	cookie := func() string {
		a := w.Do(t, "POST", "/auth/session", fmt.Sprintf(`{"email":%q,"password":%q}`, email, chosenPassword)).Want(t, 200)
		for _, c := range (&http.Response{Header: a.Header}).Cookies() {
			if w.Do(t, "GET", "/auth/me", "", "Cookie", c.Name+"="+c.Value).Status == 200 {
				return c.Name + "=" + c.Value
			}
		}
		t.Fatal("no cookie signs in")
		return ""
	}
	before := cookie()
	w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", id), "").Want(t, 200)
	w.Do(t, "GET", "/auth/me", "", "Cookie", before).Want(t, 401)
	w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/activate", id), "").Want(t, 200)
	w.Do(t, "GET", "/auth/me", "", "Cookie", before).Want(t, 401, "code", "identity.session_over")

	tab := cookie() // a tab of the console that nobody has used
	w.exec(t, "UPDATE identity.sessions SET last_seen_at = now() - interval '31 minutes' WHERE user_id = $1 AND ended_at IS NULL", id)
	other := w.replica(t) // which does not know of its use a moment ago
	other.Do(t, "GET", "/auth/me", "", "Cookie", tab).Want(t, 401, "code", "identity.session_over")
}

// A download is one answer to one question, asked by somebody who could ask it: it goes on when its user is deactivated
// meanwhile. Another one is refused.
func TestAuthorityAtUse_aDownloadUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.user(t, hospitalA)
	w.grant(t, id, w.role(t, "auditor"), hospitalA)
	who := w.settled(t, email)
	const grants = 3000
	w.exec(t, "INSERT INTO access.grants (user_id, role_id, organization_id, reason) SELECT $1, $2, $3, repeat('why ', 1500) FROM generate_series(1, $4)",
		id, w.role(t, "member"), w.places[hospitalA].organization, grants)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+"/grants.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", string(who))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	rows := csv.NewReader(response.Body)
	if _, err := rows.Read(); err != nil {
		t.Fatal(err)
	}
	w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", id), "").Want(t, 200)
	w.As(t, who, "GET", "/grants.csv", "").Want(t, 401)
	n := 0
	for ; ; n++ {
		if _, err := rows.Read(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("after %d rows: %v", n, err)
		}
	}
	if n != grants+1 {
		t.Errorf("%d rows, want %d", n, grants+1)
	}
}

// CWE-269, stopping those who may do more: whatever is done to another user needs all that the user holds, or will hold.
func TestEscalation_actingOnSomebodyWhoMayDoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, head := w.somebody(t, ward, "organization-administrator", ward)
	for name, more := range map[string]func(id int64){
		"a system administrator":   func(id int64) { w.grant(t, id, w.role(t, "system-administrator"), everywhere) },
		"a member of the hospital": func(id int64) { w.grant(t, id, w.role(t, "member"), hospitalA) },
		"a member from tomorrow on": func(id int64) {
			w.grant(t, id, w.role(t, "member"), hospitalA, fmt.Sprintf(`,"valid_from":%q`, time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339)))
		},
	} {
		id, email := w.user(t, room)
		more(id)
		who := w.settled(t, email)
		session := w.As(t, w.root, "GET", fmt.Sprintf("/users/%d/sessions", id), "").Want(t, 200).List[0]["id"]
		acts := [][3]string{
			{"POST", "/deactivate", ""}, {"POST", "/activate", ""}, {"POST", "/unlock", ""}, {"POST", "/password-reset", ""}, {"DELETE", "/sessions", ""},
			{"DELETE", fmt.Sprintf("/sessions/%.0f", session), ""}, {"DELETE", "", ""}, {"PUT", "", `{"full_name":"renamed"}`}, {"PUT", "", `{}`},
			{"PUT", "", `{"is_active":false}`}, {"PUT", "", "{" + w.places[ward].body() + "}"}, {"PUT", "", `{"email":"taken.over@example.org"}`}, {"PUT", "", `{"password":"of my own choice"}`},
		}
		for _, act := range acts {
			a := w.As(t, head, act[0], fmt.Sprintf("/users/%d%s", id, act[1]), act[2])
			if a.Status != 403 || a.Params("")["why"] != "holds_more" {
				t.Errorf("%s: %s %s %s: %d %s", name, act[0], act[1], act[2], a.Status, a.Body)
			}
		}
		w.As(t, who, "GET", "/auth/me", "").Want(t, 200, "full_name", nil, "is_active", true)
		w.As(t, w.root, "GET", fmt.Sprintf("/users/%d", id), "").Want(t, 200)
	}
}
