package domain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"erp.internal/platform/errs"
	"erp.internal/platform/text"
)

// MaxPasswordBytes bounds what is hashed (ASVS 6.2.9 asks for 64 characters at least).
const MaxPasswordBytes = 1024

// leastWord is the length from which on a word of the user's counts as one, in characters.
const leastWord = 3

// PasswordPolicy is what an installation asks of passwords and of those who use them.
type PasswordPolicy struct {
	Name       string
	MinLength  int           // characters
	MinClasses int           // of lower case, upper case, digits, and all others; a letter without case is one of the others
	MaxAge     time.Duration // after which a password must be changed; 0: never
	History    int           // how many passwords, with the present one, may not come back
	Attempts   int           // failures until the account is locked
	LockFor    time.Duration
	Idle       time.Duration // of sessions, where it is shorter than the setting; 0: the setting
	OneSession bool          // a sign-in ends the sessions before it
}

// DefaultPolicy follows OWASP ASVS 5.0: length counts (6.2.1), composition does not (6.2.5), and nothing expires
// (6.2.10).
func DefaultPolicy() PasswordPolicy {
	return PasswordPolicy{Name: "default", MinLength: 8, Attempts: 10, LockFor: 15 * time.Minute}
}

// KoreanPublicPolicy adds what Korean public institutions ask: 9 characters of 3 classes, another one each 90 days and
// none of the last 3 (K24), a lock after 5 failures (K25), and one session that ends after 10 idle minutes (K26).
func KoreanPublicPolicy() PasswordPolicy {
	return PasswordPolicy{
		Name: "kr-public", MinLength: 9, MinClasses: 3, MaxAge: 90 * 24 * time.Hour, History: 3,
		Attempts: 5, LockFor: 30 * time.Minute, Idle: 10 * time.Minute, OneSession: true,
	}
}

// UnmarshalText reads a policy's name.
//
// Errors: any other text than "default" and "kr-public".
func (p *PasswordPolicy) UnmarshalText(name []byte) error {
	for _, policy := range []PasswordPolicy{DefaultPolicy(), KoreanPublicPolicy()} {
		if policy.Name == string(name) {
			*p = policy
			return nil
		}
	}
	return errors.New("unknown password policy")
}

// PasswordContext is whose password it is, and what many others have.
type PasswordContext struct {
	Email          Email
	FullName       string
	EmployeeNumber string
	Phone          string
	Product        string
	Common         func(password string) bool
}

// Check reports whether the policy takes a password, which is looked at as it will be hashed (text.Password). Words of the
// user's own do not count towards its length (6.2.11): the email and its parts, the name and its parts, the employee number,
// the phone number and its longer parts, and the product's name. So "alice1234" is too short for alice@example.com, and "correct horse alice" is not.
//
// Errors: errs.Invalid with every violation, whose location is left to the caller.
func (p PasswordPolicy) Check(password string, about PasswordContext) error {
	var v errs.Violations
	length := utf8.RuneCountInString(password)
	switch {
	case length < p.MinLength:
		v.Note(errs.Field{Code: "too_short", Message: fmt.Sprintf("must have at least %d characters", p.MinLength), Params: errs.Params{"min": p.MinLength}})
	case len(password) > MaxPasswordBytes:
		v.Note(errs.Field{Code: "too_long", Message: fmt.Sprintf("must have at most %d bytes", MaxPasswordBytes), Params: errs.Params{"max": MaxPasswordBytes}})
	}
	if classes(password) < p.MinClasses {
		v.Note(errs.Field{
			Code: "too_few_classes", Params: errs.Params{"min": p.MinClasses},
			Message: fmt.Sprintf("must have %d of these: lower case letters, upper case letters, digits, other characters", p.MinClasses),
		})
	}
	if about.Common != nil && about.Common(password) {
		v.Add("", "too_common", "is one that many people choose: choose another one")
	}
	if length >= p.MinLength && utf8.RuneCountInString(withoutWords(password, about)) < p.MinLength {
		v.Note(errs.Field{
			Code: "too_personal", Params: errs.Params{"min": p.MinLength},
			Message: fmt.Sprintf("must have at least %d characters besides the email, the name, the numbers of the user, and the name of this product", p.MinLength),
		})
	}
	return v.Err()
}

// Admits reports whether a word has the length and the classes that the policy asks for, in some mixture of upper and lower
// case.
func (p PasswordPolicy) Admits(word string) bool {
	if utf8.RuneCountInString(word) < p.MinLength {
		return false
	}
	mixed := []rune(strings.ToLower(word))
	if first := slices.IndexFunc(mixed, unicode.IsLower); first >= 0 && slices.ContainsFunc(mixed[first+1:], unicode.IsLower) {
		mixed[first] = unicode.ToUpper(mixed[first])
	}
	return classes(string(mixed)) >= p.MinClasses
}

func classes(password string) int {
	var lower, upper, digit, other int
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return lower + upper + digit + other
}

// withoutWords returns a password, folded, without the user's own words, the longest of which go first.
func withoutWords(password string, about PasswordContext) string {
	local, label := about.Email.parts()
	words := append([]string{about.Email.String(), local, label, about.FullName, about.EmployeeNumber, about.Product}, strings.Fields(about.FullName+" "+about.Product)...)
	words = append(words, phoneWords(about.Phone)...)
	rest := text.Folded(password)
	for {
		longest := ""
		for _, word := range words {
			if word = text.Folded(word); len(word) > len(longest) && utf8.RuneCountInString(word) >= leastWord && strings.Contains(rest, word) {
				longest = word
			}
		}
		if longest == "" {
			return rest
		}
		rest = strings.ReplaceAll(rest, longest, "")
	}
}
