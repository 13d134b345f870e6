package text

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Invisible characters, with which different texts would look the same (UTR #36, section 2.10). Those that act on their
// neighbours stay where they do, so that 👩‍⚕️, Persian and Sinhala remain unchanged; elsewhere they are removed.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	textPresentation   = '\ufe0e'
	emojiPresentation  = '\ufe0f'
	keycap             = '\u20e3'
	blackFlag          = '\U0001f3f4' // begins the flags of regions, spelt with tag characters
	cancelTag          = '\U000e007f'
	mostTags           = 9 // with cancelTag
)

// withoutUnseen removes all invisible characters without an effect, and composes the result.
func withoutUnseen(s string) string {
	s = norm.NFC.String(s)
	for range 4 { // composing may move marks, so that further characters have no effect
		if strings.IndexFunc(s, ignorable) < 0 {
			return s
		}
		without := withoutIdle(s)
		if without == s {
			return s
		}
		s = without
	}
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, s))
}

func withoutIdle(s string) string {
	runes := []rune(s)
	following := seenAfter(runes)
	kept := make([]rune, 0, len(runes))
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if ignorable(r) && !acts(r, kept, following[i]) {
			continue
		}
		kept = append(kept, r)
		if r == blackFlag {
			tags := flagTags(runes[i+1:])
			kept = append(kept, tags...)
			i += len(tags)
		}
	}
	return norm.NFC.String(string(kept))
}

// seenAfter returns for each character the first after it that is not ignorable, 0 for none.
func seenAfter(runes []rune) []rune {
	following := make([]rune, len(runes))
	for i := len(runes) - 2; i >= 0; i-- {
		if following[i] = runes[i+1]; ignorable(runes[i+1]) {
			following[i] = following[i+1]
		}
	}
	return following
}

// flagTags returns the tags that spell the region of a flag (UTS #51, section 5.1), none when they are not whole.
func flagTags(after []rune) []rune {
	for i, r := range after[:min(len(after), mostTags)] {
		switch {
		case r == cancelTag:
			return after[:i+1]
		case r < 0xe0020 || r > cancelTag:
			return nil
		}
	}
	return nil
}

// ignorable reports invisible characters: the default ignorable code points (Unicode, section 5.21) but for the
// bidirectional controls, which lineControl refuses; the interlinear annotation controls and the replacement of an
// object, which browsers show as nothing; the filler of Khitan; and the noncharacters.
func ignorable(r rune) bool {
	switch {
	case r < 0xad || unicode.Is(unicode.Bidi_Control, r):
		return false
	case r >= 0xfff9 && r <= 0xfffc, r == 0x16fe4, unicode.Is(unicode.Noncharacter_Code_Point, r):
		return true
	case r >= 0x13430 && r <= 0x1345f: // they arrange hieroglyphs
		return false
	case unicode.Is(unicode.Cf, r):
		return !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// acts reports whether an ignorable character changes the look of the text before it or of the next visible character.
func acts(r rune, before []rune, following rune) bool {
	var last rune
	if len(before) > 0 {
		last = before[len(before)-1]
	}
	switch {
	case r == zeroWidthJoiner:
		return isSymbol(element(before)) && isSymbol(following) || shapes(last) || shapes(following)
	case r == zeroWidthNonJoiner: // RFC 5892, appendix A.1, or wider: what is compared holds none
		return shapes(last) && (unicode.IsLetter(following) || unicode.IsMark(following))
	case r == textPresentation || r == emojiPresentation:
		return isSymbol(last) || strings.ContainsRune("‼⁉ℹ〰〽", last) || strings.ContainsRune("#*0123456789", last) && following == keycap
	case unicode.Is(unicode.Variation_Selector, r):
		return unicode.In(last, unicode.Han, unicode.Mongolian, unicode.Myanmar, unicode.Phags_Pa) && !ignorable(last)
	}
	return false
}

// element returns the emoji that before ends with, without its presentation and its color of skin.
func element(before []rune) rune {
	for _, r := range slices.Backward(before[max(0, len(before)-3):]) {
		if r != emojiPresentation && (r < 0x1f3fb || r > 0x1f3ff) {
			return r
		}
	}
	return 0
}

func isSymbol(r rune) bool { return r > unicode.MaxASCII && unicode.IsSymbol(r) && !isSpace(r) }

// shapes reports whether joiners change how a character looks: in the scripts whose letters join, and beside a virama.
func shapes(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Mandaic, unicode.Nko, unicode.Mongolian, unicode.Phags_Pa, unicode.Adlam, unicode.Hanifi_Rohingya) ||
		norm.NFC.PropertiesString(string(r)).CCC() == 9
}

// oneSpace replaces every run of spaces by one U+0020: their number and width cannot be seen.
func oneSpace(s string) string { return strings.Join(strings.FieldsFunc(s, isSpace), " ") }

// isSpace reports characters that look like a space: those of Unicode, the empty Braille pattern and other blanks; not line
// breaks, which lineControl refuses.
func isSpace(r rune) bool {
	return unicode.Is(unicode.Zs, r) || r == '\u2800' || r == '\U0001d159' || r == '\U00013441' || r == '\U00013442'
}
