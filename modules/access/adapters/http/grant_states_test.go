package http_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/period"
	"erp.internal/platform/pg"
)

// The state of a grant at a moment is written three times: domain.Grant.At, the filter of lists in SQL, and the console's
// stateOf. Each is held to the same cases: here, and in web/src/access/state.test.ts.
type grantState struct {
	Name       string       `json:"name"`
	GrantedAt  time.Time    `json:"granted_at"`
	ValidFrom  *time.Time   `json:"valid_from"`
	ValidUntil *time.Time   `json:"valid_until"`
	EndedAt    *time.Time   `json:"ended_at"`
	Moment     time.Time    `json:"moment"`
	State      domain.State `json:"state"`
}

func grantStates(t *testing.T) []grantState {
	t.Helper()
	text, err := os.ReadFile("../../domain/testdata/grant_states.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []grantState
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[domain.State]bool{}
	for _, c := range cases {
		seen[c.State] = true
	}
	for _, state := range []domain.State{domain.Unknown, domain.Scheduled, domain.Active, domain.Expired, domain.Ended} {
		if !seen[state] {
			t.Errorf("no case is %s", state)
		}
	}
	return cases
}

func TestGrant_At(t *testing.T) {
	t.Parallel()
	for _, c := range grantStates(t) {
		g := domain.Grant{Period: period.Period{From: c.ValidFrom, Until: c.ValidUntil}, GrantedAt: c.GrantedAt, EndedAt: c.EndedAt}
		if got := g.At(c.Moment); got != c.State {
			t.Errorf("%s: %s, want %s", c.Name, got, c.State)
		}
	}
}

// A list of the grants that are in a state at a moment holds a grant exactly when domain.Grant.At gives that state.
func TestGrants_states(t *testing.T) {
	t.Parallel()
	cases := grantStates(t)
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
		got := domain.Unknown
		for _, state := range []domain.State{domain.Scheduled, domain.Active, domain.Expired, domain.Ended} {
			for _, g := range h.do(t, "GET", fmt.Sprintf("/grants?user_id=2&limit=1000&state=%s&at=%s", state, url.QueryEscape(c.Moment.Format(time.RFC3339Nano))), "").Want(t, 200).List {
				if g["reason"] == c.Name {
					if got != domain.Unknown {
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
