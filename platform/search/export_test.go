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
