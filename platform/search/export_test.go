package search

import (
	"slices"
	"strings"
)

// Finds reports whether a query finds a row of one text, as the statement does: by its grams and by its keys.
func Finds(q Query, s string) bool {
	forms := FormsOf(&s)
	grams := strings.Split(forms.Grams, string(betweenGrams))
	for _, w := range q.words {
		if !slices.ContainsFunc(w.readings, func(r reading) bool {
			for _, gram := range r.grams() {
				if !slices.Contains(grams, gram) {
					return false
				}
			}
			return word{readings: []reading{r}}.in(forms.Keys)
		}) {
			return false
		}
	}
	return !q.Empty()
}

// Defined returns the forms of texts as they are defined, whatever that costs.
func Defined(texts ...*string) Forms {
	var keys, grams []string
	add := func(form []rune, at int, begins bool, least, most int) {
		for n := least; n <= most && at+n <= len(form) && form[at+n-1] != betweenRuns; n++ {
			for _, mark := range []string{"", string(atWord)}[:map[bool]int{false: 1, true: 2}[begins]] {
				if gram := mark + string(form[at:at+n]); !slices.Contains(grams, gram) {
					grams = append(grams, gram)
				}
			}
		}
	}
	for _, s := range texts {
		if s == nil {
			keys = append(keys, "")
			continue
		}
		var typed, initial []rune
		chars, hasInitial := charsOf(*s), false
		ats := make([][2]int, len(chars)) // where each character is in the two
		for i, c := range chars {
			ats[i] = [2]int{len(typed), len(initial)}
			typed = append(typed, c.keys...)
			if c.initial != 0 {
				initial, hasInitial = append(initial, c.initial), true
			} else if len(initial) == 0 || initial[len(initial)-1] != betweenRuns {
				initial = append(initial, betweenRuns)
			}
		}
		for i, c := range chars {
			if c.syllable {
				add(typed, ats[i][0], c.begins, 2, 6)
			} else if c.initial == 0 {
				add(typed, ats[i][0], c.begins, 1, 3)
			}
		}
		for i, c := range chars {
			if c.initial != 0 {
				add(initial, ats[i][1], c.begins, 1, 3)
			}
		}
		text := string(typed)
		if hasInitial {
			text += string(beforeInitials) + string(initial)
		}
		keys = append(keys, text)
	}
	return Forms{Keys: strings.Join(keys, string(betweenTexts)), Grams: strings.Join(grams, string(betweenGrams))}
}

// Sampled returns what reports whether a query finds so many rows of a sample of rows of one text.
func Sampled(q Query, texts []string, atLeast int) func() bool {
	rows := make([]string, len(texts))
	for i := range texts {
		rows[i] = FormsOf(&texts[i]).Keys
	}
	s := newSample(rows)
	return func() bool { return s.has(q.words, atLeast) }
}
