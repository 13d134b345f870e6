package search_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/Masterminds/squirrel"

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
	count := func(typed string) string {
		t.Helper()
		q, rows := search.Parse(typed), pg.Build.Select("id").From("people")
		best, err := pg.All(t.Context(), db, pg.ListsOnce("best", people.Best(q, rows, 40, "", nil)).Custom(), pg.Int)
		if err != nil {
			t.Fatalf("%s: %v", typed, err)
		}
		all, err := pg.All(t.Context(), db, pg.ListsOnce("all", rows.Where(people.Where(q))).Custom(), pg.Int)
		if err != nil {
			t.Fatalf("%s: %v", typed, err)
		}
		return fmt.Sprint(len(best), " ", len(all))
	}
	searches := map[string]string{}
	for _, typed := range []string{"김", "철수", "ㄱㅊ", "ㅊㅅ", "ㄱ", "code", "김철수7", "김 철수", "철수 김", "ㅋ", "7", "없음", "rlacjf", "김ㅊㅅ", "-"} {
		searches[typed] = count(typed)
	}
	if err := people.Sample(t.Context()); err != nil {
		t.Fatal(err)
	}
	for typed, without := range searches {
		if with := count(typed); with != without {
			t.Errorf("%s: %s without a sample, %s with it", typed, without, with)
		}
	}
	if searches["ㄱㅊ"] != "40 8333" || searches["없음"] != "0 0" {
		t.Error(searches)
	}
}
