package main

import "strings"

// The Hangul syllables of Unicode are in the order of their initial consonant, vowel and final consonant.
const (
	firstSyllable = '가'
	vowels        = 21
	finals        = 28 // the first is none
)

// initialsOf returns the initial consonants of a text: ㄱㅊㅅ of 김철수.
func initialsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if !isSyllable(r) {
			return r
		}
		return []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")[(r-firstSyllable)/(vowels*finals)]
	}, text)
}

// halfTyped returns a text whose last syllable lacks its final consonant: 김처 of 김철.
func halfTyped(text string) string {
	runes := []rune(text)
	if last := len(runes) - 1; last >= 0 && isSyllable(runes[last]) {
		runes[last] -= (runes[last] - firstSyllable) % finals
	}
	return string(runes)
}

// onOtherKeyboard returns what the keys of a Korean text type on a keyboard of Latin letters: rlacjftn of 김철수.
func onOtherKeyboard(text string) string {
	initial := strings.Fields("r R s e E f a q Q t T d w W c z x v g")
	vowel := strings.Fields("k o i O j p u P h hk ho hl y n nj np nl b m ml l")
	final := append([]string{""}, strings.Fields("r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g")...)
	var keys strings.Builder
	for _, r := range text {
		if !isSyllable(r) {
			keys.WriteRune(r)
			continue
		}
		n := r - firstSyllable
		keys.WriteString(initial[n/(vowels*finals)] + vowel[n/finals%vowels] + final[n%finals])
	}
	return keys.String()
}

func isSyllable(r rune) bool { return r >= '가' && r <= '힣' }
