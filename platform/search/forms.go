package search

import "strings"

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
	grams := gramSet{known: map[string]struct{}{}}
	for i, s := range texts {
		if i > 0 {
			keys.WriteByte(betweenTexts)
		}
		if s == nil {
			continue
		}
		chars := charsOf(*s)
		typed, initial := typedForm(chars), initialForm(chars)
		keys.WriteString(string(typed.keys))
		if len(initial.keys) > 0 {
			keys.WriteString(string(beforeInitials) + string(initial.keys))
		}
		grams.add(typed)
		grams.add(initial)
	}
	return Forms{Keys: keys.String(), Grams: grams.all.String()}
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
	starts []start
}

// start is where a character begins, and grams begin with it.
type start struct {
	at          int
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
	var f form
	for _, c := range chars {
		switch {
		case c.syllable:
			f.starts = append(f.starts, start{len(f.keys), c.begins, leastOfSyllable, mostOfSyllable})
		case c.initial == 0:
			f.starts = append(f.starts, start{len(f.keys), c.begins, 1, mostOfOthers})
		}
		f.keys = append(f.keys, []rune(c.keys)...)
	}
	return f
}

// initialForm is the initial consonants of a text; each run of other characters is one mark.
func initialForm(chars []char) form {
	var f form
	for _, c := range chars {
		switch {
		case c.initial != 0:
			f.starts = append(f.starts, start{len(f.keys), c.begins, 1, mostOfOthers})
			f.keys = append(f.keys, c.initial)
		case len(f.keys) == 0 || f.keys[len(f.keys)-1] != betweenRuns:
			f.keys = append(f.keys, betweenRuns)
		}
	}
	if len(f.starts) == 0 {
		return form{}
	}
	return f
}

// gramSet are the grams of a row, each once.
type gramSet struct {
	known map[string]struct{}
	all   strings.Builder
}

func (g *gramSet) add(f form) {
	for _, s := range f.starts {
		for n := s.least; n <= s.most && s.at+n <= len(f.keys) && f.keys[s.at+n-1] != betweenRuns; n++ {
			gram := string(f.keys[s.at : s.at+n])
			g.put(gram)
			if s.word {
				g.put(string(atWord) + gram)
			}
		}
	}
}

func (g *gramSet) put(gram string) {
	if _, known := g.known[gram]; known {
		return
	}
	g.known[gram] = struct{}{}
	if g.all.Len() > 0 {
		g.all.WriteByte(betweenGrams)
	}
	g.all.WriteString(gram)
}
