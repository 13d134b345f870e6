package search_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"erp.internal/platform/search"
)

func TestNormal(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":                "",
		" - ":             "",
		"김철수":             "ㄱㅣㅁㅊㅓㄹㅅㅜ",
		"과 값 까치":          "ㄱㅗㅏ ㄱㅏㅂㅅ ㄲㅏㅊㅣ",
		"ㄱㅊㅅ":             "ㄱㅊㅅ",
		"ㅄ":               "ㅂㅅ",
		"서울-한빛  병원(주)":    "ㅅㅓㅇㅜㄹ ㅎㅏㄴㅂㅣㅊ ㅂㅕㅇㅇㅜㅓㄴ(ㅈㅜ)",
		"Nguyễn Văn Đức":  "nguyen van duc",
		"Ｓｔｒａßｅ ﬁ ②":      "strasse fi 2",
		"A\u200bB\u00adC": "abc",
		"010–1234‑5678":   "010 1234 5678",
		"İSTANBUL ıŞık":   "istanbul isik",
		"漢字 かな":           "漢字 かな",
		"a\xffb":          "ab",
	} {
		if got := search.Normal(typed); got != want {
			t.Errorf("%q is %q, want %q", typed, got, want)
		}
		if got := search.Normal(norm.NFD.String(typed)); got != want {
			t.Errorf("%q, decomposed, is %q, want %q", typed, got, want)
		}
	}
}

// A row is found by every part of its texts, whatever they are.
func FuzzForms(f *testing.F) {
	for _, s := range []string{"김철수", "Nguyễn Văn", "ㄱㅊㅅ", "kim.chulsoo@example.com", "서울-한빛 병원(주)", "까치 값 과", "ㅏㅑㅡ", "뷁쀍", "\u1100\u1161\u11a8\u11a8", "각가", "ᄀ가"} {
		f.Add(s, 1, 2)
	}
	f.Fuzz(func(t *testing.T, s string, from, n int) {
		normal := search.Normal(s)
		if again := search.Normal(normal); again != normal {
			t.Fatalf("%q is %q, which is %q", s, normal, again)
		}
		if !utf8.ValidString(normal) || strings.Contains(normal, "  ") || normal != strings.TrimSpace(normal) {
			t.Fatalf("%q is %q", s, normal)
		}
		forms := search.FormsOf(&s)
		if forms != search.FormsOf(new(norm.NFD.String(s))) {
			t.Fatalf("%q has other forms when it is decomposed", s)
		}
		characters := []rune(norm.NFC.String(s))
		if len(characters) == 0 || !utf8.ValidString(s) {
			return
		}
		from = min(max(from, 0), len(characters)-1)
		n = min(max(n, 1), len(characters)-from)
		part := string(characters[from : from+n])
		q := search.Parse(part)
		if q.Empty() || q.Words() > 1 || search.Normal(part) == "" {
			return
		}
		if !search.Finds(q, s) {
			t.Fatalf("%q does not find %q: %+v", part, s, forms)
		}
		if q.Match(&s).Rank == search.Nowhere {
			t.Fatalf("%q matches nowhere in %q", part, s)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"rlacjftn", "ㅏㅑㅡ", "김ㅊ", "내과 김철수", "xn--om3bw6p.xn--3e0b707e", "RkRk", "qqq", "ㅎㅐㅐㅇ"} {
		f.Add(s, "김철수")
	}
	f.Fuzz(func(t *testing.T, typed, stored string) {
		q := search.Parse(typed)
		if search.Finds(q, stored) && q.Words() == 1 && q.Match(&stored).Rank == search.Nowhere {
			t.Fatalf("%q finds %q, and matches nowhere", typed, stored)
		}
	})
}
