package passwords

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"erp.internal/modules/identity/domain"
)

// ASVS 6.2.4, ignoring case and Unicode form; for the whole password, so that a sentence with a common word is accepted.
func TestCommon(t *testing.T) {
	t.Parallel()
	byDefault, korean := Common(domain.DefaultPolicy()), Common(domain.KoreanPublicPolicy())
	for password, want := range map[string][2]bool{
		"password123":               {true, true},
		"Password123":               {true, true},
		"PASSWORD123":               {true, true},
		"ｐａｓｓｗｏｒｄ１２３":               {true, true},
		"12345678":                  {true, false}, // too short for kr-public, whatever else
		"iloveyou":                  {true, false},
		"elephant":                  {true, false}, // a word, and a leaked password
		"December":                  {true, false},
		"secret123":                 {false, true}, // the 5,979th, and one of the first 5,000 with letters and digits
		"dkssudgktpdy":              {true, true},  // 안녕하세요 on an English keyboard
		"qlalfqjsgh":                {true, true},  // 비밀번호
		"rhksflwk1234!":             {true, true},  // 관리자1234!
		"Qwer1234!":                 {true, true},
		"독도는우리땅":                    {true, true},
		norm.NFD.String("독도는우리땅"):   {true, true},
		"correct horse password123": {false, false},
		"q7!xkw2p":                  {false, false},
	} {
		if got := [2]bool{byDefault(password), korean(password)}; got != want {
			t.Errorf("%s: by default and kr-public %v, want %v", password, got, want)
		}
	}
}
