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
	sample                      atomic.Pointer[sample]
}

// mostTexts is how many texts of a row are searched.
const mostTexts = 3

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
	// rareOf are so few that a scope need not help to find them.
	rareOf = sampled / 1000
	// manyOf are so many that PostgreSQL is right when it takes them to be a third of all.
	manyOf = sampled / 10
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
	examples, err := pg.All(ctx, x.db, x.examples.With(percent, 2*sampled), func(s *string) []any { return []any{s} })
	if err == nil {
		x.sample.Store(newSample(examples))
	}
	return err
}

// frequent reports whether many rows have all of the words.
// A table without a sample has none.
func (x *Index) frequent(words []word) bool { return x.sample.Load().has(words, frequentOf) }

// fewHave reports whether fewer rows of a sample than so many have what a query looks for, so that the index of grams finds them soon,
// in any order: then nothing is left for the planner to choose, and planning would take longer than the search.
func (x *Index) fewHave(q Query, fewerThan int) bool {
	return len(q.words) == 1 && !x.sample.Load().has(q.words, fewerThan) // there are as many texts of statements as numbers of words
}

// rarest returns those of the grams that the fewest rows of the sample have.
func (x *Index) rarest(grams []string) []string {
	sample := x.sample.Load()
	if sample == nil || len(grams) <= mostGrams {
		return grams
	}
	have := make(map[string]int, len(grams))
	for _, gram := range grams {
		have[gram] = sample.occurrences(gram)
	}
	rarest := slices.Clone(grams)
	slices.SortStableFunc(rarest, func(a, b string) int { return have[a] - have[b] })
	return rarest[:mostGrams]
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

// Listed returns a list and its query, of rows that a query finds, with those beside (see WhereBeside). Narrow says that the query
// has a condition which few rows may meet, such as a scope's: then the planner chooses what finds them.
func Listed[T any](x *Index, list pg.List[T], query squirrel.SelectBuilder, narrow bool, q Query, column string, beside []Beside) (pg.List[T], squirrel.SelectBuilder) {
	if narrow || len(beside) > 0 || !x.fewHave(q, frequentOf) {
		return list, query.Where(x.WhereBeside(q, column, beside))
	}
	// OFFSET keeps the other conditions and the order out of the search, so that it is always by the index of grams.
	list.Generic = true
	named := x.table[strings.LastIndexByte(x.table, '.')+1:]
	return list, query.FromSelect(squirrel.Select("*").From(x.table).Where(x.Where(q)).Suffix("OFFSET 0"), named)
}

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
