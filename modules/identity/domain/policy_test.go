package domain_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"erp.internal/modules/identity/domain"
	"erp.internal/platform/errs"
)

// Each row names the rule it is about: an id of OWASP ASVS 5.0, or a K row of the Korean rules.
func TestPasswordPolicy(t *testing.T) {
	t.Parallel()
	byDefault, korean := domain.DefaultPolicy(), domain.KoreanPublicPolicy()
	for name, c := range map[string]struct {
		policy   domain.PasswordPolicy
		password string
		want     []string
	}{
		"ASVS 6.2.1 seven characters are too few":             {byDefault, "q7!xKw2", []string{"too_short"}},
		"ASVS 6.2.1 eight are enough":                         {byDefault, "q7!xKw2p", nil},
		"ASVS 6.2.1 characters are counted, not bytes":        {byDefault, "비밀번호예요", []string{"too_short"}},
		"ASVS 6.2.4 what many choose is refused":              {byDefault, "iloveyou", []string{"too_common"}},
		"ASVS 6.2.4 in whatever case":                         {byDefault, "ILoveYou", []string{"too_common"}},
		"ASVS 6.2.5 no class is asked for":                    {byDefault, "aaaa bbbb cccc", nil},
		"ASVS 6.2.5 the documented example":                   {byDefault, "secret123", nil},
		"ASVS 6.2.8 spaces at the ends count":                 {byDefault, " q7xKw2 ", nil},
		"ASVS 6.2.9 64 characters":                            {byDefault, strings.Repeat("q7!xKw2p", 8), nil},
		"ASVS 6.2.9 1,024 bytes":                              {byDefault, strings.Repeat("q7!xKw2p", 128), nil},
		"ASVS 6.2.9 one byte more":                            {byDefault, strings.Repeat("q7!xKw2p", 128) + "x", []string{"too_long"}},
		"ASVS 6.2.11 the own email":                           {byDefault, "alice@example.com", []string{"too_personal"}},
		"ASVS 6.2.11 the own email in other case":             {byDefault, "ALICE@example.COM", []string{"too_personal"}},
		"ASVS 6.2.11 its local part with a few digits":        {byDefault, "alice1234", []string{"too_personal"}},
		"ASVS 6.2.11 the own name":                            {byDefault, "liddell-99", []string{"too_personal"}},
		"ASVS 6.2.11 the own name in another Unicode form":    {byDefault, "Ａｌｉｃｅ１２３４", []string{"too_personal"}},
		"ASVS 6.2.11 the product's name":                      {byDefault, "erpbackend", []string{"too_personal"}},
		"ASVS 6.2.11 a word of one's own among enough others": {byDefault, "correct horse alice", nil},
		"K24 nine characters":                                 {korean, "q7!xKw2p", []string{"too_short"}},
		"K24 of three classes":                                {korean, "q7xkw2pzz", []string{"too_few_classes"}},
		"K24 lower case, upper case and digits":               {korean, "q7xKw2pzz", nil},
		"K24 Hangul is a class of its own":                    {korean, "비밀번호 abc 1234", nil},
		"K24 every violation at once":                         {korean, "qwerty", []string{"too_common", "too_few_classes", "too_short"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			email, err := domain.ParseEmail("alice@example.com")
			if err != nil {
				t.Fatal(err)
			}
			common := func(s string) bool { return strings.EqualFold(s, "iloveyou") || s == "qwerty" }
			var refused *errs.Error
			err = c.policy.Check(c.password, domain.PasswordContext{Email: email, FullName: "Alice Liddell", Product: "ERP Backend", Common: common})
			var got []string
			if errors.As(err, &refused) {
				for _, f := range refused.Fields {
					got = append(got, f.Code)
				}
			}
			if slices.Sort(got); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestPasswordPolicy_Admits(t *testing.T) {
	t.Parallel()
	byDefault, korean := domain.DefaultPolicy(), domain.KoreanPublicPolicy()
	for word, want := range map[string][2]bool{
		"iloveyou": {true, false}, "password": {true, false}, "1234567": {}, "password1": {true, true}, "1q2w3e4r": {true, false},
		"123456789": {true, false}, "12345678a": {true, false}, "1234567ab": {true, true}, "1234567!a": {true, true}, "비밀번호비밀번호": {true, false},
	} {
		if got := [2]bool{byDefault.Admits(word), korean.Admits(word)}; got != want {
			t.Errorf("%s: by default and kr-public %v, want %v", word, got, want)
		}
	}
}

func TestCredential_RequiredFrom(t *testing.T) {
	t.Parallel()
	now := time.Now()
	expired := func(policy domain.PasswordPolicy, changedAt time.Time) bool {
		c := domain.Credential{Hash: "$argon2id$", MustChange: domain.NoChange, ChangedAt: changedAt}
		return !now.Before(c.RequiredFrom(policy))
	}
	if expired(domain.DefaultPolicy(), now.AddDate(-10, 0, 0)) {
		t.Error("ASVS 6.2.10: a password expired")
	}
	korean := domain.KoreanPublicPolicy()
	if expired(korean, now.AddDate(0, 0, -89)) || !expired(korean, now.AddDate(0, 0, -90)) {
		t.Error("K24: a password is good for 90 days")
	}
}

func TestPasswordPolicy_UnmarshalText(t *testing.T) {
	t.Parallel()
	var p domain.PasswordPolicy
	if err := p.UnmarshalText([]byte("kr-public")); err != nil || p != domain.KoreanPublicPolicy() {
		t.Errorf("got %v, %v", p, err)
	}
	if err := p.UnmarshalText([]byte("none")); err == nil {
		t.Error("an unknown name was taken")
	}
}

// What is made at random is taken by every policy, and never twice the same.
func TestNewPassword(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		made := domain.NewPassword()
		for _, policy := range []domain.PasswordPolicy{domain.DefaultPolicy(), domain.KoreanPublicPolicy()} {
			if err := policy.Check(made, domain.PasswordContext{}); err != nil {
				t.Errorf("%s does not take %q: %v", policy.Name, made, err)
			}
		}
		if seen[made] {
			t.Errorf("%q was made twice", made)
		}
		seen[made] = true
	}
}

func TestNewToken(t *testing.T) {
	t.Parallel()
	if a, b := domain.NewToken(), domain.NewToken(); a == b || len(a) != domain.TokenLength {
		t.Errorf("ASVS 7.2.3: got %q and %q", a, b)
	}
}

func TestNormalCode(t *testing.T) {
	t.Parallel()
	code := domain.NewCode()
	typed := strings.ToLower(strings.Replace(strings.Replace(strings.Replace(code, "-", " ", 1), "-", "\u2013", 1), "-", "\u00a0", 1)) + "\n"
	if domain.NormalCode(typed) != domain.NormalCode(code) || len(domain.NormalCode(code)) != 20 {
		t.Errorf("%q and %q are not the same", code, typed)
	}
	if domain.NormalCode("oil-0") != "0110" {
		t.Errorf("letters taken for others: %q", domain.NormalCode("oil-0"))
	}
}
