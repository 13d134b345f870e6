package search

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/Masterminds/squirrel"

	"erp.internal/platform/pg"
)

// Index is how the rows of a table are searched. The table has the columns search and search_grams, indexes on them, and a
// trigger that clears them when a text is changed without them: see the migrations.
type Index struct {
	db                          *pg.DB
	table                       string
	texts                       int
	find, store, size, examples pg.Statement
	sample                      atomic.Pointer[[]string]
}

// mostTexts is how many texts of a row are searched.
const mostTexts = 2

// NewIndex returns the index of a table, with its schema, and the columns that FormsOf takes, at most mostTexts.
func NewIndex(db *pg.DB, table string, texts ...string) *Index {
	return &Index{
		db: db, table: table, texts: len(texts),
		find: pg.Reads("find rows without their search", pg.Build.Select("id").Columns(texts...).From(table).
			Where("search IS NULL").OrderBy("id").Suffix("LIMIT ? FOR NO KEY UPDATE SKIP LOCKED", batch)),
		store: pg.Changes("fill the search of rows", pg.Build.Update(table+" AS t").
			Set("search", squirrel.Expr("filled.search")).Set("search_grams", squirrel.Expr("filled.grams")).
			Suffix("FROM unnest(?::bigint[], ?::text[], ?::text[]) AS filled (id, search, grams) WHERE t.id = filled.id")),
		size:     pg.Reads("estimate rows", squirrel.Expr("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = $1::text::regclass")),
		examples: pg.Reads("sample the search of rows", squirrel.Expr("SELECT coalesce(search, '') FROM "+table+" TABLESAMPLE SYSTEM ($1) LIMIT $2")),
	}
}

const (
	// smallTable has so few rows that a walk over all of them is quick.
	smallTable = 20_000
	// sampled is about how many rows a sample has.
	sampled = 2000
	// frequentOf are so many of the rows of a sample that a walk over all rows finds a page sooner than the index does.
	frequentOf = sampled / 200
	// mostGrams are enough to find rows by the index, if they are those that the fewest rows have.
	mostGrams = 3
)

// Sample reads a few rows at random, by which Where tells what many rows have.
//
// Errors: errs.Unavailable.
func (x *Index) Sample(ctx context.Context) error {
	rows, err := pg.One(ctx, x.db, x.size.With(x.table), pg.Int, nil)
	if err != nil || rows < smallTable {
		return err
	}
	percent := 100 * float64(sampled) / float64(rows)
	sample, err := pg.All(ctx, x.db, x.examples.With(percent, 2*sampled), func(s *string) []any { return []any{s} })
	if err == nil {
		x.sample.Store(&sample)
	}
	return err
}

// frequent reports whether many rows have all of the words.
// A table without a sample has none.
func (x *Index) frequent(words []word) bool {
	sample := x.sample.Load()
	if sample == nil {
		return false
	}
	n := 0
	for _, search := range *sample {
		if hasAll(search, words) {
			if n++; n >= frequentOf {
				return true
			}
		}
	}
	return false
}

// rarest returns those of the grams that the fewest rows of the sample have.
func (x *Index) rarest(grams []string) []string {
	sample := x.sample.Load()
	if sample == nil || len(grams) <= mostGrams {
		return grams
	}
	have := make(map[string]int, len(grams))
	for _, gram := range grams {
		for _, search := range *sample {
			if strings.Contains(search, gram) {
				have[gram]++
			}
		}
	}
	rarest := slices.Clone(grams)
	slices.SortStableFunc(rarest, func(a, b string) int { return have[a] - have[b] })
	return rarest[:mostGrams]
}

// hasAll reports whether one text of a row has all of the words.
func hasAll(search string, words []word) bool {
	for text := range strings.SplitSeq(search, string(betweenTexts)) {
		if !slices.ContainsFunc(words, func(w word) bool { return !w.in(text) }) {
			return true
		}
	}
	return false
}

// in reports whether the form of a text has the word.
func (w word) in(text string) bool {
	for _, r := range w.readings {
		has := true
		for _, p := range r.parts {
			has = has && strings.Contains(text, p.keys)
		}
		if has {
			return true
		}
	}
	return false
}

// Where is the condition for rows that a query finds.
func (x *Index) Where(q Query) squirrel.Sqlizer { return condition{x, q.words}.sql() }

// WhereBeside is Where, or one of the ways in which a row has some of the words and its place, in the column, the others.
func (x *Index) WhereBeside(q Query, column string, beside []Beside) squirrel.Sqlizer {
	if len(beside) == 0 {
		return x.Where(q)
	}
	either := squirrel.Or{x.Where(q)}
	for _, b := range beside {
		at := squirrel.Expr(column+" = ANY(?)", b.Places)
		if len(b.Places) > fewPlaces { // the planner would look at each
			at = squirrel.Expr(column+" IN (SELECT unnest(?::bigint[]))", b.Places)
		}
		either = append(either, squirrel.And{x.Where(Query{words: b.rest}), at})
	}
	return either
}
