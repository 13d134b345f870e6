package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// The groups of requests: those of one group are in one table and one plot.
const (
	byIDGroup     = "by id"
	firstGroup    = "first page"
	deepGroup     = "deep page"
	filterGroup   = "filter or count"
	searchGroup   = "search"
	changeGroup   = "change"
	treeGroup     = "tree"
	signInGroup   = "sign-in"
	reference     = "GET user"
	searchTarget  = 5.0 // of p50, divided by that of the reference
	growthTarget  = 1.5 // of p50 at the last rung, divided by that at the first
	slowestTarget = 50  // ms at p99
)

// request is a line of the ladder: something that is asked for in each round at each rung.
type request struct {
	operation
	group string
	scope int // of the caller: how many departments they may see; 0 is the whole system
	// against names the request whose p50 that of this request may be so many times as long as; "" for none.
	against string
	times   float64
	deep    string // of a deep page: the path of the first one
}

// requests are all lines of the ladder. To measure another request, add a line.
func requests(l *rung) []request {
	user := func(chance *rand.Rand) string { return fmt.Sprintf("/users/%d", l.anyUser(chance)) }
	all := []request{
		read(byIDGroup, reference, user),
		read(byIDGroup, "GET organization", func(chance *rand.Rand) string {
			return fmt.Sprintf("/organizations/%d", 1+chance.IntN(l.organizations()))
		}),
		read(byIDGroup, "GET department", func(chance *rand.Rand) string { return fmt.Sprintf("/departments/%d", 1+chance.IntN(l.departments())) }),
		list(byIDGroup, "GET department", fmt.Sprintf("/departments/%d", l.seen(1)[0])).by(1),
	}
	for _, sort := range []string{"id", "email", "full_name", "created_at", "updated_at"} {
		all = append(all, list(firstGroup, "users by "+sort, "/users/?limit=100&sort="+sort))
		all = append(all, list(firstGroup, "users by -"+sort, "/users/?limit=100&sort=-"+sort))
		for _, scope := range scopes()[1:] {
			all = append(all, list(firstGroup, "users by "+sort, "/users/?limit=100&sort="+sort).by(scope).within(scopedTarget(scope), "users by "+sort))
		}
		all = append(all, deep("users by "+sort, "/users/?limit=100&sort="+sort), deep("users by "+sort, "/users/?limit=100&sort="+sort).by(500))
	}
	all = append(all,
		list(firstGroup, "departments by name", "/departments/?limit=100&sort=name"),
		list(firstGroup, "departments by created_at", "/departments/?limit=100&sort=created_at"),
		list(firstGroup, "organizations by name", "/organizations/?limit=100&sort=name"),
		list(firstGroup, "grants", "/grants/?limit=100"),

		read(filterGroup, "users of an organization", func(chance *rand.Rand) string {
			return fmt.Sprintf("/users/?organization_id=%d", 1+chance.IntN(l.organizations()))
		}),
		read(filterGroup, "users of an organization by full_name", func(chance *rand.Rand) string {
			return fmt.Sprintf("/users/?sort=full_name&organization_id=%d", 1+chance.IntN(l.organizations()))
		}),
		read(filterGroup, "users of a department", func(chance *rand.Rand) string {
			return fmt.Sprintf("/users/?department_id=%d", 1+chance.IntN(l.departments()))
		}),
		read(filterGroup, "20 users by their ids", func(chance *rand.Rand) string {
			ids := make([]string, 20)
			for n := range ids {
				ids[n] = fmt.Sprint(l.anyUser(chance))
			}
			return "/users/?id=" + strings.Join(ids, ",")
		}),
		list(filterGroup, "active users", "/users/?is_active=true"),
		list(filterGroup, "deactivated users", "/users/?is_active=false"),
		list(filterGroup, "deactivated users by full_name", "/users/?is_active=false&sort=full_name"),
		list(filterGroup, "deactivated users", "/users/?is_active=false").by(50),
		list(filterGroup, "users, counted", "/users/?count=true"),
		list(filterGroup, "users, counted", "/users/?count=true").by(50),
		list(filterGroup, "users, counted", "/users/?count=true").by(500),
		list(filterGroup, "deactivated users, counted", "/users/?is_active=false&count=true"),
		list(filterGroup, "users of no department", "/users/?without_department=true"),
		list(filterGroup, "users of no department by email", "/users/?without_department=true&sort=email"),
		list(filterGroup, "users who never signed in", "/users/?never_signed_in=true"),
		list(filterGroup, "users who never signed in by full_name", "/users/?never_signed_in=true&sort=full_name"),
		list(filterGroup, "users who never signed in", "/users/?never_signed_in=true").by(50),
		list(filterGroup, "users who signed in last a year ago", "/users/?last_sign_in_before="+ago(365)),
		list(filterGroup, "users by last_sign_in_at", "/users/?sort=last_sign_in_at"),
		list(filterGroup, "users created since a month", "/users/?created_since="+ago(30)),
		list(filterGroup, "users changed since a month", "/users/?updated_since="+ago(30)),
		list(filterGroup, "users changed since a month", "/users/?updated_since="+ago(30)).by(50),
		list(filterGroup, "users with a frequent role", fmt.Sprintf("/users/?role_id=%d", l.member)),
		list(filterGroup, "users with a rare role", fmt.Sprintf("/users/?role_id=%d", l.rare)),
		list(filterGroup, "users with a rare role by full_name", fmt.Sprintf("/users/?sort=full_name&role_id=%d", l.rare)),
		list(filterGroup, "users with a rare role by full_name", fmt.Sprintf("/users/?sort=full_name&role_id=%d", l.rare)).by(50),
		list(filterGroup, "users with a rare role by full_name", fmt.Sprintf("/users/?sort=full_name&role_id=%d", l.rare)).by(500),
		read(filterGroup, "users of a department and those below it", func(chance *rand.Rand) string {
			return fmt.Sprintf("/users/?within=department:%d", 1+chance.IntN(l.organizations())*departmentsEach)
		}),
		read(filterGroup, "users of an organization and its departments, by full_name", func(chance *rand.Rand) string {
			return fmt.Sprintf("/users/?sort=full_name&within=organization:%d", 1+chance.IntN(l.organizations()))
		}),
		read(filterGroup, "grants of a user", func(chance *rand.Rand) string { return fmt.Sprintf("/grants/?user_id=%d", l.anyUser(chance)) }),
		read(filterGroup, "grants for an organization", func(chance *rand.Rand) string {
			return fmt.Sprintf("/grants/?organization_id=%d", 1+chance.IntN(l.organizations()))
		}),
		list(filterGroup, "grants, counted", "/grants/?count=true"),
		list(filterGroup, "last changes", "/changes/"),
	)
	for _, scope := range scopes() {
		all = append(all,
			l.search("a whole name", l.aName).by(scope),
			l.search("a given name", func(chance *rand.Rand) string { return cut(l.aName(chance), 1, 3) }).by(scope),
			l.search("two rare syllables", constant("휘결")).by(scope),
			l.search("a surname", constant("김")).by(scope),
			l.search("nobody's name", constant("쀍뙗")).by(scope),
			l.search("nobody's email", constant("zqxzqx")).by(scope),
			l.search("initial consonants", func(chance *rand.Rand) string { return initialsOf(l.aName(chance)) }).by(scope),
		)
	}
	all = append(all,
		l.search("a half-typed name", func(chance *rand.Rand) string { return halfTyped(l.aName(chance)) }),
		l.search("a syllable and a consonant", func(chance *rand.Rand) string {
			name := l.aName(chance)
			return cut(name, 0, 1) + initialsOf(cut(name, 1, 2))
		}),
		l.search("the other keyboard", func(chance *rand.Rand) string { return onOtherKeyboard(l.aName(chance)) }),
		l.search("two words", func(chance *rand.Rand) string {
			return l.aName(chance) + " " + departmentName(chance.IntN(departmentsEach))
		}),
		l.search("without diacritics", constant("nguyen")),
		l.search("a part of an email", func(chance *rand.Rand) string { return cut(l.emails[chance.IntN(len(l.emails))], 0, 8) }),
		l.search("an email", func(chance *rand.Rand) string { return l.emails[chance.IntN(len(l.emails))] }),
		l.searchOf("/departments/?q=", "a department's name", func(chance *rand.Rand) string { return departmentName(chance.IntN(departmentsEach)) }),
		l.searchOf("/departments/?q=", "no department's name", constant("쀍뙗")),
		l.searchOf("/organizations/?q=", "an organization's name", func(chance *rand.Rand) string { return institution(1 + chance.IntN(l.organizations())) }),
		l.searchOf("/users/?sort=email&q=", "two rare syllables, by email", constant("휘결")),
		l.searchOf("/search?q=", "of all kinds, a name", l.aName),
		l.searchOf("/search?q=", "of all kinds, nothing", constant("쀍뙗")),
		l.searchOf("/search?q=", "of all kinds, a name", l.aName).by(50),
	)
	for _, size := range treeSizes() {
		path := fmt.Sprintf("/organizations/%d/tree", l.treeOf(size))
		all = append(all,
			list(treeGroup, fmt.Sprintf("tree of %d", size), path),
			list(treeGroup, fmt.Sprintf("tree of %d, compressed", size), path).with(fasthttp.HeaderAcceptEncoding, "gzip"),
			list(treeGroup, fmt.Sprintf("tree of %d, two levels", size), path+"?depth=2"),
			l.move(size),
		)
	}
	return append(all,
		change("create a user", http.MethodPost, http.StatusCreated, func(chance *rand.Rand) (string, any) {
			n := chance.Int64()
			return "/users/", map[string]any{"email": fmt.Sprintf("new-%d@example.com", n), "full_name": l.aName(chance), "organization_id": 1}
		}),
		change("rename a user", http.MethodPut, http.StatusOK, func(chance *rand.Rand) (string, any) {
			return user(chance), map[string]any{"full_name": l.aName(chance)}
		}),
		change("move a user", http.MethodPut, http.StatusOK, func(chance *rand.Rand) (string, any) {
			department := 1 + chance.IntN(l.departments())
			return user(chance), map[string]any{"organization_id": (department-1)/departmentsEach + 1, "department_id": department}
		}),
		change("grant a role", http.MethodPost, http.StatusCreated, func(*rand.Rand) (string, any) {
			n := int(l.granted.Add(1)) // a user is granted the same only once
			return "/grants/", map[string]any{"user_id": l.alive[n%len(l.alive)], "role_id": l.member, "department_id": l.departments() + 1 + n/len(l.alive)}
		}),
		change("create an organization", http.MethodPost, http.StatusCreated, func(chance *rand.Rand) (string, any) {
			return "/organizations/", map[string]any{"name": fmt.Sprintf("새 기관 %d", chance.Int64())}
		}),
		change("create a department", http.MethodPost, http.StatusCreated, func(chance *rand.Rand) (string, any) {
			return "/departments/", map[string]any{"organization_id": 1 + chance.IntN(l.organizations()), "name": "새 부서"}
		}),
		change("sign in", http.MethodPost, http.StatusOK, func(chance *rand.Rand) (string, any) {
			return "/auth/login", map[string]any{"email": fmt.Sprintf(signerIn, chance.IntN(signersIn)), "password": userPassword}
		}).in(signInGroup),
	)
}

// read is a GET of a path that differs each time.
func read(group, title string, path func(*rand.Rand) string) request {
	return request{group: group, operation: operation{
		title: title, status: http.StatusOK, check: holdsJSON, prepare: get(path),
	}}
}

// list is a GET of the same path each time.
func list(group, title, path string) request { return read(group, title, constant(path)) }

func change(title, method string, status int, body func(*rand.Rand) (path string, content any)) request {
	return request{group: changeGroup, operation: operation{
		title: title, status: status, check: holdsJSON,
		prepare: func(r *fasthttp.Request, chance *rand.Rand) {
			path, content := body(chance)
			r.Header.SetMethod(method)
			r.Header.SetContentType("application/json")
			r.URI().SetPath(path)
			r.URI().SetQueryString("")
			text, _ := json.Marshal(content) // maps of texts and numbers
			r.SetBody(text)
		},
	}}
}

// search is a search for users, whose p50 is held against a read by id.
func (r *rung) search(title string, text func(*rand.Rand) string) request {
	return r.searchOf("/users/?q=", title, text)
}

func (r *rung) searchOf(path, title string, text func(*rand.Rand) string) request {
	return read(searchGroup, "search "+title, func(chance *rand.Rand) string { return path + url.QueryEscape(text(chance)) }).
		within(searchTarget, reference)
}

// deep is a page far behind the first one of a list.
func deep(title, path string) request {
	r := list(deepGroup, title, path)
	r.deep = path
	return r
}

// move moves the last department of a tree below another one, to and fro.
func (r *rung) move(size int) request {
	first := r.firstOfTree(size)
	return change(fmt.Sprintf("move in a tree of %d", size), http.MethodPost, http.StatusOK, func(chance *rand.Rand) (string, any) {
		return fmt.Sprintf("/departments/%d/move", first+size-1), map[string]any{"parent_id": first + chance.IntN(tops), "position": 0}
	})
}

// scopedBy is the part of a title before the scope of the caller.
const scopedBy = ", within "

// by lets a reader of so many departments ask.
func (r request) by(scope int) request {
	r.scope = scope
	switch scope {
	case 0:
	case 1:
		r.title += scopedBy + "1 department"
	default:
		r.title += fmt.Sprintf("%s%d departments", scopedBy, scope)
	}
	return r
}

// with sends a header.
func (r request) with(name, value string) request {
	prepare := r.prepare
	r.prepare = func(asked *fasthttp.Request, chance *rand.Rand) {
		prepare(asked, chance)
		asked.Header.Set(name, value)
	}
	r.check = func(*fasthttp.Request, []byte) error { return nil } // the body may be compressed
	return r
}

func (r request) in(group string) request {
	r.group = group
	return r
}

// within sets the target that the p50 is at most so many times that of another request.
func (r request) within(times float64, of string) request {
	r.times, r.against = times, of
	return r
}

func (r *rung) anyUser(chance *rand.Rand) int64 { return r.alive[chance.IntN(len(r.alive))] }

func (r *rung) aName(chance *rand.Rand) string { return r.names[chance.IntN(len(r.names))] }

// scopedTarget is how many times as long a first page may take within a scope.
func scopedTarget(scope int) float64 {
	if scope > 50 {
		return 5
	}
	return 3
}

// ago is the moment so many days ago, at midnight, so that it is the same in each round.
func ago(days int) string {
	return time.Now().UTC().AddDate(0, 0, -days).Format(time.DateOnly) + "T00:00:00Z"
}

func constant(text string) func(*rand.Rand) string { return func(*rand.Rand) string { return text } }

// cut returns the characters of a text from one place to another.
func cut(text string, from, to int) string {
	runes := []rune(text)
	return string(runes[min(from, len(runes)):min(to, len(runes))])
}

func holdsJSON(_ *fasthttp.Request, body []byte) error {
	if !json.Valid(body) {
		return fmt.Errorf("no JSON: %.100s", body)
	}
	return nil
}
