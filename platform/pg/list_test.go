package pg_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/platform/pg/pgtest"
)

type thing struct {
	ID, Amount int64
	Name       string
}

var thingList = pg.List[thing]{
	Name: "list things",
	ID:   func(t thing) int64 { return t.ID },
	Columns: map[string]pg.Column[thing]{
		"name":   pg.TextColumn("name", func(t thing) string { return t.Name }),
		"amount": pg.IntColumn("amount", func(t thing) int64 { return t.Amount }),
	},
	Fields: func(t *thing) []any { return []any{&t.ID, &t.Name, &t.Amount} },
}

// Whatever the order and the size of the pages, they hold every item once, in that order.
func TestList_pages(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	for i := range 23 {
		id := made(t, db, fmt.Sprintf("thing %02d", (i*7)%23))
		if _, err := db.Exec(t.Context(), add.With(i%3, id)); err != nil { // many share an amount
			t.Fatal(err)
		}
	}
	query := pg.Build.Select("id", "name", "amount").From("things")
	for _, sort := range []string{"id", "-id", "name", "-name", "amount", "-amount"} {
		whole := pages(t, db, sort, 1000)
		if len(whole) != 23 {
			t.Fatalf("%s: %d items", sort, len(whole))
		}
		for i := 1; i < len(whole); i++ {
			if !ordered(sort, whole[i-1], whole[i]) {
				t.Errorf("%s: %v stands before %v", sort, whole[i-1], whole[i])
			}
		}
		for _, limit := range []int{1, 2, 7, 22, 23} {
			if diff := cmp.Diff(whole, pages(t, db, sort, limit)); diff != "" {
				t.Errorf("sort %s in pages of %d: %s", sort, limit, diff)
			}
		}
	}
	total, err := thingList.Page(t.Context(), db, query.Where(pg.Contains("thing 0", "name")), page.Request{Limit: 3, Count: true, Sort: page.ParseSort("name")})
	if err != nil || total.Total == nil || *total.Total != 10 || len(total.Items) != 3 {
		t.Errorf("count of a filtered list: %+v, %v", total, err)
	}
}

func ordered(sort string, a, b thing) bool {
	switch sort {
	case "id":
		return a.ID < b.ID
	case "-id":
		return a.ID > b.ID
	case "name":
		return a.Name < b.Name
	case "-name":
		return a.Name > b.Name
	case "amount":
		return a.Amount < b.Amount || a.Amount == b.Amount && a.ID < b.ID
	default:
		return a.Amount > b.Amount || a.Amount == b.Amount && a.ID > b.ID
	}
}

func pages(t *testing.T, db *pg.DB, sort string, limit int) []thing {
	t.Helper()
	var all []thing
	request := page.Request{Limit: limit, Sort: page.ParseSort(sort)}
	for {
		p, err := thingList.Page(t.Context(), db, pg.Build.Select("id", "name", "amount").From("things"), request)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p.Items...)
		if p.Next == nil {
			return all
		}
		request.After = p.Next
	}
}

func TestList_refusesACursorOfAnotherType(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	request := page.Request{Limit: 1, Sort: page.ParseSort("amount"), After: &page.Cursor{Sort: "amount", Key: "many", ID: 1}}
	_, err := thingList.Page(context.Background(), db, pg.Build.Select("id", "name", "amount").From("things"), request)
	if !errors.Is(err, page.ErrCursor) {
		t.Errorf("got %v", err)
	}
}

func TestContains_takesWildcardsAsTheyAre(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, things)
	for _, name := range []string{"100%", "100 beds", `back\slash`, "under_score", "underscore", "심장내과"} {
		made(t, db, name)
	}
	for q, want := range map[string]int{"100%": 1, "100": 2, `\`: 1, "_": 1, "UNDER": 2, "내과": 1, "'; DROP TABLE things; --": 0} {
		p, err := thingList.Page(t.Context(), db, pg.Build.Select("id", "name", "amount").From("things").Where(pg.Contains(q, "name")), page.Request{Limit: 10, Sort: page.ParseSort("id")})
		if err != nil || len(p.Items) != want {
			t.Errorf("%q: %d items, %v; want %d", q, len(p.Items), err, want)
		}
	}
}
