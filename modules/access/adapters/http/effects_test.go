package http_test

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/httpx/apitest"
)

// effects returns of a list of grants what each does, by its id.
func effects(a apitest.Answer) map[int64]string {
	all := map[int64]string{}
	for _, g := range a.List {
		all[int64(g["id"].(float64))] = g["effect"].(string)
	}
	return all
}

// Of two people of one name the grants of the one who is deactivated are shown as without effect, wherever grants are.
func TestGrants_ofADeactivatedUserHaveNoEffect(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	gone := h.user(t, "seoyeon1@example.com", `,"full_name":"김서연","organization_id":1,"department_id":1`)
	here := h.user(t, "seoyeon2@example.com", `,"full_name":"김서연","organization_id":1,"department_id":1`)
	theirs := h.grant(t, gone, "member", `,"department_id":1`).Want(t, 201, "effect", "in_force").ID()
	later := h.grant(t, gone, "auditor", `,"department_id":1,"valid_from":"2999-01-01T00:00:00Z"`).Want(t, 201, "effect", "scheduled").ID()
	over := h.grant(t, gone, "auditor", `,"department_id":2`).Want(t, 201).ID()
	h.do(t, "DELETE", fmt.Sprintf("/grants/%d", over), "").Want(t, 204)
	others := h.grant(t, here, "member", `,"department_id":1`).Want(t, 201).ID()
	before := time.Now().UTC().Format(time.RFC3339Nano)
	h.do(t, "POST", fmt.Sprintf("/users/%d/deactivate", gone), "").Want(t, 200)

	h.do(t, "GET", fmt.Sprintf("/grants/%d", theirs), "").Want(t, 200, "effect", "user_deactivated")
	for query, want := range map[string]map[int64]string{
		fmt.Sprintf("user_id=%d", gone): {theirs: "user_deactivated", later: "user_deactivated", over: "ended"},
		"department_id=1":               {theirs: "user_deactivated", later: "user_deactivated", others: "in_force"},
		"department_id=1&state=active":  {theirs: "user_deactivated", others: "in_force"}, // the dates alone
		"department_id=1&covering=true&permission=user.read&effect=in_force":         {1: "in_force", others: "in_force"},
		"department_id=1&covering=true&permission=user.read&effect=user_deactivated": {theirs: "user_deactivated", later: "user_deactivated"},
		"department_id=1&state=active&effect=user_deactivated":                       {theirs: "user_deactivated"},
		// Of the past it is not kept who was active; from now on it is as it is now.
		"department_id=1&at=" + url.QueryEscape(before):           {theirs: "in_force", others: "in_force"},
		"department_id=1&at=3000-01-01T00:00:00Z":                 {theirs: "user_deactivated", later: "user_deactivated", others: "in_force"},
		"department_id=1&effect=in_force&at=3000-01-01T00:00:00Z": {others: "in_force"},
	} {
		a := h.do(t, "GET", "/grants/?count=true&"+query, "").Want(t, 200)
		if diff := cmp.Diff(want, effects(a)); diff != "" || a.Header.Get("X-Total-Count") != fmt.Sprint(len(want)) {
			t.Errorf("%s: count %s %s", query, a.Header.Get("X-Total-Count"), diff)
		}
	}

	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(h.do(t, "GET", fmt.Sprintf("/grants.csv?user_id=%d", gone), "").Body), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], "effect")
	if got := []string{rows[1][column], rows[2][column], rows[3][column]}; !slices.Equal(got, []string{"user_deactivated", "user_deactivated", "ended"}) {
		t.Errorf("the file says %v", got)
	}
	check := h.do(t, "POST", "/access/check", fmt.Sprintf(`{"user_id":%d,"permission":"user.read","department_id":1}`, gone)).Want(t, 200, "allowed", false)
	if grant := check.Object["because"].([]any)[0].(map[string]any)["grant"].(map[string]any); grant["effect"] != "user_deactivated" || codes(check) != "false allows user_deactivated" {
		t.Errorf("got %s", check.Body)
	}
	h.do(t, "POST", "/access/check", fmt.Sprintf(`{"user_id":%d,"permission":"user.read","department_id":1,"at":"3000-01-01T00:00:00Z"}`, gone)).Want(t, 200, "allowed", false)

	h.do(t, "POST", fmt.Sprintf("/users/%d/activate", gone), "").Want(t, 200)
	h.do(t, "GET", fmt.Sprintf("/grants/%d", theirs), "").Want(t, 200, "effect", "in_force")
	h.do(t, "DELETE", fmt.Sprintf("/users/%d", gone), "").Want(t, 204)
	h.do(t, "GET", fmt.Sprintf("/grants/%d", theirs), "").Want(t, 200, "effect", "ended")
}

// What is shown as in force is what the user then may do: each kind of grant, alone.
func TestGrants_effectAgreesWithTheDecision(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	systemOnly := h.do(t, "POST", "/roles", `{"name":"founder","permissions":["organization.create"]}`).Want(t, 201).ID()
	clerk := h.do(t, "POST", "/roles", `{"name":"clerk","permissions":["user.read"]}`).Want(t, 201).ID()
	roles := map[string]int64{"founder": systemOnly, "clerk": clerk, "member": h.role(t, "member")}
	for i, c := range []struct{ role, place, effect string }{
		{"founder", `"organization_id":null`, "in_force"},
		{"clerk", `"organization_id":1`, "in_force"},
		{"clerk", `"department_id":1,"valid_from":"2999-01-01T00:00:00Z"`, "scheduled"},
		{"clerk", `"department_id":1`, "ended"},
		{"member", `"department_id":2`, "user_deactivated"},
	} {
		email := fmt.Sprintf("user%d@example.com", i)
		id := h.user(t, email, `,"organization_id":1`)
		who := h.SignIn(t, email, password)
		grant := h.do(t, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s}`, id, roles[c.role], c.place)).Want(t, 201).ID()
		switch c.effect {
		case "ended":
			h.do(t, "DELETE", fmt.Sprintf("/grants/%d", grant), "").Want(t, 204)
		case "user_deactivated":
			h.do(t, "POST", fmt.Sprintf("/users/%d/deactivate", id), "").Want(t, 200)
		}
		path := fmt.Sprintf("/grants/%d", grant)
		h.do(t, "GET", path, "").Want(t, 200, "effect", c.effect)
		own := h.As(t, who, "GET", "/auth/permissions", "")
		if holds := own.Status == 200 && len(own.List) > 0; holds != (c.effect == "in_force") {
			t.Errorf("%s %s: shown as %s, and the user's permissions are %s", c.role, c.place, c.effect, own.Body)
		}
	}
	// A role that was emptied gives nothing, now and to who will have it; what is over stays over, and so does the past.
	before := time.Now().UTC().Format(time.RFC3339Nano)
	h.do(t, "PUT", fmt.Sprintf("/roles/%d", clerk), `{"permissions":[]}`).Want(t, 200)
	got := effects(h.do(t, "GET", fmt.Sprintf("/grants/?role_id=%d&sort=id", clerk), ""))
	if text := fmt.Sprint(got); strings.Count(text, "gives_nothing") != 2 || strings.Count(text, "ended") != 1 {
		t.Errorf("the grants of an emptied role are %v", got)
	}
	if got := effects(h.do(t, "GET", fmt.Sprintf("/grants/?role_id=%d&at=%s", clerk, url.QueryEscape(before)), "")); !strings.Contains(fmt.Sprint(got), "in_force") {
		t.Errorf("before it was emptied: %v", got)
	}
	// Each filter gives what shows that effect, and nothing else.
	all, filtered := effects(h.do(t, "GET", "/grants/", "")), map[int64]string{}
	for _, effect := range []string{"in_force", "scheduled", "expired", "ended", "user_deactivated", "gives_nothing"} {
		for id, shown := range effects(h.do(t, "GET", "/grants/?effect="+effect, "").Want(t, 200)) {
			if shown != effect {
				t.Errorf("effect=%s gives a grant that is %s", effect, shown)
			}
			filtered[id] = shown
		}
	}
	if diff := cmp.Diff(all, filtered); diff != "" {
		t.Error(diff)
	}
	h.do(t, "GET", "/grants/?effect=nonsense", "").Want(t, 422)
}
