package main

import "testing"

func TestHangul(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, initials, half, keys string }{
		{"김철수", "ㄱㅊㅅ", "김철수", "rlacjftn"},
		{"김철", "ㄱㅊ", "김처", "rlacjf"},
		{"까닭", "ㄲㄷ", "까다", "Rkekfr"},
		{"왜곡", "ㅇㄱ", "왜고", "dhorhr"},
		{"값 A", "ㄱ A", "값 A", "rkqt A"},
		{"", "", "", ""},
	} {
		if got := initialsOf(test.text); got != test.initials {
			t.Errorf("the initials of %s are %s, want %s", test.text, got, test.initials)
		}
		if got := halfTyped(test.text); got != test.half {
			t.Errorf("%s half typed is %s, want %s", test.text, got, test.half)
		}
		if got := onOtherKeyboard(test.text); got != test.keys {
			t.Errorf("%s on the other keyboard is %s, want %s", test.text, got, test.keys)
		}
	}
}
