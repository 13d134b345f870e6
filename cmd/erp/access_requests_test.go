package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"erp.internal/platform/httpx/apitest"
)

// given is a request of the administrator that makes something for a rule's request.
type given struct {
	as                 string // the name of its id in what follows; "id" where it has none
	status             int    // 0 for any that says it was done
	method, path, body string
}

var givenLine = regexp.MustCompile(`^(?:(\w+) = )?(?:(\d{3}) )?([A-Z]+) (\S+)(?: (.+))?$`)

func readGiven(t *testing.T, line string) given {
	t.Helper()
	m := givenLine.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("given %s: it is [name =] [status] METHOD path [body]", line)
	}
	status, _ := strconv.Atoi(m[2])
	g := given{as: m[1], status: status, method: m[3], path: m[4], body: m[5]}
	if g.as == "" {
		g.as = "id"
	}
	return g
}

// send sends a rule's request as somebody, about something in a place.
func (r rule) send(t *testing.T, w *world, who apitest.Token, at place) (apitest.Answer, values) {
	t.Helper()
	v := r.prepare(t, w, at)
	if r.own {
		who = w.inOwnSession(t, who)
	}
	return w.As(t, who, r.method, v.fill(t, r.path), v.fill(t, r.body)), v
}

// prepare makes what the request is about.
func (r rule) prepare(t *testing.T, w *world, at place) values {
	t.Helper()
	v := values{w: w, at: at, known: map[string]string{"name": w.name(), "password": somePassword}}
	for _, g := range r.given {
		a := w.As(t, w.root, g.method, v.fill(t, g.path), v.fill(t, g.body))
		if a.Status != g.status && (g.status != 0 || a.Status >= 300) {
			t.Fatalf("%s: given %s %s: %d %s", r.does, g.method, a.Path, a.Status, a.Body)
		}
		of := a.Object
		if len(a.List) > 0 {
			of = a.List[0]
		}
		if id, has := of["id"].(float64); has {
			v.known[g.as] = fmt.Sprintf("%.0f", id)
		}
	}
	return v
}

// inOwnSession returns another session of the caller, who may end it; the same one where they cannot sign in again.
func (w *world) inOwnSession(t *testing.T, who apitest.Token) apitest.Token {
	t.Helper()
	if spare := w.spare[who]; len(spare) > 0 {
		who, w.spare[who] = spare[0], spare[1:]
	} else if email, can := w.emails[who]; can {
		who = w.SignIn(t, email, somePassword)
	}
	return who
}

// values are what stands in braces in the requests of a rule: docs/modules.md lists them.
type values struct {
	w     *world
	at    place
	known map[string]string
}

func (v values) fill(t *testing.T, text string) string {
	t.Helper()
	return braced.ReplaceAllStringFunc(text, func(s string) string {
		word, of, _ := strings.Cut(strings.Trim(s, "{}"), ":")
		at := v.w.places[v.at]
		if of != "" && word != "role" {
			at = v.w.places[placesOf(t, of)[0]]
		}
		switch value, known := v.known[word]; {
		case known:
			return value
		case word == "organization":
			return fmt.Sprint(at.organization)
		case word == "department":
			return fmt.Sprint(at.department)
		case word == "place":
			return at.body()
		case word == "missing":
			return "999999"
		case word == "role":
			return fmt.Sprint(v.w.role(t, of))
		default:
			t.Fatalf("nothing says what %s is", s)
			return ""
		}
	})
}

// shown reports whether an answer shows what is in the place.
func (r rule) shown(t *testing.T, a apitest.Answer, v values) bool {
	t.Helper()
	want := v.fill(t, r.value)
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
		return columnHolds(a.Body, r.member, want)
	}
	var body any
	return json.Unmarshal(a.Body, &body) == nil && holdsMember(body, r.member, want)
}

// holdsMember looks for an object with the member anywhere in an answer; the value 0 is null.
func holdsMember(in any, member, want string) bool {
	switch in := in.(type) {
	case []any:
		return slices.ContainsFunc(in, func(one any) bool { return holdsMember(one, member, want) })
	case map[string]any:
		if id, isMember := in[member]; isMember && (fmt.Sprint(id) == want || id == nil && want == "0") {
			return true
		}
		for _, inside := range in {
			if holdsMember(inside, member, want) {
				return true
			}
		}
	}
	return false
}

func columnHolds(file []byte, column, want string) bool {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) == 0 {
		return false
	}
	at := slices.Index(rows[0], column)
	return at >= 0 && slices.ContainsFunc(rows[1:], func(row []string) bool { return row[at] == want })
}
