package search

import (
	"slices"
	"strings"
)

// sample is what some rows of a table are searched by, in one text, which is looked through faster than many.
type sample struct{ rows string }

// betweenRows is before and behind each row. No form holds it.
const betweenRows = "\r"

func newSample(rows []string) *sample {
	return &sample{betweenRows + strings.Join(rows, betweenRows) + betweenRows}
}

// has reports whether so many rows have all of the words; nil has none.
func (s *sample) has(words []word, atLeast int) bool {
	if s == nil || len(words) == 0 {
		return false
	}
	found := map[int]struct{}{} // where the rows begin: several readings may match the same row
	for _, r := range words[0].readings {
		for at := 0; ; {
			next := strings.Index(s.rows[at:], r.parts[0].keys)
			if next < 0 {
				break
			}
			from := strings.LastIndex(s.rows[:at+next], betweenRows) + 1
			at = from + strings.Index(s.rows[from:], betweenRows)
			if hasAll(s.rows[from:at], words) {
				found[from] = struct{}{}
			}
			if len(found) >= atLeast {
				return true
			}
		}
	}
	return false
}

// occurrences is how often the rows have a gram.
func (s *sample) occurrences(gram string) int { return strings.Count(s.rows, gram) }

// hasAll reports whether one text of a row has all of the words.
func hasAll(row string, words []word) bool {
	for text := range strings.SplitSeq(row, string(betweenTexts)) {
		if !slices.ContainsFunc(words, func(w word) bool { return !w.in(text) }) {
			return true
		}
	}
	return false
}
