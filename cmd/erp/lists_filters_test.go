package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"erp.internal/platform/httpx/apitest"
)

// ids returns the ids of a list, sorted.
func (w *world) ids(t *testing.T, who apitest.Token, path string) []int64 {
	t.Helper()
	found := []int64{}
	for _, item := range w.As(t, who, "GET", path, "").Want(t, 200).List {
		found = append(found, int64(item["id"].(float64)))
	}
	slices.Sort(found)
	return found
}

// Lists within a department hold what is in it and below it, as far as the caller may see it. One that the caller may not see
// is as empty as one that does not exist.
func TestLists_within(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	members := map[place]int64{}
	for _, at := range []place{hospitalA, ward, room, otherWard, wardOfB} {
		members[at], _ = w.user(t, at)
	}
	_, inWard := w.somebody(t, everywhere, "member", ward)
	_, inRoom := w.somebody(t, everywhere, "member", room)
	sees, seesToken := w.somebody(t, everywhere, "member", room) // users of the room, and all departments
	looks := w.As(t, w.root, "POST", "/roles", `{"name":"looks at departments","permissions":["department.read"]}`).Want(t, 201).ID()
	w.grant(t, sees, looks, hospitalA)

	department := func(at place) string { return fmt.Sprintf("department:%d", w.places[at].department) }
	hospital := fmt.Sprintf("organization:%d", w.places[hospitalA].organization)
	for _, tc := range []struct {
		who         apitest.Token
		within      string
		users       []place
		departments []place
	}{
		{w.root, department(ward), []place{ward, room}, []place{ward, room}},
		{w.root, department(room), []place{room}, []place{room}},
		{w.root, hospital, []place{hospitalA, ward, room, otherWard}, []place{ward, room, otherWard}},
		{w.root, "department:999999", nil, nil},
		{w.root, "organization:999999", nil, nil},
		{inWard, department(ward), []place{ward, room}, []place{ward, room}},
		{inWard, department(otherWard), nil, nil},
		{inWard, hospital, []place{ward, room}, []place{ward, room}},
		{inRoom, department(ward), nil, nil},
		{inRoom, hospital, []place{room}, []place{room}},
		{seesToken, department(ward), []place{room}, []place{ward, room}},
	} {
		var users, departments []int64
		for _, at := range tc.users {
			users = append(users, members[at])
		}
		for _, at := range tc.departments {
			departments = append(departments, w.places[at].department)
		}
		slices.Sort(departments)
		if got := w.ids(t, tc.who, "/users/?count=true&within="+tc.within); !slices.Equal(got, users) {
			t.Errorf("users within %s: %v, want %v", tc.within, got, users)
		}
		if got := w.ids(t, tc.who, "/departments/?within="+tc.within); !slices.Equal(got, departments) {
			t.Errorf("departments within %s: %v, want %v", tc.within, got, departments)
		}
	}
	if got := w.ids(t, w.root, fmt.Sprintf("/users/?within=%s&organization_id=%d", hospital, w.places[hospitalB].organization)); len(got) > 0 {
		t.Errorf("in two organizations: %v", got)
	}
	for _, list := range []string{"/users/", "/departments/"} {
		for _, within := range []string{"ward:1", "department:0", "department:", "1", "organization:9999999999999999999"} {
			if got := w.As(t, w.root, "GET", list+"?within="+within, "").Want(t, 422).Violations(); len(got) != 1 {
				t.Errorf("%s within %s: %v", list, within, got)
			}
		}
	}
}

// Users are found by the roles that they have now, as far as the caller may see the grants.
func TestUsers_withARole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.As(t, w.root, "POST", "/roles", `{"name":"runs a ward","permissions":["user.read"]}`).Want(t, 201).ID()
	inWard, _ := w.user(t, ward)
	inB, _ := w.user(t, wardOfB)
	for name, more := range map[string]string{"later": `,"valid_from":"2099-01-01T00:00:00Z"`, "ended": ""} {
		user, _ := w.user(t, ward)
		grant := w.grant(t, user, role, ward, more)
		if name == "ended" {
			w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%d", grant), "").Want(t, 204)
		}
	}
	w.grant(t, inWard, role, ward)
	w.grant(t, inWard, role, room) // twice: they are listed once
	w.grant(t, inB, role, everywhere)
	_, auditor := w.somebody(t, ward, "auditor", hospitalA)              // sees grants of A
	reads, readsToken := w.somebody(t, everywhere, "member", everywhere) // sees no grant
	path := fmt.Sprintf("/users/?sort=full_name&count=true&role_id=%d", role)
	for who, want := range map[apitest.Token][]int64{w.root: {inWard, inB}, auditor: {inWard}, readsToken: {}} {
		if got := w.ids(t, who, path); !slices.Equal(got, want) {
			t.Errorf("%v, want %v (one of those who look is %d)", got, want, reads)
		}
	}
	if got := w.ids(t, w.root, fmt.Sprintf("%s&organization_id=%d", path, w.places[hospitalB].organization)); !slices.Equal(got, []int64{inB}) {
		t.Errorf("in B: %v", got)
	}
	if got := w.ids(t, w.root, "/users/?role_id=999999"); len(got) > 0 {
		t.Errorf("of no role: %v", got)
	}
}

// Users are found by when they were created, changed and signed in last. A sign-in changes nothing else of them.
func TestUsers_byTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, _ := w.user(t, ward)
	used, email := w.user(t, ward)
	alone, _ := w.user(t, hospitalA)
	w.exec(t, "UPDATE identity.users SET created_at = '2020-01-01', updated_at = '2020-01-01' WHERE id = $1", old)
	before := w.As(t, w.root, "GET", fmt.Sprintf("/users/%d", used), "").Want(t, 200)
	w.SignIn(t, email, somePassword)
	after := w.As(t, w.root, "GET", fmt.Sprintf("/users/%d", used), "").Want(t, 200)
	if before.Header.Get("ETag") != after.Header.Get("ETag") || string(before.Body) != string(after.Body) {
		t.Errorf("a sign-in changed the user: %s, %s", before.Body, after.Body)
	}
	all := fmt.Sprintf("id=%d,%d,%d", old, used, alone)
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	for filter, want := range map[string][]int64{
		"":                                   {old, used, alone},
		"created_since=2021-01-01T00:00:00Z": {used, alone},
		"updated_since=2021-01-01T00:00:00%2B09:00":            {used, alone},
		"created_since=" + tomorrow:                            {},
		"without_department=true":                              {alone},
		"without_department=false":                             {old, used, alone},
		"never_signed_in=true":                                 {old, alone},
		"never_signed_in=true&last_sign_in_before=" + tomorrow: {},
		"last_sign_in_before=" + tomorrow:                      {used},
		"last_sign_in_before=2020-01-01T00:00:00Z":             {},
	} {
		if got := w.ids(t, w.root, "/users/?"+all+"&"+filter); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", filter, got, want)
		}
	}
	for sort, want := range map[string][]int64{
		"last_sign_in_at": {old, alone, used}, "-last_sign_in_at": {used, alone, old}, "id&created_since=2019-01-01T00:00:00Z": {old, used, alone},
	} {
		var got []int64
		for path := "/users/?limit=1&sort=" + sort + "&" + all; path != ""; path = next(w.As(t, w.root, "GET", path, "")) {
			item := w.As(t, w.root, "GET", path, "").Want(t, 200).List[0]
			got = append(got, int64(item["id"].(float64)))
			if signedIn := item["last_sign_in_at"] != nil; signedIn != (got[len(got)-1] == used) {
				t.Errorf("%v", item)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("sort=%s: %v, want %v", sort, got, want)
		}
	}
	listed := w.As(t, w.root, "GET", fmt.Sprintf("/users/?id=%d", used), "").Want(t, 200).Body
	w.As(t, w.root, "PUT", fmt.Sprintf("/users/%d", used), string(listed[1:len(listed)-1])).Want(t, 200) // sent back as it came
	for _, query := range []string{"created_since=yesterday", "updated_since=2026-01-01", "last_sign_in_before=0", "never_signed_in=maybe", "without_department=1.5", "role_id=0", "sort=last_seen"} {
		if got := w.As(t, w.root, "GET", "/users/?"+query, "").Want(t, 422).Violations(); len(got) != 1 {
			t.Errorf("%s: %v", query, got)
		}
	}
}

// Users of no department are in the same order as among all users, page by page.
func TestUsers_withoutDepartment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 12 {
		id, _ := w.user(t, []place{hospitalA, ward, hospitalB, everywhere}[n%4])
		w.exec(t, "UPDATE identity.users SET full_name = $1 WHERE id = $2", fmt.Sprintf("User %d", n*7%5), id)
	}
	for _, sort := range []string{"id", "email", "full_name", "created_at", "updated_at", "last_sign_in_at"} {
		for _, direction := range []string{"", "-"} {
			path := "/users/?limit=%d&count=true&sort=" + direction + sort
			var want, got []float64
			for _, user := range w.As(t, w.root, "GET", fmt.Sprintf(path, 100), "").Want(t, 200).List {
				if user["department_id"] == nil {
					want = append(want, user["id"].(float64))
				}
			}
			for page := fmt.Sprintf(path, 2) + "&without_department=true"; page != ""; {
				answer := w.As(t, w.root, "GET", page, "").Want(t, 200)
				for _, user := range answer.List {
					got = append(got, user["id"].(float64))
				}
				if total := answer.Header.Get("X-Total-Count"); total != fmt.Sprint(len(want)) {
					t.Errorf("%s: %s are counted", page, total)
				}
				page = next(answer)
			}
			if len(want) < 9 || !slices.Equal(got, want) {
				t.Errorf("by %s%s: %v, want %v", direction, sort, got, want)
			}
		}
	}
}

// next returns the path of the next page, "" for none.
func next(a apitest.Answer) string {
	link := a.Header.Get("Link")
	if link == "" {
		return ""
	}
	return link[1:slices.Index([]byte(link), '>')]
}
