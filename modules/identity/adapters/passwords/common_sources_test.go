package passwords

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trustelem/zxcvbn/frequency"
	"golang.org/x/text/unicode/norm"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/text"
)

// mostCommon is how many leaked passwords are refused of those that a policy would take otherwise (ASVS 6.2.4 asks for
// 3,000). The documented example of the old contract's create, secret123, comes behind them.
const mostCommon = 5000

// leaked names the list of leaked passwords among the library's lists, each with the most frequent first. A word that is
// in several of them is kept only in the one where its rank is best: so elephant is among the words of English.
const leaked = "passwords"

// korean are passwords that people choose here and that lists from elsewhere miss: Korean words, which stand for the
// keys that type them too (dkssudgktpdy is 안녕하세요), and walks over the keyboard that end as the kr-public policy
// asks, with a digit and another character.
//
//go:embed testdata/korean.txt
var korean string

// The digests are those of their sources: the mostCommon leaked passwords that the policy would take otherwise, words and
// names that are more frequent than the last of those, and all of korean. After a change of a source or a policy:
//
//	ERP_WRITE_COMMON=1 go test -run TestCommon_isOfItsSources ./adapters/passwords
func TestCommon_isOfItsSources(t *testing.T) {
	t.Parallel()
	for _, policy := range []domain.PasswordPolicy{domain.DefaultPolicy(), domain.KoreanPublicPolicy()} {
		file := "common/" + policy.Name
		want := digestsOf(sources(policy))
		if os.Getenv("ERP_WRITE_COMMON") != "" {
			if err := os.WriteFile(file, want, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := digests.ReadFile(file); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its sources give (%v): write it anew, as the comment of this test says", file, err)
		}
	}
}

// As many as docs/api/signing-in.md says, counted as a reader of the list would.
func TestCommon_asManyAsDocumented(t *testing.T) {
	t.Parallel()
	refused, most := Common(domain.DefaultPolicy()), 0
	for _, password := range frequency.FrequencyLists[leaked] {
		if !domain.DefaultPolicy().Admits(password) {
			continue
		}
		if !refused(password) {
			break
		}
		most++
	}
	if most < 5000 {
		t.Errorf("the %d most frequent are refused, want 5,000", most)
	}
}

func sources(policy domain.PasswordPolicy) map[string]struct{} {
	known := make(map[string]struct{}, 4*mostCommon)
	rank := 0 // in its list, up to which a word is common
	for _, password := range frequency.FrequencyLists[leaked] {
		if len(known) == mostCommon {
			break
		}
		if rank++; policy.Admits(password) {
			known[password] = struct{}{}
		}
	}
	for name, words := range frequency.FrequencyLists {
		for _, word := range words[:min(rank, len(words))] {
			if name != leaked && policy.Admits(word) {
				known[word] = struct{}{}
			}
		}
	}
	for password := range strings.Lines(korean) {
		password = strings.TrimSpace(password)
		known[password] = struct{}{}
		known[typed(password)] = struct{}{}
	}
	return known
}

func digestsOf(known map[string]struct{}) []byte {
	all := make([][]byte, 0, len(known))
	for password := range known {
		digest := sha256.Sum256([]byte(text.Folded(password)))
		all = append(all, digest[:digestBytes])
	}
	slices.SortFunc(all, bytes.Compare)
	return bytes.Join(slices.CompactFunc(all, bytes.Equal), nil)
}

// The keys of the two-set Korean keyboard, in the order of the conjoining letters of Unicode (section 3.12).
const (
	leadKeys  = "r R s e E f a q Q t T d w W c z x v g"
	vowelKeys = "k o i O j p u P h hk ho hl y n nj np nl b m ml l"
	tailKeys  = "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g"
)

// typed returns what Korean text becomes when it is typed while the keyboard is set to English.
func typed(s string) string {
	var keys strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case r >= 0x1100 && r <= 0x1112:
			keys.WriteString(strings.Fields(leadKeys)[r-0x1100])
		case r >= 0x1161 && r <= 0x1175:
			keys.WriteString(strings.Fields(vowelKeys)[r-0x1161])
		case r >= 0x11a8 && r <= 0x11c2:
			keys.WriteString(strings.Fields(tailKeys)[r-0x11a8])
		default:
			keys.WriteRune(r)
		}
	}
	return keys.String()
}
