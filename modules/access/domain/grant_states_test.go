package domain_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/period"
)

// The state of a grant at a moment is written three times: Grant.At, the filter of lists in SQL, and the console's stateOf.
// Each is held to the same cases; the other tests are TestGrants_states in adapters/http and web/src/access/state.test.ts.
func TestGrant_At(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/grant_states.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name       string       `json:"name"`
		GrantedAt  time.Time    `json:"granted_at"`
		ValidFrom  *time.Time   `json:"valid_from"`
		ValidUntil *time.Time   `json:"valid_until"`
		EndedAt    *time.Time   `json:"ended_at"`
		Moment     time.Time    `json:"moment"`
		State      domain.State `json:"state"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[domain.State]bool{}
	for _, c := range cases {
		seen[c.State] = true
		g := domain.Grant{Period: period.Period{From: c.ValidFrom, Until: c.ValidUntil}, GrantedAt: c.GrantedAt, EndedAt: c.EndedAt}
		if got := g.At(c.Moment); got != c.State {
			t.Errorf("%s: %s, want %s", c.Name, got, c.State)
		}
	}
	for _, state := range []domain.State{domain.Unknown, domain.Scheduled, domain.Active, domain.Expired, domain.Ended} {
		if !seen[state] {
			t.Errorf("no case is %s", state)
		}
	}
}
