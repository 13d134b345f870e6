package http_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/pg"
)

// A list of the grants that are in a state at a moment holds a grant exactly when domain.Grant.At gives that state: both
// are held to the same cases, and so is the console.
func TestGrants_states(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../domain/testdata/grant_states.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name       string     `json:"name"`
		GrantedAt  time.Time  `json:"granted_at"`
		ValidFrom  *time.Time `json:"valid_from"`
		ValidUntil *time.Time `json:"valid_until"`
		EndedAt    *time.Time `json:"ended_at"`
		Moment     string     `json:"moment"`
		State      string     `json:"state"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("there are no cases")
	}
	h := newHospital(t)
	store := func(sql string, args ...any) {
		t.Helper()
		if _, err := h.DB.Exec(t.Context(), pg.Changes("store cases", squirrel.Expr(sql)).With(args...)); err != nil {
			t.Fatal(err)
		}
	}
	store("ALTER TABLE access.grants DISABLE TRIGGER USER") // they let nobody write when something was granted or ended
	for _, c := range cases {
		store(`INSERT INTO access.grants (user_id, role_id, reason, granted_at, valid_from, valid_until, ended_at)
			SELECT 2, id, $1, $2, $3, $4, $5 FROM access.roles WHERE name = 'member'`,
			c.Name, c.GrantedAt, c.ValidFrom, c.ValidUntil, c.EndedAt)
	}
	for _, c := range cases {
		got := "unknown"
		for _, state := range []string{"scheduled", "active", "expired", "ended"} {
			for _, g := range h.do(t, "GET", fmt.Sprintf("/grants?user_id=2&limit=1000&state=%s&at=%s", state, url.QueryEscape(c.Moment)), "").Want(t, 200).List {
				if g["reason"] == c.Name {
					if got != "unknown" {
						t.Errorf("%s: it is listed as %s and as %s", c.Name, got, state)
					}
					got = state
				}
			}
		}
		if got != c.State {
			t.Errorf("%s: %s, want %s", c.Name, got, c.State)
		}
	}
}
