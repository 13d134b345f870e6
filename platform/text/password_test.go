package text_test

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"erp.internal/platform/text"
)

// RFC 8265, section 4.2.2: what is the same password, and what is not.
func TestPassword(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		norm.NFD.String("비밀번호 é"):  "비밀번호 é",
		"correct\u3000horse\u00a0": "correct horse ",
		" Secret\t":                " Secret\t",
		"ｓｅｃｒｅｔ１":                  "ｓｅｃｒｅｔ１",
		"secret\u200d":             "secret\u200d",
		"ﬁ²":                       "ﬁ²",
	} {
		if got := text.Password(typed); got != want || text.Password(got) != got {
			t.Errorf("%+q becomes %+q", typed, got)
		}
	}
}
