package search

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"erp.internal/platform/text"
)

// Query is what a user typed to search for: words, all of which must match, in any order.
type Query struct {
	words []word
	whole word // the words as one, for the rank
}

// word is a word of a query, with what it may mean, the literal meaning first. A word without a meaning matches nothing.
type word struct {
	typed    string
	readings []reading
}

// reading is one meaning of a word: a row matches if it has all parts.
type reading struct{ parts []part }

// part is a piece of the stored keys.
type part struct {
	keys  string
	grams []string // by which rows that have the part are found
	first bool     // the first gram begins the part
	head  bool     // it is a part of texts, not of their initial consonants: the index of keys finds it at the beginning
}

const (
	// mostWords is the number of words that a query distinguishes; those beyond it count as one.
	mostWords = 8
	// leastOtherKeyboard is how many letters make it likely that the keyboard was not switched: shorter words of Latin
	// letters are syllables too often.
	leastOtherKeyboard = 3
	// leastMeantLatin is the same of whole syllables.
	leastMeantLatin = 5
)

// Parse reads a query. It is empty for a text without anything visible.
func Parse(typed string) Query {
	fields := strings.Fields(typed)
	if len(fields) > mostWords {
		fields = append(fields[:mostWords-1:mostWords-1], strings.Join(fields[mostWords-1:], ""))
	}
	var q Query
	for _, field := range fields {
		if !slices.ContainsFunc(q.words, func(w word) bool { return w.typed == field }) {
			q.words = append(q.words, wordOf(field))
		}
	}
	if len(q.words) == 1 {
		q.whole = q.words[0]
	} else if len(q.words) > 1 {
		q.whole = wordOf(strings.Join(fields, ""))
	}
	return q
}

// Empty reports whether nothing was typed: such a query does not filter.
func (q Query) Empty() bool { return len(q.words) == 0 }

// Words is the number of words.
func (q Query) Words() int { return len(q.words) }

func wordOf(typed string) word {
	w := word{typed: typed}
	add := func(r reading) {
		if len(r.parts) > 0 {
			w.readings = append(w.readings, r)
		}
	}
	chars := charsOf(typed)
	add(readingOf(chars))
	add(readingOf(switched(typed)))
	if meant := meantLatin(chars); meant != "" {
		add(readingOf(charsOf(meant)))
	}
	if shown := text.ShownDomain(typed); shown != typed {
		add(readingOf(charsOf(shown)))
	}
	return w
}

// readingOf is the literal meaning of characters. Consonants that are alone stand for syllables that begin with them; so
// does the last one behind syllables, as the next syllable half typed.
func readingOf(chars []char) reading {
	letters, syllables := 0, 0
	for _, c := range chars {
		switch {
		case c.letter && c.initial != 0:
			letters++
		case c.syllable:
			syllables++
		}
	}
	last := char{}
	if len(chars) > 1 {
		last = chars[len(chars)-1]
	}
	halfTyped := letters == 1 && last.letter && last.initial != 0
	switch {
	case len(chars) == 0:
		return reading{}
	case letters == 0 || halfTyped:
		return reading{[]part{partOf(typedForm(chars), true)}}
	case letters == len(chars):
		return reading{[]part{partOf(initialForm(chars), false)}}
	}
	var r reading
	for _, run := range runs(chars, func(c char) bool { return c.initial != 0 }) {
		r.parts = append(r.parts, partOf(initialForm(run), false))
	}
	for _, run := range runs(chars, func(c char) bool { return !c.letter || c.initial == 0 }) {
		r.parts = append(r.parts, partOf(typedForm(run), true))
	}
	return r
}

// runs are the characters that meet a condition, where they follow each other.
func runs(chars []char, meets func(char) bool) [][]char {
	var all [][]char
	open := false
	for i, c := range chars {
		if !meets(c) {
			open = false
			continue
		}
		if !open {
			all, open = append(all, nil), true
		}
		all[len(all)-1] = append(all[len(all)-1], chars[i])
	}
	return all
}

// partOf is a part with the grams that hold its keys: each reaches as far as it can, and is as long as it can be.
func partOf(f form, head bool) part {
	p := part{keys: f.text, head: head}
	for covered := 0; covered < len(f.keys); {
		best, reach := -1, covered
		for i, s := range f.starts {
			to := min(s.at+s.most, len(f.keys))
			if to-s.at < s.least || to <= reach {
				continue
			}
			if s.at > covered && best >= 0 {
				break
			}
			best, reach = i, to
		}
		if best < 0 {
			break
		}
		from := f.starts[best].at
		p.first = p.first || from == 0
		p.grams = append(p.grams, string(f.keys[from:reach]))
		covered = reach
	}
	return p
}

// switched are the syllables of a word that was typed in Latin letters on a keyboard that was to type Korean; none if its
// letters type no syllables.
func switched(typed string) []char {
	var chars []char
	var keys []rune
	letters := 0
	flush := func() bool {
		if len(keys) == 0 {
			return true
		}
		syllables, ok := compose(keys)
		chars, keys = append(chars, syllables...), nil
		return ok
	}
	typed = norm.NFKC.String(typed)
	if strings.IndexFunc(typed, unicode.IsLower) < 0 { // by Caps Lock, not by Shift
		typed = strings.ToLower(typed)
	}
	for _, r := range typed {
		if key := keyOf(r); key != 0 {
			keys, letters = append(keys, key), letters+1
			continue
		}
		if unicode.IsLetter(r) || !flush() {
			return nil
		}
		chars = append(chars, charsOf(string(r))...)
	}
	if !flush() || letters < leastOtherKeyboard {
		return nil
	}
	return chars
}

// meantLatin is the word in Latin letters that was typed on a keyboard that types Korean: "" unless letters remained alone
// as they do in no Korean word, or the word is so long that it is hardly found by chance.
func meantLatin(chars []char) string {
	var b strings.Builder
	keys, vowel, syllable := 0, false, false
	for _, c := range chars {
		if !c.hangul() {
			if key := c.keys[0]; key >= 'a' && key <= 'z' || key > unicode.MaxASCII {
				return ""
			}
			b.WriteRune(c.keys[0])
			continue
		}
		keys += len(c.keys)
		vowel, syllable = vowel || c.letter && c.initial == 0, syllable || c.syllable
		b.WriteString(latin(c.keys))
	}
	if vowel && keys > 1 || syllable && keys >= leastMeantLatin {
		return b.String()
	}
	return ""
}
