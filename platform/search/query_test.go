package search_test

import (
	"testing"

	"erp.internal/platform/search"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		typed, stored string
		want          search.Rank
	}{
		{"김철수", "김철수", search.Exact},
		{"김", "김철수", search.Prefix},
		{"철수", "김철수", search.Inside},
		{"철수", "김 철수", search.Word},
		{"김 철수", "김철수", search.Exact},
		{"철수 김", "김철수", search.Inside},
		{"ㄱㅊㅅ", "김철수", search.Exact},
		{"ㅊㅅ", "김철수", search.Inside},
		{"ㄳ", "김수", search.Exact},
		{"김ㅊ", "김철수", search.Prefix},
		{"김ㅊㅅ", "김철수", search.Prefix},
		{"ㄱ철ㅅ", "김철수", search.Inside},
		{"기", "김철수", search.Prefix},
		{"김처", "김철수", search.Prefix},
		{"고", "과장", search.Prefix},
		{"갑", "값", search.Prefix},
		{"rlacjftn", "김철수", search.Exact},
		{"RLACJFTN", "김철수", search.Exact},   // Caps Lock
		{"RlaCjfTn", "김철수", search.Nowhere}, // Shift types other letters
		{"Rkcl", "까치", search.Exact},
		{"rlac", "김철수", search.Prefix},
		{"rla cjf", "김철수", search.Prefix},
		{"rk", "가", search.Nowhere}, // too short to be meant so
		{"ㅏㅑㅡ", "Kim Chulsoo", search.Prefix},
		{"ㅏㅑㅡ", "Chulsoo Kim", search.Word},
		{"년무", "susan", search.Exact},
		{"해ㅐㅇ", "good", search.Exact},
		{"chulsoo kim", "Kim Chul-Soo", search.Word},
		{"Nguyen", "Nguyễn", search.Exact},
		{"nguyễn", "NGUYEN", search.Exact},
		{"김철수", "\u1100\u1175\u11b7\u110e\u1165\u11af\u1109\u116e", search.Exact},
		{"010 1234", "010-1234-5678", search.Prefix},
		{"0101234", "010-1234-5678", search.Prefix},
		{"까", "각가", search.Nowhere},
		{"수김", "김철수", search.Nowhere},
		{"ㅅㅊ", "김철수", search.Nowhere},
		{"김철순", "김철수", search.Nowhere},
		{"rla", "carla", search.Inside},
		{"-", "a-b", search.Nowhere},
		{"%", "50% 할인", search.Inside},
		{"_", "a b", search.Nowhere},
	} {
		if got := search.Parse(tc.typed).Match(&tc.stored).Rank; got != tc.want {
			t.Errorf("%q in %q: %v, want %v", tc.typed, tc.stored, got, tc.want)
		}
		if found := search.Finds(search.Parse(tc.typed), tc.stored); found != (tc.want != search.Nowhere) {
			t.Errorf("%q finds %q: %v", tc.typed, tc.stored, found)
		}
	}
}
