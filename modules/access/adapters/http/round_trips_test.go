package http_test

import (
	"fmt"
	"math"
	"testing"

	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// How often the database is asked for the most frequent changes, once what they look up is cached. Others may ask it meanwhile, so
// the fewest count.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	wire := pgtest.NewWire(t, pgtest.URL(t, migrations.Files))
	db, err := pg.Open(t.Context(), pgtest.Settings(wire.URL()), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	h := newHospitalOn(t, db)
	changed := h.user(t, "changed@example.org", "")
	role := h.do(t, "POST", "/roles", `{"name":"r","permissions":["user.read"]}`).Want(t, 201).ID()
	for name, change := range map[string]struct {
		most   int
		do     func(n int) (path, body string)
		method string // POST where it is empty
	}{
		"an organization": {1, func(n int) (string, string) { return "/organizations", fmt.Sprintf(`{"name":"o%d"}`, n) }, ""},
		"a change of an organization": {1, func(n int) (string, string) {
			h.do(t, "GET", "/organizations/1", "").Want(t, 200)
			return "/organizations/1", fmt.Sprintf(`{"description":"d%d"}`, n)
		}, "PUT"},
		"a change of a user": {1, func(n int) (string, string) {
			h.do(t, "GET", fmt.Sprint("/users/", changed), "").Want(t, 200)
			return fmt.Sprint("/users/", changed), fmt.Sprintf(`{"full_name":"n%d"}`, n)
		}, "PUT"},
		"a user": {1, func(n int) (string, string) {
			return "/users", fmt.Sprintf(`{"email":"trips%d@example.org","organization_id":1,"department_id":1}`, n)
		}, ""},
		"a grant": {3, func(n int) (string, string) {
			user := h.user(t, fmt.Sprintf("granted%d@example.org", n), "")
			h.do(t, "POST", "/access/check", fmt.Sprintf(`{"user_id":%d,"permission":"user.read"}`, user)).Want(t, 200)
			return "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,"organization_id":1}`, user, role)
		}, ""},
	} {
		fewest := math.MaxInt
		for n := range 20 {
			path, body := change.do(n)
			before := wire.RoundTrips()
			if change.method == "" {
				h.do(t, "POST", path, body).Want(t, 201)
			} else {
				h.do(t, change.method, path, body).Want(t, 200)
			}
			fewest = min(fewest, wire.RoundTrips()-before)
		}
		if fewest > change.most {
			t.Errorf("%s takes %d round trips, want %d", name, fewest, change.most)
		}
	}
}
