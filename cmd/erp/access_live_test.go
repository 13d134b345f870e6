package main

import (
	"fmt"
	"testing"
	"time"

	"erp.internal/postgres/pgtest"
)

// ASVS 8.3.2: what changes of somebody's rights counts at once here, and within a second on another replica, also while
// that one cannot be notified.
func TestAccess_changesCountAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	replica := w.replica(t)
	defer pgtest.CutNotifications(t, w.DB)()
	list := fmt.Sprintf("/departments/%d", w.places[room].department)

	for name, tc := range map[string]struct {
		role   string
		at     place
		change func(user, grant int64)
		status int
	}{
		"a grant ended": {"member", hospitalA, func(_, grant int64) {
			w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%d", grant), "").Want(t, 204)
		}, 403},
		"the role was edited": {"reader", hospitalA, func(_, _ int64) {
			w.As(t, w.root, "PUT", fmt.Sprintf("/roles/%d", w.role(t, "reader")), `{"permissions":["organization.read"]}`).Want(t, 200)
		}, 403},
		"the department went out of the subtree": {"member", ward, func(_, _ int64) {
			w.As(t, w.root, "POST", fmt.Sprintf("/departments/%d/move", w.places[room].department), fmt.Sprintf(`{"parent_id":%d}`, w.places[otherWard].department)).Want(t, 200)
		}, 404},
		"the user was deleted": {"member", hospitalA, func(user, _ int64) {
			w.As(t, w.root, "DELETE", fmt.Sprintf("/users/%d", user), "").Want(t, 204)
		}, 401},
	} {
		w.As(t, w.root, "POST", "/roles", `{"name":"reader","permissions":["department.read"]}`)
		w.As(t, w.root, "PUT", fmt.Sprintf("/roles/%d", w.role(t, "reader")), `{"permissions":["department.read"]}`).Want(t, 200)
		w.As(t, w.root, "POST", fmt.Sprintf("/departments/%d/move", w.places[room].department), fmt.Sprintf(`{"parent_id":%d}`, w.places[ward].department)).Want(t, 200)
		user, email := w.user(t, hospitalA)
		grant := w.grant(t, user, w.role(t, tc.role), tc.at)
		who := w.settled(t, email)
		replica.eventually(t, 200, who, "GET", list, "") // it may not have heard of the grant yet
		for range 3 {                                    // held in memory
			w.As(t, who, "GET", list, "").Want(t, 200)
			replica.As(t, who, "GET", list, "").Want(t, 200)
		}
		tc.change(user, grant)
		changed := time.Now()
		if a := w.As(t, who, "GET", list, ""); a.Status != tc.status {
			t.Errorf("%s: status %d at once, want %d", name, a.Status, tc.status)
		}
		for replica.As(t, who, "GET", list, "").Status == 200 {
			if took := time.Since(changed); took > time.Second {
				t.Fatalf("%s: still allowed after %s", name, took)
			}
		}
	}
}

// A department grant reaches what stands below the department at each moment: what moves in, and what is made there.
func TestAccess_departmentsAsTheyStandNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, head := w.somebody(t, ward, "organization-administrator", ward)
	there, _ := w.user(t, otherWard)
	path := fmt.Sprintf("/users/%d", there)
	w.As(t, head, "GET", path, "").Want(t, 404)
	move := fmt.Sprintf("/departments/%d/move", w.places[otherWard].department)
	w.As(t, w.root, "POST", move, fmt.Sprintf(`{"parent_id":%d}`, w.places[room].department)).Want(t, 200)
	w.As(t, head, "GET", path, "").Want(t, 200)
	if n := len(w.As(t, head, "GET", "/departments", "").List); n != 3 {
		t.Errorf("the head sees %d departments, want 3", n)
	}
	made := w.As(t, head, "POST", "/departments", fmt.Sprintf(`{"organization_id":%d,"parent_id":%d,"name":"made"}`, w.places[ward].organization, w.places[otherWard].department)).Want(t, 201).ID()
	w.As(t, head, "GET", fmt.Sprintf("/departments/%d", made), "").Want(t, 200)
	w.As(t, w.root, "POST", move, `{"parent_id":null}`).Want(t, 200)
	w.As(t, head, "GET", path, "").Want(t, 404)
	w.As(t, head, "GET", fmt.Sprintf("/departments/%d", made), "").Want(t, 404)
}

// Dates take effect at their moment, in memory too, with nothing else happening.
func TestAccess_dates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.user(t, ward)
	who := w.settled(t, email)
	from := time.Now().Add(700 * time.Millisecond).Truncate(time.Microsecond)
	until := from.Add(700 * time.Millisecond)
	w.grant(t, id, w.role(t, "member"), hospitalA, fmt.Sprintf(`,"valid_from":%q,"valid_until":%q`, from.Format(time.RFC3339Nano), until.Format(time.RFC3339Nano)))
	path := fmt.Sprintf("/organizations/%d", w.places[hospitalA].organization)
	phase := func(at time.Time) int {
		if at.Before(from) || !at.Before(until) {
			return 403
		}
		return 200
	}
	var seen []int
	for before := time.Now(); !before.After(until); {
		before = time.Now()
		status := w.As(t, who, "GET", path, "").Status
		switch now := phase(before); {
		case now != phase(time.Now()): // it may have been either
			continue
		case status != now:
			t.Fatalf("status %d, %s after it begins and %s before it ends", status, before.Sub(from), until.Sub(before))
		}
		if len(seen) == 0 || seen[len(seen)-1] != status {
			seen = append(seen, status)
		}
	}
	if fmt.Sprint(seen) != "[403 200 403]" {
		t.Errorf("it was %v", seen)
	}
}

// Where nobody can tell what somebody may do, they may not, and the answer says when to come back.
func TestAccess_withoutADatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lonely := w.replica(t)
	_, member := w.somebody(t, hospitalA, "member", hospitalA)
	lonely.eventually(t, 200, member, "GET", "/organizations", "")
	pgtest.TakeAway(t, w.DB)
	closed := time.Now()
	lonely.eventually(t, 503, member, "GET", "/roles", "") // it was refused; nobody can tell that it still is
	if took := time.Since(closed); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	for range 20 {
		for _, path := range []string{"/organizations", "/roles", "/auth/permissions"} {
			lonely.As(t, member, "GET", path, "").Want(t, 503)
		}
	}
}

// With --open, callers who are not signed in count as the system administrator, and others as themselves.
func TestAccess_open(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, member := w.somebody(t, hospitalA, "member", hospitalA)
	open := w.opened(t)
	open.Do(t, "POST", "/organizations", `{"name":"C"}`).Want(t, 201)
	user := open.Do(t, "POST", "/users", `{"email":"c@example.org"}`).Want(t, 201).ID()
	open.Do(t, "PUT", fmt.Sprintf("/users/%d/roles/%d", user, w.role(t, "system-administrator")), "").Want(t, 200, "granted_by", nil)
	open.Do(t, "GET", "/auth/me", "").Want(t, 401)
	if held := open.Do(t, "GET", "/auth/permissions", "").Want(t, 200).List; len(held) < 20 || held[0]["everywhere"] != true {
		t.Errorf("held: %v", held)
	}
	open.As(t, member, "POST", "/organizations", `{"name":"D"}`).Want(t, 403)
}
