package search

import (
	"slices"

	"github.com/Masterminds/squirrel"
)

// gramsColumn is what the index of grams is on; the schema says the same.
const gramsColumn = "string_to_array(search_grams, ' ')"

// condition is what rows must meet for a query, as SQL.
type condition struct {
	index *Index
	words []word
}

// sql is the condition.
//
// The grams only help to find rows: those that have all of a query's may not match it. They are left out where a walk over
// the rows is better. PostgreSQL cannot tell: grams of one word come together, and it takes them to be independent.
func (c condition) sql() squirrel.Sqlizer {
	indexed, seldom := c.words, false
	if c.index.frequent(c.words) {
		indexed, seldom = nil, !c.index.sample.Load().has(c.words, manyOf)
	} else if len(c.words) > 1 {
		if rare := slices.DeleteFunc(slices.Clone(c.words), func(w word) bool { return c.index.frequent([]word{w}) }); len(rare) > 0 {
			indexed = rare
		}
	}
	all := squirrel.And{}
	var grams []string // of the words that have one meaning: the index looks for all of them at once
	for _, w := range c.words {
		byIndex := slices.ContainsFunc(indexed, func(i word) bool { return i.typed == w.typed })
		if byIndex && len(w.readings) == 1 {
			grams, byIndex = append(grams, w.readings[0].grams()...), false
		}
		all = append(all, w.where(c.index, byIndex, seldom))
	}
	if len(grams) > 0 {
		all = append(all, c.index.have(grams))
	}
	if len(c.words) > 1 {
		all = append(all, c.together())
	}
	return all
}

// together is the condition for rows of which one text has all words.
func (c condition) together() squirrel.Sqlizer {
	either := squirrel.Or{}
	for n := range c.index.texts {
		all := squirrel.And{}
		for _, w := range c.words {
			meant := squirrel.Or{}
			for _, r := range w.readings {
				parts := squirrel.And{}
				for _, p := range r.parts {
					parts = append(parts, squirrel.Expr("strpos(split_part(search, E'\\t', ?), ?) > 0", n+1, p.keys))
				}
				meant = append(meant, parts)
			}
			if len(meant) > 0 {
				all = append(all, meant)
			}
		}
		either = append(either, all)
	}
	return either
}

// have is the condition for rows that have the grams.
func (x *Index) have(grams []string) squirrel.Sqlizer {
	return squirrel.Expr(gramsColumn+" @> ?::text[]", x.rarest(grams))
}

// none matches no row.
var none = squirrel.Expr("false")

func (w word) where(index *Index, byIndex, seldom bool) squirrel.Sqlizer {
	if len(w.readings) == 0 {
		return none
	}
	either := squirrel.Or{}
	for _, r := range w.readings {
		all := squirrel.And{}
		for _, p := range r.parts {
			all = append(all, p.within(seldom))
		}
		if grams := r.grams(); byIndex && len(grams) > 0 {
			all = append(all, index.have(grams))
		}
		either = append(either, all)
	}
	return either
}

// begins is the condition for rows in which a word begins with this one, or almost: Match says exactly.
func (w word) begins(index *Index) squirrel.Sqlizer {
	if len(w.readings) == 0 {
		return none
	}
	either := squirrel.Or{}
	for _, r := range w.readings {
		all := squirrel.And{}
		var grams []string
		for _, p := range r.parts {
			all, grams = append(all, p.within(false)), append(grams, p.grams...)
			if p.first {
				grams[len(grams)-len(p.grams)] = string(atWord) + p.grams[0]
			}
		}
		if len(grams) > 0 {
			all = append(all, index.have(grams))
		}
		either = append(either, all)
	}
	return either
}

func (r reading) grams() []string {
	var all []string
	for _, p := range r.parts {
		all = append(all, p.grams...)
	}
	return all
}

// within is the condition for rows that have the part. To the planner it means less than LIKE, which would count once more
// what it knows of the grams: it takes the rows to be a third of all, and of an equation, one in 200.
func (p part) within(seldom bool) squirrel.Sqlizer {
	if seldom {
		return squirrel.Expr("sign(strpos(search, ?)) = 1", p.keys)
	}
	return squirrel.Expr("strpos(search, ?) > 0", p.keys)
}
