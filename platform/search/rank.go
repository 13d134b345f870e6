package search

import (
	"cmp"
	"strings"
)

// Rank says how well a text matches a query; the better ones are less.
type Rank int

// The ranks.
const (
	Exact  Rank = iota // a text is what was typed
	Prefix             // it begins with it
	Word               // a word in it begins with it
	Inside             // it is elsewhere in it
	Nowhere
)

// String is the rank as answers show it.
func (r Rank) String() string { return [...]string{"exact", "prefix", "word", "inside", "nowhere"}[r] }

// Match is how a row matches, for the order of what is found: by rank, the literal meaning of the query before others, the
// text that a row is called by before its others, and then by that text.
type Match struct {
	Rank    Rank
	reading int
	field   int
	name    string
}

// Compare orders matches.
func (m Match) Compare(other Match) int {
	return cmp.Or(cmp.Compare(m.Rank, other.Rank), cmp.Compare(m.reading, other.reading), cmp.Compare(m.field, other.field), strings.Compare(m.name, other.name))
}

// Match compares the texts of a row, as FormsOf takes them, with a query. A row has the rank of the whole query, or of the word
// that matches worst in the text that has the most of them: words that it does not have are those of a place beside the row.
func (q Query) Match(texts ...*string) Match {
	best, most := Match{Rank: Nowhere}, 0
	name := ""
	for i, s := range texts {
		if s == nil {
			continue
		}
		chars := charsOf(*s)
		text := rowText{i, typedForm(chars), initialForm(chars)}
		if i == 0 {
			name = text.typed.text
		}
		has := 0
		words := Match{Rank: Exact, field: i}
		for _, w := range q.words {
			if m := w.match(text); m.Rank != Nowhere {
				has++
				words.Rank, words.reading = max(words.Rank, m.Rank), max(words.reading, m.reading)
			}
		}
		if whole := q.whole.match(text); whole.Compare(words) < 0 && whole.Rank != Nowhere || has == 0 {
			words = whole
		}
		if has > most || has == most && words.Compare(best) < 0 {
			best, most = words, has
		}
	}
	best.name = name
	return best
}

type rowText struct {
	field          int
	typed, initial form
}

func (w word) match(row rowText) Match {
	best := Match{Rank: Nowhere, field: row.field}
	for i, r := range w.readings {
		worst := Exact
		for _, p := range r.parts {
			worst = max(worst, p.rank(row))
		}
		if m := (Match{Rank: worst, reading: i, field: row.field}); m.Compare(best) < 0 {
			best = m
		}
	}
	return best
}

func (p part) rank(row rowText) Rank {
	f := row.initial
	if p.head {
		f = row.typed
	}
	switch {
	case f.text == p.keys:
		return Exact
	case strings.HasPrefix(f.text, p.keys):
		return Prefix
	case !strings.Contains(f.text, p.keys):
		return Nowhere
	}
	for _, s := range f.starts {
		if s.word && strings.HasPrefix(f.text[s.offset:], p.keys) {
			return Word
		}
	}
	return Inside
}

// Text returns which of the texts that Match was given matches best.
func (m Match) Text() int { return m.field }
