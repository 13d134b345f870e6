package http_test

import (
	"testing"

	"go.uber.org/fx"

	"erp.internal/migrations"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/await"
	"erp.internal/platform/place"
	"erp.internal/postgres/pgtest"
)

// A decision from memory is a part of every request: it allocates nothing, also where it needs the tree.
func TestDecisions_fromMemoryAllocateNothing(t *testing.T) { //nolint:paralleltest // others would allocate meanwhile
	var authorizer authz.Authorizer
	h := newHospitalOn(t, pgtest.New(t, migrations.Files), fx.Populate(&authorizer))
	h.grant(t, 2, "member", `,"department_id":1`).Want(t, 201)
	alice := authn.With(t.Context(), authn.Principal{SignedIn: true, UserID: 2})
	await.That(t, "decisions are made from memory, without an allocation", func() bool {
		return testing.AllocsPerRun(100, func() {
			if err := authz.Require(alice, authorizer, orgports.DepartmentRead, place.Place{Organization: 1, Department: 2}); err != nil {
				t.Error(err)
			}
		}) == 0
	})
}
