package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
)

// witness holds the journal against what everybody did and tried: each change that was made wrote its entries, with who made
// it, by which operation, and where; and each refusal of somebody who is known is there, too.
type witness struct {
	w          *world
	operations map[string]string // ids by "GET /organizations/{id}"
	users      map[string]int64  // ids by the person's name
	attempts   []attempt
}

// attempt is a request that somebody sent.
type attempt struct {
	rule      rule
	person    person
	at        place
	operation string
	answer    apitest.Answer
}

func (a attempt) String() string {
	return fmt.Sprintf("%s (%s) in %s, as %s, %d", a.rule.route, a.rule.does, a.at, a.person.name, a.answer.Status)
}

func newWitness(t *testing.T, w *world) *witness {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	text, err := w.API.OpenAPI()
	if err == nil {
		err = json.Unmarshal(text, &document)
	}
	if err != nil {
		t.Fatal(err)
	}
	seen := &witness{w: w, operations: map[string]string{}, users: map[string]int64{}}
	for path, methods := range document.Paths {
		for method, o := range methods {
			seen.operations[strings.ToUpper(method)+" "+path] = o.OperationID
		}
	}
	return seen
}

func (s *witness) note(r rule, p person, at place, a apitest.Answer) {
	s.attempts = append(s.attempts, attempt{r, p, at, s.operations[asDocumented(r.route)], a})
}

// readsOnly are the operations that change nothing although their method is POST.
var readsOnly = map[string]bool{"check-access": true}

// hold looks for every attempt in the journal.
func (s *witness) hold(t *testing.T) {
	t.Helper()
	var missing []string
	defer func() {
		for _, m := range missing {
			t.Errorf("%s: the journal has no refusal of it", m)
		}
	}()
	await.That(t, "the last refusals are written", func() bool {
		refused := map[string]bool{}
		for _, c := range s.read(t, "kind=refused") {
			fields, _ := c["fields"].([]any)
			refused[fmt.Sprintf("%v %v %v", c["user_id"], c["operation"], fieldAfter(fields, "path"))] = true
		}
		missing = nil
		for _, a := range s.attempts {
			if a.isRefusal() && !refused[s.refusal(a)] {
				missing = append(missing, a.String())
			}
		}
		return len(missing) == 0
	})
	changes := map[string][]map[string]any{} // by request
	for _, c := range s.read(t, "") {
		id, _ := c["request_id"].(string)
		changes[id] = append(changes[id], c)
	}
	made, tried := 0, 0
	for _, a := range s.attempts {
		switch {
		case a.isChange():
			made++
			s.holdChange(t, a, changes[a.answer.Header.Get("X-Request-Id")])
		case a.isRefusal():
			tried++
		}
	}
	if made < 100 || tried < 100 {
		t.Errorf("only %d changes and %d refusals were looked for: the test is blind", made, tried)
	}
}

// read returns what the journal has, the oldest first.
func (s *witness) read(t *testing.T, filter string) (all []map[string]any) {
	t.Helper()
	for path := strings.TrimSuffix("/changes?limit=1000&sort=at&"+filter, "&"); path != ""; {
		page := s.w.As(t, s.w.root, "GET", path, "").Want(t, 200)
		all = append(all, page.List...)
		_, path, _ = strings.Cut(page.Header.Get("Link"), "<")
		path, _, _ = strings.Cut(path, ">")
	}
	return all
}

func (a attempt) isChange() bool {
	isThere := a.rule.to == a.at || a.rule.does == "move a department within its place" // it is moved to where it is
	return !strings.HasPrefix(a.rule.route, "GET ") && a.answer.Status < 300 && !readsOnly[a.operation] && !isThere
}

func (a attempt) isRefusal() bool {
	hidden := a.answer.Status == 404 && a.rule.needs != signIn // of the caller's own account, 404 says that it is missing
	return a.person.out == "" && (a.answer.Status == 403 || hidden)
}

// refusal is how the journal keeps the attempt.
func (s *witness) refusal(a attempt) string {
	return fmt.Sprintf("%v %v %v", float64(s.users[a.person.name]), a.operation, strings.TrimSuffix(a.answer.Path, "/"))
}

func (s *witness) holdChange(t *testing.T, a attempt, entries []map[string]any) {
	t.Helper()
	if len(entries) == 0 {
		t.Errorf("%s: the journal has nothing of it", a)
	}
	where, there := a.at, false
	switch {
	case a.rule.to != "":
		where = a.rule.to
	case strings.Contains(a.rule.route, "/users/:id/roles/"): // granted there to somebody who is elsewhere
		where = a.rule.over
	}
	for _, e := range entries {
		actor, _ := e["actor"].(map[string]any)
		if actor["kind"] != "user" || actor["id"] != float64(s.users[a.person.name]) || e["operation"] != a.operation || e["session_id"] == nil {
			t.Errorf("%s: by %v, %v, in session %v, want by user %d, %s", a, actor, e["operation"], e["session_id"], s.users[a.person.name], a.operation)
		}
		organization, _ := e["organization_id"].(float64)
		there = there || int64(organization) == s.w.places[where].organization
	}
	if !there && a.rule.needs != signIn && a.operation != "create-organization" { // which is a place of its own
		t.Errorf("%s: nothing of it happened there: %v", a, entries)
	}
}
