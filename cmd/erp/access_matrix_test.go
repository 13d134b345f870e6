package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"erp.internal/platform/httpx/apitest"
)

// matrixFile is printed by make docs, which sets writeDocs.
const (
	matrixFile = "../../docs/access-matrix.md"
	writeDocs  = "ERP_WRITE_DOCS"
)

// Every route, as everybody, about something in every place, ends as the policy says; and the document says what the
// policy says.
func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := newWitness(t, w)
	tokens := w.enter(t, seen.users)
	ruled := map[string]bool{}
	p := readPolicy(t, w.API.Paths())
	for _, r := range p.rules {
		ruled[r.route] = true
		for _, who := range people {
			for _, at := range r.at {
				a, v := r.send(t, w, tokens[who.name], at)
				seen.note(r, who, at, a)
				got := r.ended(t, a, v)
				if want := r.expects(who, at); got != want {
					t.Errorf("%s (%s) in %s, as %s: %s, want %s: %d %.300s", r.route, r.does, at, who.name, got, want, a.Status, a.Body)
				}
			}
		}
	}
	seen.hold(t)
	for _, route := range w.API.Paths() {
		if !ruled[route] && !slices.Contains(public, route) {
			t.Errorf("no rule says who may %s: write one in the access.policy of its module", route)
		}
	}
	document := p.matrix()
	if os.Getenv(writeDocs) != "" && !t.Failed() {
		if err := os.WriteFile(matrixFile, document, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if written, err := os.ReadFile(matrixFile); !t.Failed() && (err != nil || !bytes.Equal(written, document)) {
		t.Errorf("docs/access-matrix.md is not what the policy says: run make docs (%v)", err)
	}
}

// ended reads an answer. What is refused only by the state that something is in was allowed.
func (r rule) ended(t *testing.T, a apitest.Answer, v values) outcome {
	t.Helper()
	switch {
	case a.Status == 401:
		return out
	case a.Status == 403:
		return forbidden
	case r.needs == signIn && r.sees == "":
		return done
	case a.Status == 404, a.Status == 422:
		return unseen
	case a.Status == 200 && r.member != "" && !r.shown(t, a, v):
		return unseen
	case a.Status < 300, a.Status == 409:
		return done
	default:
		return outcome(fmt.Sprint(a.Status))
	}
}

// enter makes everybody, notes their ids by their names, and gives what each sends to say who they are.
func (w *world) enter(t *testing.T, ids map[string]int64) map[string]apitest.Token {
	t.Helper()
	tokens := map[string]apitest.Token{"nobody": ""}
	w.emails, w.spare = map[apitest.Token]string{}, map[apitest.Token][]apitest.Token{}
	for _, p := range people[1:] {
		id, email := w.user(t, everywhere)
		ids[p.name] = id
		if p.role != "" {
			w.grant(t, id, w.role(t, p.role), p.at)
		}
		who := w.SignIn(t, email, somePassword)
		tokens[p.name] = who
		w.As(t, who, "GET", "/auth/me", "").Want(t, 200)
		for n := 0; p.locked && n < 20; n++ {
			w.spare[who] = append(w.spare[who], w.SignIn(t, email, somePassword))
		}
		for n := 0; p.locked && n < 10; n++ {
			w.Do(t, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":"wrong"}`, email)).Want(t, 401)
		}
		switch p.out {
		case "":
			w.emails[who] = email
		case "deactivated":
			w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", id), "").Want(t, 200)
		case "session ended":
			w.As(t, who, "POST", "/auth/logout", "").Want(t, 204)
		}
	}
	return tokens
}

var parameter = regexp.MustCompile(`:(\w+)`)

// asDocumented writes a route's path as the OpenAPI document does.
func asDocumented(path string) string { return parameter.ReplaceAllString(path, "{$1}") }

var letters = map[place]string{room: "W", otherWard: "A", wardOfB: "B", hospitalA: "A", hospitalB: "B", everywhere: "S"}

// matrix prints the policy.
func (p *policy) matrix() []byte {
	var b bytes.Buffer
	fmt.Fprint(&b, `# Who may do what

`+"`make docs`"+` prints this page from the policy of each module, its file `+"`access.policy`"+`. The tests hold the
server to it: they send each request as each kind of user, about something in each place, and compare
the answer with the table.

| mark | means |
|---|---|
| ✓ | done |
| ✗ | refused: 403 |
| – | answered as if the object did not exist: 404, 422 for an id in the body, or left out of the list |
| 401 | not signed in |

| place | of what the request is about |
|---|---|
| W | in a ward of hospital A, below the department whose head asks |
| A | elsewhere in hospital A, or hospital A itself |
| B | in hospital B, or hospital B itself |
| S | in no organization: of the whole system |

| column | is |
|---|---|
`)
	for _, who := range people {
		fmt.Fprintf(&b, "| %s | %s |\n", who.name, who.about)
	}
	for i, r := range p.rules {
		if i == 0 || p.rules[i-1].module != r.module {
			fmt.Fprintf(&b, "\n## %s\n\n| request | | needs | places |", r.module)
			for _, who := range people {
				fmt.Fprintf(&b, " %s |", who.name)
			}
			fmt.Fprint(&b, "\n|---|---|---|---|"+strings.Repeat("---|", len(people))+"\n")
		}
		method, path, _ := strings.Cut(r.route, " ")
		var places []string
		for _, at := range r.at {
			places = append(places, letters[at])
		}
		needs := "`" + r.needs + "`"
		if r.needs == signIn {
			needs = signIn
		}
		fmt.Fprintf(&b, "| %s %s | %s | %s | %s |", method, asDocumented(path), r.does, needs, strings.Join(places, " "))
		for _, who := range people {
			var cells []string
			for _, at := range r.at {
				cells = append(cells, string(r.expects(who, at)))
			}
			if len(slices.Compact(slices.Clone(cells))) == 1 {
				cells = cells[:1]
			}
			fmt.Fprintf(&b, " %s |", strings.Join(cells, " "))
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprint(&b, "\nOne mark for several places is the same for all of them. Open to everybody, without a session:\n\n")
	for _, route := range public {
		fmt.Fprintf(&b, "- %s\n", asDocumented(route))
	}
	return b.Bytes()
}
