package pg_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"erp.internal/platform/pg"
	"erp.internal/platform/place"
	"erp.internal/postgres/pgtest"
)

// A place is stored as two columns, null where it has no organization or no department, and lists are narrowed by it.
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
	for in, want := range map[place.Place][]place.Place{
		{}: all, {Organization: 1}: all[1:4], {Department: 3}: all[3:4], {Organization: 1, Department: 2}: all[2:3], {Organization: 4, Department: 2}: nil,
	} {
		query := pg.InPlace(pg.Build.Select("organization_id", "department_id").From("placed").OrderBy("id"), in)
		got, err := pg.All(t.Context(), db, pg.ReadsOnce("list places", query), pg.Place)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("in %+v: %+v, %v, want %+v", in, got, err, want)
		}
	}
}
