package pg_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
	"erp.internal/postgres/pgtest"
)

// A place is stored as two columns, null where it has no organization or no department, and lists are narrowed by it, within a scope.
func TestPlace(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, fstest.MapFS{
		"000001_test_placed.up.sql":   {Data: []byte("CREATE TABLE placed (id bigint GENERATED ALWAYS AS IDENTITY, organization_id bigint, department_id bigint)")},
		"000001_test_placed.down.sql": {Data: []byte("DROP TABLE placed")},
	})
	all := []place.Place{{}, {Organization: 1}, {Organization: 1, Department: 2}, {Organization: 1, Department: 3}, {Organization: 4}}
	for _, p := range all {
		ids := p.IDs()
		insert := pg.Build.Insert("placed").Columns("organization_id", "department_id").Values(ids.OrganizationID, ids.DepartmentID)
		if _, err := db.Exec(t.Context(), pg.ChangesOnce("store place", insert)); err != nil {
			t.Fatal(err)
		}
	}
	list := pg.List[listed]{
		Name: "list places", ID: func(l listed) int64 { return l.id },
		Fields: func(l *listed) []any { return append([]any{&l.id}, pg.Place(&l.place)...) },
	}
	query := pg.Build.Select("id", "organization_id", "department_id").From("placed")
	scopes := []place.Scope{
		{Everywhere: true}, {}, {Organizations: []int64{1}}, {Organizations: []int64{1, 4}}, {Departments: []int64{2}}, {Departments: []int64{2, 3}},
		{Organizations: []int64{4}, Departments: []int64{3}}, {Organizations: []int64{9, 8, 7, 6, 5}, Departments: []int64{2}},
	}
	for at, narrowed := range map[place.Place][]place.Place{
		{}: all, {Organization: 1}: all[1:4], {Department: 3}: all[3:4], {Organization: 1, Department: 2}: all[2:3], {Organization: 4, Department: 2}: nil,
	} {
		for _, scope := range scopes {
			var want []place.Place
			for _, p := range narrowed {
				if scope.Contains(p) {
					want = append(want, p)
				}
			}
			within := pg.Within{Scope: scope, At: at, Organization: "organization_id", Department: "department_id"}
			found, err := list.PageWithin(t.Context(), db, query, within, page.Request{Limit: 10, Sort: page.ParseSort("id"), Count: true})
			var got []place.Place
			for _, l := range found.Items {
				got = append(got, l.place)
			}
			if err != nil || !slices.Equal(got, want) || *found.Total != int64(len(want)) {
				t.Errorf("at %+v in %+v: %+v, %v, want %+v", at, scope, got, err, want)
			}
		}
	}
}

type listed struct {
	id    int64
	place place.Place
}
