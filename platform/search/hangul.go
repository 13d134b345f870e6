package search

import (
	"slices"
	"strings"
)

// A Hangul syllable is written here as the keys that type it on a Korean keyboard of two sets (KS X 5002): 김 is ㄱ, ㅣ, ㅁ.
// So a syllable that is half typed is a prefix of the whole one, and the same keys read as Latin letters are what a user
// typed who forgot to switch the keyboard. A key is the Latin letter on it, in upper case: other text is in lower case, so
// that the two are never mixed up. The keys that need Shift have letters of their own.
const (
	initials = "RÀSEÁFAQÂTÃDWÄCZXVG" // of the consonants U+1100 and following, in their order
	shifted  = "ÀÁÂÃÄÅÆ"             // ㄲ ㄸ ㅃ ㅆ ㅉ ㅒ ㅖ
	unshift  = "REQTWOP"             // the keys that they are on
)

// The vowels U+1161 and following, and the final consonants U+11A8 and following.
var (
	vowels = keysOf("K O I Å J P U Æ H HK HO HL Y N NJ NP NL B M ML L")
	finals = keysOf("R À RT S SW SG E F FR FA FQ FT FX FV FG A Q QT T Ã D W C Z X V G")

	initialKeys = []rune(initials)
)

// keysOf are the keys of each field.
func keysOf(fields string) (all [][]rune) {
	for _, field := range strings.Fields(fields) {
		all = append(all, []rune(field))
	}
	return all
}

// The blocks of the conjoining letters, into which Unicode decomposes every syllable, and every letter that is alone.
const (
	firstInitial = 'ᄀ'
	firstVowel   = 'ᅡ'
	firstFinal   = 'ᆨ'
	// firstLetter is the first letter that is alone; the initial consonants are stored as such letters, apart from the
	// keys of syllables.
	lettersOfInitials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
)

var initialLetters = []rune(lettersOfInitials)

func initialOf(r rune) (n int, ok bool) {
	n = int(r - firstInitial)
	return n, n >= 0 && n < len(initialKeys)
}

func vowelOf(r rune) (n int, ok bool) {
	n = int(r - firstVowel)
	return n, n >= 0 && n < len(vowels)
}

func finalOf(r rune) (n int, ok bool) {
	n = int(r - firstFinal)
	return n, n >= 0 && n < len(finals)
}

// twoOf are the keys of two consonants that were typed as one letter, which is alone: none for other letters. Unicode has most of
// these letters as final consonants, and ㅀ and ㅄ as initial ones that are not used any more.
func twoOf(r rune) []rune {
	switch r {
	case 'ᄚ':
		return []rune("FG")
	case 'ᄡ':
		return []rune("QT")
	}
	if n, ok := finalOf(r); ok {
		return finals[n]
	}
	return nil
}

// letterOf is the letter of an initial consonant, by its key.
func letterOf(key rune) rune {
	for i, k := range initialKeys {
		if k == key {
			return initialLetters[i]
		}
	}
	return 0
}

func isVowelKey(key rune) bool     { return strings.ContainsRune("KOIÅJPUÆHYNBML", key) }
func isConsonantKey(key rune) bool { return strings.ContainsRune(initials, key) }

// latin is what the keys type when the keyboard is switched to Latin letters.
func latin(keys []rune) string {
	var b strings.Builder
	for _, key := range keys {
		if i := strings.IndexRune(shifted, key); i >= 0 {
			key = rune(unshift[i/2]) // each of shifted has two bytes
		}
		if key >= 'A' && key <= 'Z' {
			key += 'a' - 'A'
		}
		b.WriteRune(key)
	}
	return b.String()
}

// keyOf is the key that typed an ASCII letter; 0 for other characters.
func keyOf(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return r - ('a' - 'A')
	case r < 'A' || r > 'Z':
		return 0
	}
	if i := strings.IndexRune(unshift, r); i >= 0 {
		return []rune(shifted)[i]
	}
	return r
}

// compose reads keys as syllables. It fails for keys that type no syllables, such as those of most words in Latin letters;
// the last syllable may be half typed.
func compose(keys []rune) (syllables []char, ok bool) {
	for i := 0; i < len(keys); {
		if !isConsonantKey(keys[i]) {
			return nil, false
		}
		if i == len(keys)-1 && len(syllables) > 0 {
			return append(syllables, lone(keys[i])), true
		}
		end := i + 1 + vowelsAt(keys[i+1:])
		if end == i+1 || end < len(keys) && isVowelKey(keys[end]) {
			return nil, false
		}
		n, ok := finalsAt(keys[end:])
		if !ok {
			return nil, false
		}
		syllables = append(syllables, char{keys: keys[i : end+n], initial: letterOf(keys[i]), syllable: true})
		i = end + n
	}
	return syllables, len(syllables) > 0
}

// vowelsAt is the number of keys at the beginning that are one vowel.
func vowelsAt(keys []rune) int {
	switch {
	case len(keys) == 0 || !isVowelKey(keys[0]):
		return 0
	case len(keys) > 1 && isOne(vowels, keys[:2]):
		return 2
	default:
		return 1
	}
}

// finalsAt is the number of keys at the beginning that are the final consonant of a syllable, before the next syllable.
func finalsAt(keys []rune) (n int, ok bool) {
	run := 0
	for run < len(keys) && isConsonantKey(keys[run]) {
		run++
	}
	if run < len(keys) { // a vowel follows, whose initial is the last consonant
		if run == 0 {
			return 0, !isVowelKey(keys[0])
		}
		run--
		return run, run == 0 || isOne(finals, keys[:run])
	}
	switch {
	case run == 0:
		return 0, true
	case run <= 2 && isOne(finals, keys[:run]):
		return run, true
	default: // the last one begins the next syllable
		return run - 1, run == 1 || isOne(finals, keys[:run-1])
	}
}

func isOne(of [][]rune, keys []rune) bool {
	return slices.ContainsFunc(of, func(one []rune) bool { return slices.Equal(one, keys) })
}
