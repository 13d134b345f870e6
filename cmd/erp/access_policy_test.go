package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The policy consists of the callers, which are here, and of what each request needs, which each module states in its file
// access.policy. TestAccessMatrix tries every request as every caller in every place and compares the answers with it, and
// docs/access-matrix.md is printed from it.

// person is a caller, with the permissions that they hold by the policy.
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

// policy is what the files say.
type policy struct {
	rules []rule
	// least is the smallest level at which a permission can be held, where that is not a department.
	least map[string]string
	// upward are the permissions that who holds them for a department holds for its organization.
	upward map[string]bool
}

// holds reports whether somebody holds a permission anywhere.
func (p *policy) holds(who person, permission string) bool {
	_, verb, _ := strings.Cut(permission, ".")
	switch who.role {
	case "system-administrator":
		return true
	case "organization-administrator":
		ofOrganization := who.at == hospitalA || who.at == hospitalB
		return p.least[permission] != "system" && (ofOrganization || p.least[permission] != "organization")
	case "auditor":
		return verb == "read"
	case "member":
		return permission == "organization.read" || permission == "department.read" || permission == "user.read"
	default:
		return false
	}
}

// may reports whether somebody holds a permission in a place: there, or in one that it is a part of.
func (p *policy) may(who person, permission string, wanted place) bool {
	if !p.holds(who, permission) {
		return false
	}
	for at := wanted; at != ""; at = above[at] {
		if at == who.at {
			return true
		}
	}
	return p.upward[permission] && above[who.at] == wanted && wanted != everywhere
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
	*policy
	module string // whose file says so
	route  string // as the server lists it
	does   string
	needs  string // a permission, or signIn
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
	// own says that the request is about the caller's account, and may end the session that it is sent in.
	own bool
	// given are requests of the administrator that make what the request is about, for this request alone.
	given              []given
	method, path, body string
	// member and value say of a list what it holds where it shows what is in the place.
	member, value string
}

const signIn = "a session"

// expects returns how the request ends for somebody, about something in a place.
func (r rule) expects(p person, at place) outcome {
	switch {
	case p.out != "":
		return out
	case r.needs == signIn && r.sees != "" && !r.may(p, r.sees, at):
		return unseen
	case r.needs == signIn:
		return done
	case !r.ungated && !r.holds(p, r.needs):
		return forbidden
	case r.anywhere:
		return done
	case r.over != "":
		return r.at1(p, at, r.may(p, r.sees, at) && r.may(p, r.needs, r.over))
	case !r.may(p, r.needs, at):
		return r.at1(p, at, false)
	case r.to != "":
		return r.at1(p, r.to, r.may(p, r.needs, r.to))
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
	case sees == "" || r.may(p, sees, at):
		return forbidden
	default:
		return unseen
	}
}

// named are places by the words of the files.
var named = map[string][]place{
	"hospitals":  {hospitalA, hospitalB},
	"wards":      {room, otherWard, wardOfB},
	"wards of A": {room, otherWard},
}

func placesOf(t *testing.T, words string) []place {
	t.Helper()
	var all []place
	for word := range strings.SplitSeq(words, ", ") {
		if _, known := above[place(word)]; known || place(word) == everywhere {
			all = append(all, place(word))
		} else if named[word] != nil {
			all = append(all, named[word]...)
		} else {
			t.Fatalf("%q is no place: see access_world_test.go", word)
		}
	}
	return all
}

// readPolicy reads the files: the format is in docs/modules.md. Routes are those of the server.
func readPolicy(t *testing.T, routes []string) *policy {
	t.Helper()
	p := &policy{least: map[string]string{}, upward: map[string]bool{}}
	for _, pattern := range []string{"../../platform/*/access.policy", "../../modules/*/access.policy"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no files: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			head, sections, _ := strings.Cut(string(text), "\n### ")
			p.readHead(head)
			for section := range strings.SplitSeq(sections, "\n### ") {
				r := readRule(t, section)
				r.policy, r.module = p, filepath.Base(filepath.Dir(path))
				if r.route = routeOf(r.method, r.path, routes); r.route == "" {
					t.Errorf("%s: the server has no %s %s: is the module in graph.go?", path, r.method, r.path)
					continue
				}
				p.rules = append(p.rules, r)
			}
		}
	}
	return p
}

// readHead reads what a file says of permissions.
func (p *policy) readHead(head string) {
	for line := range strings.Lines(head) {
		word, rest, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "# ")), " ")
		names := strings.Split(rest, ", ")
		switch word {
		case "system:", "organization:":
			for _, name := range names {
				p.least[name] = strings.TrimSuffix(word, ":")
			}
		case "upward:":
			for _, name := range names {
				p.upward[name] = true
			}
		}
	}
}

// readRule reads a section: its title, lines of "# word rest", the request, and its body after an empty line.
func readRule(t *testing.T, section string) rule {
	t.Helper()
	title, rest, _ := strings.Cut(section, "\n")
	head, body, _ := strings.Cut(rest, "\n\n")
	r := rule{does: title, body: strings.TrimSpace(body)}
	for line := range strings.Lines(head) {
		line = strings.TrimSpace(line)
		said, isComment := strings.CutPrefix(line, "# ")
		if !isComment {
			r.method, r.path, _ = strings.Cut(line, " ")
			continue
		}
		switch word, rest, _ := strings.Cut(said, " "); word {
		case "needs":
			r.needs = rest
		case "sees":
			r.sees = rest
		case "in":
			r.at = placesOf(t, rest)
		case "to":
			r.to = placesOf(t, rest)[0]
		case "over":
			r.over = placesOf(t, rest)[0]
		case "anywhere":
			r.anywhere = true
		case "ungated":
			r.ungated = true
		case "own":
			r.own = true
		case "given":
			r.given = append(r.given, readGiven(t, rest))
		case "shows":
			r.member, r.value, _ = strings.Cut(rest, " = ")
		default:
			t.Fatalf("%s: %q means nothing here", title, line)
		}
	}
	if r.needs == "" || len(r.at) == 0 || r.path == "" {
		t.Fatalf("%s: a rule says what it needs, in which places, and the request", title)
	}
	return r
}

// routeOf returns the route of a request, whose path has a value in braces where the route has a parameter; "" for none.
func routeOf(method, path string, routes []string) string {
	path, _, _ = strings.Cut(path, "?")
	wanted := strings.Split(method+" "+braced.ReplaceAllString(path, "{}"), "/")
	for _, route := range routes {
		if slices.EqualFunc(wanted, strings.Split(route, "/"), func(mine, its string) bool {
			return mine == its || mine == "{}" && strings.HasPrefix(its, ":")
		}) {
			return route
		}
	}
	return ""
}

var braced = regexp.MustCompile(`\{\{([^{}]+)\}\}`)
