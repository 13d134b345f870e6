package search_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/Masterminds/squirrel"
	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/page"
	"erp.internal/platform/pg"
	"erp.internal/platform/search"
	"erp.internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// On a table that is large enough for a sample, every search is a statement that runs, whatever is frequent, and finds what it
// finds without a sample.
func TestIndex_Best_of_a_large_table(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, fstest.MapFS{
		"000001_people.up.sql":   {Data: []byte(`CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, code text, search text COLLATE "C", search_grams text COLLATE "C")`)},
		"000001_people.down.sql": {Data: []byte("DROP TABLE people")},
	})
	exec := func(sql string) {
		t.Helper()
		if _, err := db.Exec(t.Context(), pg.Changes("test", squirrel.Expr(sql)).With()); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO people (name, code) SELECT (ARRAY['김', '이', '박'])[1 + n % 3] || '철수' || n % 1000, 'code-' || n FROM generate_series(1, 25000) n`)
	people := search.NewIndex(db, "people", "name", "code")
	if n, err := people.Fill(t.Context()); err != nil || n != 25000 {
		t.Fatal(n, err)
	}
	exec(`CREATE INDEX ON people USING gin (string_to_array(search_grams, ' '))`)
	exec(`ANALYZE people`)
	count := func(typed string, scoped bool) string {
		t.Helper()
		q, rows := search.Parse(typed), pg.Build.Select("id").From("people")
		within := squirrel.Sqlizer(nil)
		if scoped {
			within = squirrel.Expr("id % 2 < ?", 1)
		}
		best, err := pg.All(t.Context(), db, people.Best(q, rows, within, 40, "", nil), pg.Int)
		if err != nil {
			t.Fatalf("%s: %v", typed, err)
		}
		if within != nil {
			rows = rows.Where(within)
		}
		all, err := pg.All(t.Context(), db, pg.ListsOnce("all", rows.Where(people.Where(q))).Custom(), pg.Int)
		if err != nil {
			t.Fatalf("%s: %v", typed, err)
		}
		list, listed := search.Listed(people, pg.List[int64]{Name: "listed", ID: func(id int64) int64 { return id }, Fields: pg.Int}, rows, scoped, q, "", nil)
		page, err := list.Page(t.Context(), db, listed, page.Request{Limit: 1000, Count: true, Sort: page.ParseSort("-id")})
		if err != nil || *page.Total != min(int64(len(all)), 10_000) || len(page.Items) != min(len(all), 1000) || !slices.IsSortedFunc(page.Items, func(a, b int64) int { return int(b - a) }) {
			t.Errorf("%s: %d of %d are listed, %v", typed, len(page.Items), len(all), err)
		}
		return fmt.Sprint(len(best), " ", len(all))
	}
	all := []string{"김", "철수", "ㄱㅊ", "ㅊㅅ", "ㄱ", "code", "김철수7", "김 철수", "철수 김", "ㅋ", "7", "없음", "rlacjf", "김ㅊㅅ", "-", "code-24999", "김철수998"}
	counts := func() map[string]string {
		found := map[string]string{}
		for _, typed := range all {
			found[typed] = count(typed, false) + ", within a scope " + count(typed, true)
		}
		return found
	}
	without := counts()
	if err := people.Sample(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(without, counts()); diff != "" {
		t.Errorf("with a sample: %s", diff)
	}
	if without["ㄱㅊ"] != "40 8333, within a scope 40 4166" || without["없음"] != "0 0, within a scope 0 0" {
		t.Error(without)
	}
}
