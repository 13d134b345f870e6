// Package search finds rows by what users type: in part, in Korean or in Latin letters, by initial consonants, on the wrong
// keyboard, without diacritics. A row is stored with its texts in a form that is searched (Forms), with an index on it, and
// a Query is the condition on that form.
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Normal returns a text as it is searched: without case, diacritics, and invisible characters, every syllable as the letters
// that type it, and one space for each run of spaces and hyphens. Two texts that a user would type the same are equal then.
func Normal(s string) string {
	var b strings.Builder
	for i, c := range charsOf(s) {
		if c.begins && i > 0 {
			b.WriteByte(' ')
		}
		for _, key := range c.keys {
			b.WriteRune(letterOfKey(key))
		}
	}
	return b.String()
}

// char is a character of a text: a syllable, a Hangul letter that is alone, or any other.
type char struct {
	keys     []rune // of a syllable, as hangul.go has them; otherwise the character itself
	initial  rune   // of a syllable or a consonant that is alone; otherwise 0
	syllable bool
	letter   bool // a Hangul letter that is alone
	begins   bool // a word, at the beginning or behind a space or a hyphen
}

func (c char) hangul() bool { return c.syllable || c.letter }

// lone is a consonant that is alone, by its key.
func lone(key rune) char { return char{keys: []rune{key}, initial: letterOf(key), letter: true} }

// charsOf reads a text.
func charsOf(s string) []char {
	runes := []rune(decomposed(s))
	chars := make([]char, 0, len(runes))
	keys := make([]rune, 0, len(runes)+len(runes)/2) // of syllables; those of other characters are not copied
	begins := true
	add := func(c char) {
		c.begins, begins = begins, false
		chars = append(chars, c)
	}
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if n, ok := initialOf(r); ok {
			c := char{keys: initialKeys[n : n+1], initial: initialLetters[n], letter: true}
			if i+1 < len(runes) {
				if v, ok := vowelOf(runes[i+1]); ok {
					from := len(keys)
					keys = append(append(keys, initialKeys[n]), vowels[v]...)
					i++
					if i+1 < len(runes) {
						if f, ok := finalOf(runes[i+1]); ok {
							keys = append(keys, finals[f]...)
							i++
						}
					}
					c.keys, c.syllable, c.letter = keys[from:], true, false
				}
			}
			add(c)
			continue
		}
		if n, ok := vowelOf(r); ok {
			add(char{keys: vowels[n], letter: true})
			continue
		}
		if two := twoOf(r); len(two) > 0 {
			for _, key := range two {
				add(lone(key))
			}
			continue
		}
		if ignored(r) {
			begins = true
			continue
		}
		add(char{keys: runes[i : i+1]})
	}
	return chars
}

// plain are letters that look like another with a diacritic, and that Unicode does not decompose.
var plain = strings.NewReplacer("đ", "d", "ð", "d", "ø", "o", "ł", "l", "ħ", "h", "ı", "i", "æ", "ae", "œ", "oe", "þ", "th", "ŧ", "t")

// decomposed returns a text in lower case, decomposed, and without diacritics and invisible characters.
func decomposed(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	s = norm.NFKD.String(strings.ToLower(cases.Fold().String(norm.NFKD.String(s)))) // folding makes Cherokee upper case
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Me, r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return plain.Replace(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ignored reports characters that do not count, other than that a word begins after them: spaces, hyphens, and controls,
// which the stored form uses itself.
func ignored(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Z, r) || unicode.Is(unicode.Pd, r) || r == '\u2212' || r == '\u00ad' || r == '\u2800'
}

// letterOfKey is the letter of a key; other characters are themselves.
func letterOfKey(key rune) rune {
	if letter := letterOf(key); letter != 0 {
		return letter
	}
	for i, v := range vowels {
		if len(v) == 1 && v[0] == key {
			return 'ㅏ' + rune(i)
		}
	}
	return key
}
