package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"erp.internal/platform/httpx/apitest"
)

// This file is the policy: who there is, and what each request needs. TestAccessMatrix tries every request as everybody
// in every place and holds the answers against it, and docs/access-matrix.md is printed of it.

// person is somebody who asks, with what they hold by the policy.
type person struct {
	name  string // the column's
	about string
	role  string // "" for none
	at    place  // where they hold it
	out   string // why they are nobody to the server; "" for those who are somebody

	locked bool // strangers failed to sign in as them until the account was locked
}

var people = []person{
	{name: "nobody", about: "does not sign in", out: "no session"},
	{name: "newcomer", about: "is signed in and was granted nothing"},
	{name: "member", about: "member of hospital A", role: "member", at: hospitalA},
	{name: "head", about: "head of a ward of hospital A: organization-administrator for that department", role: "organization-administrator", at: ward},
	{name: "admin A", about: "organization-administrator of hospital A", role: "organization-administrator", at: hospitalA},
	{name: "admin B", about: "organization-administrator of hospital B", role: "organization-administrator", at: hospitalB},
	{name: "auditor", about: "auditor of the whole system", role: "auditor", at: everywhere},
	{name: "system", about: "system-administrator", role: "system-administrator", at: everywhere},
	{name: "deactivated", about: "a system-administrator whose account was deactivated", role: "system-administrator", at: everywhere, out: "deactivated"},
	{name: "locked", about: "system-administrator, signed in before strangers locked the account", role: "system-administrator", at: everywhere, locked: true},
	{name: "ended", about: "a system-administrator whose session was ended", role: "system-administrator", at: everywhere, out: "session ended"},
}

// holds says whether somebody holds a permission anywhere.
func (p person) holds(permission string) bool {
	verb := permission[strings.IndexByte(permission, '.')+1:]
	switch p.role {
	case "system-administrator":
		return true
	case "organization-administrator": // what is of the whole system can be held for nothing less, nor an organization's own for a department
		ofSystem := permission == "organization.create" || strings.HasPrefix(permission, "role.") && verb != "read"
		ofOrganization := permission == "organization.update" || permission == "organization.delete" || permission == "audit.read"
		return !ofSystem && (p.at == hospitalA || p.at == hospitalB || !ofOrganization)
	case "auditor":
		return verb == "read"
	case "member":
		return permission == "organization.read" || permission == "department.read" || permission == "user.read"
	default:
		return false
	}
}

// may says whether somebody holds a permission in a place: there, or in one that it is a part of. Who may see a
// department may see the organization that it is of.
func (p person) may(permission string, wanted place) bool {
	if !p.holds(permission) {
		return false
	}
	for at := wanted; at != ""; at = above[at] {
		if at == p.at {
			return true
		}
	}
	return permission == "organization.read" && above[p.at] == wanted && wanted != everywhere
}

// outcome is how a request ends.
type outcome string

const (
	done      outcome = "✓"
	forbidden outcome = "✗" // 403
	unseen    outcome = "–" // as if what the request is about were not there: 404, 422, or left out of a list
	out       outcome = "401"
)

// rule is what a request needs.
type rule struct {
	route string // as the server lists it
	does  string
	needs string // a permission, or signIn
	// sees is the permission without which what the request is about is not there for the caller.
	sees string
	// at are the places of what the request is about, and to is where it takes it: that is needed there too.
	at []place
	to place
	// over is where the permission is needed, when that is not where the request's object is.
	over place
	// anywhere says that the permission is enough wherever it is held.
	anywhere bool
	// ungated says that nothing is refused before it is known what the request is about.
	ungated bool
	// send asks about something in the place that was made for this request alone.
	send sends
	// shows says of a list whether what is in the place is in it.
	shows func(a apitest.Answer, w *world, at place) bool
}

const signIn = "sign-in"

// expects gives how the request ends for somebody, about something in a place.
func (r rule) expects(p person, at place) outcome {
	switch {
	case p.out != "":
		return out
	case r.needs == signIn:
		return done
	case !r.ungated && !p.holds(r.needs):
		return forbidden
	case r.anywhere:
		return done
	case r.over != "":
		return r.at1(p, at, p.may(r.sees, at) && p.may(r.needs, r.over))
	case !p.may(r.needs, at):
		return r.at1(p, at, false)
	case r.to != "":
		return r.at1(p, r.to, p.may(r.needs, r.to))
	default:
		return done
	}
}

// at1 is the outcome at one end of a request.
func (r rule) at1(p person, at place, may bool) outcome {
	sees := r.sees
	if at == hospitalA && sees == "department.read" { // the top of a tree is the organization
		sees = "organization.read"
	}
	switch {
	case may:
		return done
	case sees == "" || p.may(sees, at):
		return forbidden
	default:
		return unseen
	}
}

var (
	wards       = []place{room, otherWard, wardOfB}
	hospitals   = []place{hospitalA, hospitalB}
	system      = []place{everywhere}
	inHospitalA = []place{room, otherWard}
	anyPlace    = []place{room, otherWard, wardOfB, everywhere}
)

// policy holds every route that is not open to everybody.
var policy = []rule{
	{route: "GET /organizations", does: "list organizations", needs: "organization.read", sees: "organization.read", at: hospitals,
		send: get("/organizations"), shows: listed("id", organizationOf)},
	{route: "POST /organizations", does: "create an organization", needs: "organization.create", at: system,
		send: func(t *testing.T, w *world, who apitest.Token, _ place) apitest.Answer {
			return w.As(t, who, "POST", "/organizations", fmt.Sprintf(`{"name":%q}`, w.name()))
		}},
	{route: "GET /organizations/:id", does: "read an organization", needs: "organization.read", sees: "organization.read", at: hospitals,
		send: onOrganization("GET", "", "")},
	{route: "PUT /organizations/:id", does: "change an organization", needs: "organization.update", sees: "organization.read", at: hospitals,
		send: onOrganization("PUT", "", `{"description":"changed"}`)},
	{route: "DELETE /organizations/:id", does: "delete an organization", needs: "organization.delete", sees: "organization.read", at: hospitals,
		send: onOrganization("DELETE", "", "")}, // it still has departments, which is told to whoever may
	{route: "GET /organizations/:id/tree", does: "read an organization's tree", needs: "department.read", sees: "department.read", at: wards,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			return onOrganization("GET", "/tree", "")(t, w, who, at)
		},
		shows: inTree},

	{route: "GET /departments", does: "list departments", needs: "department.read", sees: "department.read", at: wards,
		send: get("/departments"), shows: listed("id", departmentOf)},
	{route: "POST /departments", does: "create a department below that place", needs: "department.create", sees: "department.read", at: wards,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			s := w.places[at]
			return w.As(t, who, "POST", "/departments", fmt.Sprintf(`{"organization_id":%d,"parent_id":%d,"name":"new"}`, s.organization, s.department))
		}},
	{route: "POST /departments", does: "create a department at the top of its organization", needs: "department.create", sees: "organization.read", at: hospitals,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			return w.As(t, who, "POST", "/departments", fmt.Sprintf(`{"organization_id":%d,"name":"new"}`, w.places[at].organization))
		}},
	{route: "GET /departments/:id", does: "read a department", needs: "department.read", sees: "department.read", at: wards, send: onDepartment("GET", "", "")},
	{route: "PUT /departments/:id", does: "change a department", needs: "department.update", sees: "department.read", at: wards, send: onDepartment("PUT", "", `{"name":"changed"}`)},
	{route: "PUT /departments/:id", does: "move a department to the top of its organization, by a change", needs: "department.move", sees: "department.read", at: []place{room, otherWard}, to: hospitalA,
		send: onDepartment("PUT", "", `{"parent_id":null}`)},
	{route: "POST /departments/:id/move", does: "move a department within its place", needs: "department.move", sees: "department.read", at: wards, send: onDepartment("POST", "/move", `{"parent_id":%d}`)},
	{route: "POST /departments/:id/move", does: "move a department into the ward", needs: "department.move", sees: "department.read", at: []place{room, otherWard}, to: ward,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			return onDepartment("POST", "/move", fmt.Sprintf(`{"parent_id":%d}`, w.places[ward].department))(t, w, who, at)
		}},
	{route: "POST /departments/:id/move", does: "move a department into another ward", needs: "department.move", sees: "department.read", at: []place{room, otherWard}, to: otherWard,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			return onDepartment("POST", "/move", fmt.Sprintf(`{"parent_id":%d}`, w.places[otherWard].department))(t, w, who, at)
		}},
	{route: "DELETE /departments/:id", does: "delete a department", needs: "department.delete", sees: "department.read", at: wards, send: onDepartment("DELETE", "", "")},

	{route: "GET /users", does: "list users", needs: "user.read", sees: "user.read", at: wards, send: listUser, shows: listed("department_id", departmentOf)},
	{route: "POST /users", does: "create a user", needs: "user.create", sees: "user.read", at: wards, send: createUser},
	{route: "POST /users", does: "create a user of no organization", needs: "user.create", at: system, send: createUser},
	{route: "GET /users/:id", does: "read a user", needs: "user.read", sees: "user.read", at: anyPlace, send: onUser("GET", "", "")},
	{route: "PUT /users/:id", does: "change a user's name", needs: "user.update", sees: "user.read", at: wards, send: onUser("PUT", "", `{"full_name":"changed"}`)},
	{route: "PUT /users/:id", does: "change a user's email", needs: "user.update", sees: "user.read", at: wards,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			return onUser("PUT", "", fmt.Sprintf(`{"email":"%s@example.org"}`, w.name()))(t, w, who, at)
		}},
	{route: "PUT /users/:id", does: "give a user a password", needs: "user.update", sees: "user.read", at: wards, send: onUser("PUT", "", `{"password":"somebody else's choice"}`)},
	{route: "PUT /users/:id", does: "move a user to the ward (with `user.update`)", needs: "user.move", sees: "user.read", at: wards, to: ward,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			return onUser("PUT", "", "{"+w.places[ward].body()+"}")(t, w, who, at)
		}},
	{route: "PUT /users/:id", does: "move a user to a ward of B (with `user.update`)", needs: "user.move", sees: "user.read", at: wards, to: wardOfB,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			return onUser("PUT", "", "{"+w.places[wardOfB].body()+"}")(t, w, who, at)
		}},
	{route: "DELETE /users/:id", does: "delete a user", needs: "user.delete", sees: "user.read", at: wards, send: onUser("DELETE", "", "")},
	{route: "POST /users/:id/activate", does: "activate a user", needs: "user.activate", sees: "user.read", at: wards, send: onUser("POST", "/activate", "")},
	{route: "POST /users/:id/deactivate", does: "deactivate a user", needs: "user.activate", sees: "user.read", at: wards, send: onUser("POST", "/deactivate", "")},
	{route: "POST /users/:id/unlock", does: "unlock a user", needs: "user.activate", sees: "user.read", at: wards, send: onUser("POST", "/unlock", "")},
	{route: "POST /users/:id/password-reset", does: "start a password reset", needs: "user.reset_password", sees: "user.read", at: wards, send: onUser("POST", "/password-reset", "")},
	{route: "PUT /users/:id", does: "change the name of an organization-administrator of the hospital", needs: "user.update", sees: "user.read", at: inHospitalA, over: hospitalA, send: onHolder("PUT", "", `{"full_name":"changed"}`)},
	{route: "POST /users/:id/deactivate", does: "deactivate an organization-administrator of the hospital", needs: "user.activate", sees: "user.read", at: inHospitalA, over: hospitalA, send: onHolder("POST", "/deactivate", "")},
	{route: "POST /users/:id/unlock", does: "unlock an organization-administrator of the hospital", needs: "user.activate", sees: "user.read", at: inHospitalA, over: hospitalA, send: onHolder("POST", "/unlock", "")},
	{route: "DELETE /users/:id/sessions", does: "sign out an organization-administrator of the hospital", needs: "user.end_sessions", sees: "user.read", at: inHospitalA, over: hospitalA, send: onHolder("DELETE", "/sessions", "")},
	{route: "GET /users/:id/sessions", does: "list a user's sessions", needs: "session.read", sees: "user.read", at: wards, send: onUser("GET", "/sessions", "")},
	{route: "DELETE /users/:id/sessions", does: "end a user's sessions", needs: "user.end_sessions", sees: "user.read", at: wards, send: onUser("DELETE", "/sessions", "")},
	{route: "DELETE /users/:id/sessions/:session_id", does: "end one of a user's sessions", needs: "user.end_sessions", sees: "user.read", at: wards, send: endSession},
	{route: "GET /users/:id/sign-ins", does: "list a user's sign-ins", needs: "session.read", sees: "user.read", at: wards, send: onUser("GET", "/sign-ins", "")},

	{route: "GET /permissions", does: "list permissions", needs: signIn, at: system, send: get("/permissions")},
	{route: "GET /roles", does: "list roles", needs: "role.read", at: system, anywhere: true, send: get("/roles")},
	{route: "POST /roles", does: "create a role", needs: "role.create", at: system,
		send: func(t *testing.T, w *world, who apitest.Token, _ place) apitest.Answer {
			return w.As(t, who, "POST", "/roles", fmt.Sprintf(`{"name":%q,"permissions":["user.read"]}`, w.name()))
		}},
	{route: "GET /roles/:id", does: "read a role", needs: "role.read", at: system, anywhere: true, send: onRole("GET", "")},
	{route: "PUT /roles/:id", does: "change a role", needs: "role.update", at: system, send: onRole("PUT", `{"permissions":["user.read","user.update"]}`)},
	{route: "GET /roles/:id/holders", does: "count who a change of a role is for", needs: "role.update", at: system,
		send: func(t *testing.T, w *world, who apitest.Token, _ place) apitest.Answer {
			return w.As(t, who, "GET", fmt.Sprintf("/roles/%d/holders", w.role(t, "member")), "")
		}},
	{route: "DELETE /roles/:id", does: "delete a role", needs: "role.delete", at: system, send: onRole("DELETE", "")},

	{route: "GET /grants", does: "list grants", needs: "grant.read", sees: "grant.read", at: wards, send: listGrant, shows: listed("department_id", departmentOf)},
	{route: "GET /grants.csv", does: "export grants", needs: "grant.read", sees: "grant.read", at: wards,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			grantIn(t, w, at)
			return w.As(t, who, "GET", "/grants.csv", "")
		},
		shows: exported},
	{route: "GET /changes", does: "list changes", needs: "audit.read", sees: "audit.read", at: hospitals,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			return w.As(t, who, "GET", fmt.Sprintf("/changes?organization_id=%d", w.places[at].organization), "")
		},
		shows: listed("organization_id", organizationOf)},
	{route: "POST /grants", does: "grant the role member there, to a user who is there", needs: "grant.create", sees: "department.read", at: wards,
		send: func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
			user, _ := w.user(t, at)
			return w.As(t, who, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s}`, user, w.role(t, "member"), w.places[at].body()))
		}},
	{route: "GET /grants/:id", does: "read a grant", needs: "grant.read", sees: "grant.read", at: anyPlace, send: onGrant("GET")},
	{route: "DELETE /grants/:id", does: "end a grant", needs: "grant.end", sees: "grant.read", at: anyPlace, send: onGrant("DELETE")},
	{route: "PUT /users/:id/roles/:role_id", does: "grant a role in the whole system", needs: "grant.create", sees: "user.read", at: wards, over: everywhere, send: shortForm("PUT")},
	{route: "DELETE /users/:id/roles/:role_id", does: "end a role in the whole system", needs: "grant.end", sees: "user.read", at: wards, over: everywhere, send: shortForm("DELETE")},
	{route: "POST /access/check", does: "ask what a user may do, and why", needs: "grant.read", ungated: true, sees: "user.read", at: wards, send: checkAbout},

	{route: "GET /auth/permissions", does: "read one's own permissions", needs: signIn, at: system, send: get("/auth/permissions")},
	{route: "GET /auth/me", does: "read one's own account", needs: signIn, at: system, send: get("/auth/me")},
	{route: "PUT /auth/me", does: "change one's own name", needs: signIn, at: system, send: own("PUT", "/auth/me", `{"full_name":"me"}`)},
	{route: "POST /auth/password", does: "change one's own password", needs: signIn, at: system, send: own("POST", "/auth/password", `{"current_password":"`+somePassword+`","new_password":"password"}`)},
	{route: "GET /auth/sessions", does: "list one's own sessions", needs: signIn, at: system, send: get("/auth/sessions")},
	{route: "GET /auth/sign-ins", does: "list one's own sign-ins", needs: signIn, at: system, send: get("/auth/sign-ins")},
	{route: "DELETE /auth/sessions/:id", does: "end one of one's own sessions", needs: signIn, at: system, send: own("DELETE", "/auth/sessions/999999", "")},
	{route: "POST /auth/logout", does: "sign out", needs: signIn, at: system, send: own("POST", "/auth/logout", "")},
	{route: "DELETE /auth/session", does: "sign out of a browser", needs: signIn, at: system, send: own("DELETE", "/auth/session", "")},
}

// sends is the shape of rule.send.
type sends = func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer

func get(path string) sends {
	return func(t *testing.T, w *world, who apitest.Token, _ place) apitest.Answer {
		return w.As(t, who, "GET", path+"?limit=1000"[:limits(path)], "")
	}
}

// limits is how much of a query a path takes: lists that come in pages are asked for one page.
func limits(path string) int {
	switch path {
	case "/permissions", "/auth/permissions", "/auth/me", "/auth/sessions":
		return 0
	default:
		return len("?limit=1000")
	}
}

func organizationOf(s *spot) int64 { return s.organization }
func departmentOf(s *spot) int64   { return s.department }

// listed says whether a list holds an item with that member of a spot; 0 is null.
func listed(member string, of func(*spot) int64) func(apitest.Answer, *world, place) bool {
	return func(a apitest.Answer, w *world, at place) bool {
		for _, item := range a.List {
			if id, _ := item[member].(float64); int64(id) == of(w.places[at]) {
				return true
			}
		}
		return false
	}
}

func inTree(a apitest.Answer, w *world, at place) bool {
	return strings.Contains(string(a.Body), fmt.Sprintf(`"id":%d,`, w.places[at].department))
}

// exported says whether a row of the file has the place's department.
func exported(a apitest.Answer, w *world, at place) bool {
	rows, err := csv.NewReader(bytes.NewReader(a.Body)).ReadAll()
	return err == nil && slices.ContainsFunc(rows, func(row []string) bool { return row[8] == fmt.Sprint(w.places[at].department) })
}

func onOrganization(method, path, body string) sends {
	return func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
		return w.As(t, who, method, fmt.Sprintf("/organizations/%d%s", w.places[at].organization, path), body)
	}
}

// onDepartment asks about a new one in the place; a %d in the body stands for the place's own.
func onDepartment(method, path, body string) sends {
	return func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
		s := w.places[at]
		whole := strings.ReplaceAll(body, "%d", fmt.Sprint(s.department))
		return w.As(t, who, method, fmt.Sprintf("/departments/%d%s", w.department(t, s.organization, s.department), path), whole)
	}
}

func onUser(method, path, body string) sends {
	return func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
		id, email := w.user(t, at)
		w.stir(t, id, email, method+path)
		return w.As(t, who, method, fmt.Sprintf("/users/%d%s", id, path), body)
	}
}

// onHolder asks about a new user in the place who is organization-administrator of hospital A.
func onHolder(method, path, body string) sends {
	return func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
		id, email := w.user(t, at)
		w.grant(t, id, w.role(t, "organization-administrator"), hospitalA)
		w.stir(t, id, email, method+path)
		return w.As(t, who, method, fmt.Sprintf("/users/%d%s", id, path), body)
	}
}

// stir lets a request about a new user have something to change.
func (w *world) stir(t *testing.T, id int64, email, request string) {
	t.Helper()
	switch request {
	case "DELETE/sessions":
		w.SignIn(t, email, somePassword)
	case "POST/activate":
		w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", id), "").Want(t, 200)
	case "POST/unlock":
		w.Do(t, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":"wrong"}`, email)).Want(t, 401)
	}
}

func createUser(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
	return w.As(t, who, "POST", "/users", fmt.Sprintf(`{"email":"%s@example.org",%s}`, w.name(), w.places[at].body()))
}

func listUser(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
	w.user(t, at)
	return w.As(t, who, "GET", "/users/?limit=1000&sort=-id", "")
}

func endSession(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
	id, email := w.user(t, at)
	w.SignIn(t, email, somePassword)
	session := w.As(t, w.root, "GET", fmt.Sprintf("/users/%d/sessions", id), "").Want(t, 200).List[0]["id"]
	return w.As(t, who, "DELETE", fmt.Sprintf("/users/%d/sessions/%.0f", id, session), "")
}

func onRole(method, body string) sends {
	return func(t *testing.T, w *world, who apitest.Token, _ place) apitest.Answer {
		id := w.As(t, w.root, "POST", "/roles", fmt.Sprintf(`{"name":%q,"permissions":["user.read"]}`, w.name())).Want(t, 201).ID()
		return w.As(t, who, method, fmt.Sprintf("/roles/%d", id), body)
	}
}

func grantIn(t *testing.T, w *world, at place) int64 {
	user, _ := w.user(t, at)
	return w.grant(t, user, w.role(t, "member"), at)
}

func listGrant(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
	grantIn(t, w, at)
	return w.As(t, who, "GET", "/grants/?limit=1000", "")
}

func onGrant(method string) sends {
	return func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
		return w.As(t, who, method, fmt.Sprintf("/grants/%d", grantIn(t, w, at)), "")
	}
}

func shortForm(method string) sends {
	return func(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
		user, _ := w.user(t, at)
		path := fmt.Sprintf("/users/%d/roles/%d", user, w.role(t, "member"))
		if method == "DELETE" {
			w.As(t, w.root, "PUT", path, "").Want(t, 200)
		}
		return w.As(t, who, method, path, "")
	}
}

func checkAbout(t *testing.T, w *world, who apitest.Token, at place) apitest.Answer {
	user, _ := w.user(t, at)
	return w.As(t, who, "POST", "/access/check", fmt.Sprintf(`{"user_id":%d,"permission":"user.read",%s}`, user, w.places[at].body()))
}

// own asks about the caller's own account, in a session of its own where the caller can have one.
func own(method, path, body string) sends {
	return func(t *testing.T, w *world, who apitest.Token, _ place) apitest.Answer {
		if spare := w.spare[who]; len(spare) > 0 {
			who, w.spare[who] = spare[0], spare[1:]
		} else if email, can := w.emails[who]; can {
			who = w.SignIn(t, email, somePassword)
		}
		return w.As(t, who, method, path, body)
	}
}
