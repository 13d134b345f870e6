package pg_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
	"erp.internal/postgres/pgtest"
)

// Whatever the scope, the order and the size of the pages, they hold what is within the scope once each, and are counted
// so: scopes of few places, each read for a whole page, and of many, of which few rows are looked at first.
func TestList_pageWithin(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	var ids []int64
	for i := range 40 {
		id := made(t, db, fmt.Sprintf("thing %02d", (i*7)%40))
		if _, err := db.Exec(t.Context(), add.With(i%4, id)); err != nil { // the amount stands for an organization
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	many := make([]int64, 200)
	for i := range many {
		many[i] = int64(1000 + i)
	}
	query := pg.Build.Select("id", "name", "amount").From("things")
	for name, tc := range map[string]struct {
		scope place.Scope
		want  int
	}{
		"everywhere":                          {place.Scope{Everywhere: true}, 40},
		"nowhere":                             {place.Scope{}, 0},
		"an organization":                     {place.Scope{Organizations: []int64{1}}, 10},
		"organizations and departments":       {place.Scope{Organizations: []int64{1, 3}, Departments: []int64{ids[0], ids[2], ids[4]}}, 23},
		"departments that are not there":      {place.Scope{Departments: []int64{ids[0], 9999}}, 1},
		"more than hold anything":             {place.Scope{Departments: slices.Concat(many, ids[5:9])}, 4},
		"more, and an organization":           {place.Scope{Organizations: []int64{2}, Departments: slices.Concat(many, ids[5:6])}, 11},
		"as many as are each read for a page": {place.Scope{Organizations: []int64{2}, Departments: slices.Concat(many[:2], ids[5:6])}, 11},
		"one more than that":                  {place.Scope{Organizations: []int64{2}, Departments: slices.Concat(many[:3], ids[5:6])}, 11},
		"each a department":                   {place.Scope{Departments: ids}, 40},
	} {
		for _, sort := range []string{"id", "-id", "name", "-amount"} {
			for _, filter := range []string{"", "thing 0", "thing 1"} {
				filtered := query
				if filter != "" {
					filtered = query.Where(pg.Contains(filter, "name"))
				}
				read := func(limit int) []thing {
					var all []thing
					request := page.Request{Limit: limit, Sort: page.ParseSort(sort), Count: true}
					for {
						p, err := thingList.PageWithin(t.Context(), db, filtered, pg.Within{Scope: tc.scope, Organization: "amount", Department: "id"}, request)
						if err != nil {
							t.Fatalf("%s, sort %s: %v", name, sort, err)
						}
						all = append(all, p.Items...)
						if p.Next == nil {
							if *p.Total != int64(len(all)) {
								t.Errorf("%s: %d are counted, %d given", name, *p.Total, len(all))
							}
							return all
						}
						request.After = p.Next
					}
				}
				whole := read(1000)
				if filter == "" && len(whole) != tc.want {
					t.Errorf("%s: %d things, want %d", name, len(whole), tc.want)
				}
				for i := 1; i < len(whole); i++ {
					if !ordered(sort, whole[i-1], whole[i]) {
						t.Errorf("%s, sort %s: %v stands before %v", name, sort, whole[i-1], whole[i])
					}
				}
				if diff := cmp.Diff(whole, read(3)); diff != "" {
					t.Errorf("%s, sort %s, filter %q, in pages of 3: %s", name, sort, filter, diff)
				}
			}
		}
	}
}
