package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Forms are the texts of a row as they are searched, for its columns search and search_grams.
type Forms struct {
	// Keys are the texts, separated by tabs; each as keys (hangul.go) and, behind a line break, its initial consonants if it has
	// some. A search is a part of a text.
	Keys string
	// Grams are the parts with which a row is found by the index, separated by spaces.
	Grams string
}

// FormsOf returns the forms of the texts of a row, the one that it is called by first; nil is a text that is missing.
func FormsOf(texts ...*string) Forms {
	var keys strings.Builder
	forms := make([]form, 0, 2*len(texts))
	for i, s := range texts {
		if i > 0 {
			keys.WriteByte(betweenTexts)
		}
		if s == nil {
			continue
		}
		chars := charsOf(*s)
		typed, initial := typedForm(chars), initialForm(chars)
		keys.WriteString(typed.text)
		if initial.text != "" {
			keys.WriteByte(beforeInitials)
			keys.WriteString(initial.text)
		}
		forms = append(forms, typed, initial)
	}
	return Forms{Keys: keys.String(), Grams: gramsOf(forms)}
}

// The marks of the stored forms. No text holds them: charsOf leaves out spaces and controls.
const (
	betweenTexts   = '\t'
	beforeInitials = '\n'
	betweenGrams   = ' '
	betweenRuns    = ' ' // of initial consonants
	atWord         = '^' // before a gram with which a word begins; where a text holds it, it finds too much, which is looked at again
)

// form is a text as keys, or as initial consonants.
type form struct {
	keys   []rune
	text   string // the keys
	starts []start
}

// start is where a character begins, and grams begin with it.
type start struct {
	at          int // in keys
	offset      int // in text
	word        bool
	least, most int // lengths of its grams
}

// Grams of a syllable have up to six keys, which are two syllables of most names; a single consonant is found by its form
// of its own. Those of other characters, of which a word has more, are shorter.
const (
	leastOfSyllable = 2
	mostOfSyllable  = 6
	mostOfOthers    = 3
)

func typedForm(chars []char) form {
	n := 0
	for _, c := range chars {
		n += len(c.keys)
	}
	f := newForm(n, len(chars))
	offset := 0
	for _, c := range chars {
		switch {
		case c.syllable:
			f.starts = append(f.starts, start{len(f.keys), offset, c.begins, leastOfSyllable, mostOfSyllable})
		case c.initial == 0:
			f.starts = append(f.starts, start{len(f.keys), offset, c.begins, 1, mostOfOthers})
		}
		f.keys = append(f.keys, c.keys...)
		for _, key := range c.keys {
			offset += utf8.RuneLen(key)
		}
	}
	f.text = string(f.keys)
	return f
}

// initialForm is the initial consonants of a text; each run of other characters is one mark. It is empty for a text that has
// none.
func initialForm(chars []char) form {
	if !slices.ContainsFunc(chars, func(c char) bool { return c.initial != 0 }) {
		return form{}
	}
	f := newForm(len(chars), len(chars))
	offset := 0
	for _, c := range chars {
		switch {
		case c.initial != 0:
			f.starts = append(f.starts, start{len(f.keys), offset, c.begins, 1, mostOfOthers})
			f.keys, offset = append(f.keys, c.initial), offset+utf8.RuneLen(c.initial)
		case len(f.keys) == 0 || f.keys[len(f.keys)-1] != betweenRuns:
			f.keys, offset = append(f.keys, betweenRuns), offset+1
		}
	}
	f.text = string(f.keys)
	return f
}

func newForm(keys, starts int) form {
	return form{keys: make([]rune, 0, keys), starts: make([]start, 0, starts)}
}

// gramsOf are the grams of the forms of a row, each once.
func gramsOf(forms []form) string {
	starts := 0
	for _, f := range forms {
		starts += len(f.starts)
	}
	starts = min(starts, mostStarts)
	g := gramSet{known: make(map[gram]struct{}, gramsOfStart*starts)}
	g.all.Grow(bytesOfStart * starts)
	for _, f := range forms {
		g.add(f)
	}
	return g.all.String()
}

// What memory is taken for at first: about what the texts of most rows take.
const (
	mostStarts   = 64
	gramsOfStart = 3
	bytesOfStart = 16
)

// gramSet are grams, each once.
type gramSet struct {
	known map[gram]struct{}
	all   strings.Builder
}

// gram is a gram as a value that takes no memory of its own.
type gram [len(string(atWord)) + mostOfSyllable]rune

func (g *gramSet) add(f form) {
	for _, s := range f.starts {
		plain, marked, n := gram{}, gram{atWord}, 0
		for at, key := range f.text[s.offset:] {
			if n == s.most || key == betweenRuns {
				break
			}
			plain[n], marked[n+1] = key, key
			if n++; n < s.least {
				continue
			}
			text := f.text[s.offset : s.offset+at+utf8.RuneLen(key)]
			g.put(plain, "", text)
			if s.word {
				g.put(marked, string(atWord), text)
			}
		}
	}
}

func (g *gramSet) put(one gram, mark, text string) {
	if _, known := g.known[one]; known {
		return
	}
	g.known[one] = struct{}{}
	if g.all.Len() > 0 {
		g.all.WriteByte(betweenGrams)
	}
	g.all.WriteString(mark)
	g.all.WriteString(text)
}
