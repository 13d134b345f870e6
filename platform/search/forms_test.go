package search_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"erp.internal/platform/search"
)

// The forms of a row are what they are defined as, whatever its texts are.
func TestFormsOf(t *testing.T) {
	t.Parallel()
	letters := []rune("김철수ㄱㅊㅅㅏㅘㄳ각뷁까 -^^^abcXYZ1.@ñễđæĳﬁ漢か\tᄚᄡ\u200b\u0301\u1100\u1161\u11a8ꭰ")
	texts := rapid.Ptr(rapid.OneOf(rapid.StringOfN(rapid.SampledFrom(letters), 0, 60, -1), rapid.String()), true)
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(texts, 0, 3).Draw(t, "texts")
		if got, want := search.FormsOf(given...), search.Defined(given...); got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func BenchmarkFormsOf(b *testing.B) {
	for name, texts := range map[string][]string{
		"user":         {"김철수", "chulsoo.kim@hospital.example.kr"},
		"name":         {"Nguyễn Văn An"},
		"organization": {"서울 제1 의료원", "대표전화 02-1001"},
		"long":         {"한빛병원", strings.Repeat("서울특별시 중구의 공공 의료기관이며 1958년에 문을 열었다. Open 24 hours; ask at the desk. ", 10)},
	} {
		b.Run(name, func(b *testing.B) {
			given := make([]*string, len(texts))
			for i := range texts {
				given[i] = &texts[i]
			}
			b.ReportAllocs()
			for b.Loop() {
				search.FormsOf(given...)
			}
		})
	}
}
