package http_test

import (
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/pg"
)

// Of somebody who was granted much, a check tells the newest grants that decide, whole, and no more than 20: of what
// allows, and of what nearly does.
func TestCheck_ofManyGrants(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.do(t, "POST", "/roles", `{"name":"clerk","permissions":["user.read"]}`).Want(t, 201)
	const add = `INSERT INTO access.grants (user_id, role_id, organization_id, department_id, reason, ended_at)
		SELECT 2, (SELECT id FROM access.roles WHERE name = 'clerk'), 1, 1, n || ' ' || repeat('가', 9990), CASE WHEN $1 THEN now() END FROM generate_series(1, 300) AS n`
	made := func(ended bool) {
		if _, err := h.DB.Exec(t.Context(), pg.Changes("add grants", squirrel.Expr(add)).With(ended)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(part, code string) {
		t.Helper()
		answer := h.do(t, "POST", "/access/check", `{"user_id":2,"permission":"user.read","department_id":2}`).Want(t, 200)
		reasons, _ := answer.Object[part].([]any)
		if len(reasons) != 20 {
			t.Fatalf("%s holds %d", part, len(reasons))
		}
		newest := h.do(t, "GET", "/grants?user_id=2&limit=1", "").List[0]["id"]
		for i, one := range reasons {
			reason, _ := one.(map[string]any)
			grant, _ := reason["grant"].(map[string]any)
			if text, _ := grant["reason"].(string); reason["code"] != code || reason["role"] != "clerk" || !strings.HasSuffix(text, "가가가") {
				t.Errorf("%s %d is %s of role %v with a reason of %d bytes", part, i, reason["code"], reason["role"], len(text))
			}
			if i == 0 && grant["id"] != newest {
				t.Errorf("the first is %v, and the newest %v", grant["id"], newest)
			}
		}
	}
	made(true)
	check("missing", "grant_over")
	made(false)
	check("because", "allows")
}
