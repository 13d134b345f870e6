package domain

import (
	"strings"
	"unicode"

	"erp.internal/platform/errs"
	"erp.internal/platform/text"
)

// Employment is whether a person works at the institution. The account's state is User.Active, and neither follows from the
// other.
type Employment string

// The states of employment.
const (
	Employed Employment = "employed"
	OnLeave  Employment = "on_leave"
	Left     Employment = "left"
)

// ParseEmployment returns a state of employment.
//
// Errors: errs.Invalid with one field whose location is left to the caller.
func ParseEmployment(s string) (Employment, error) {
	switch e := Employment(s); e {
	case Employed, OnLeave, Left:
		return e, nil
	default:
		return "", errs.Violation("", "not_one_of", "must be employed, on_leave or left")
	}
}

// ParseEmployeeNumber returns s as an employee number: a code (text.Code) with a letter or a digit, and without an @, so that
// none is an email.
//
// Errors: errs.Invalid with one field whose location is left to the caller.
func ParseEmployeeNumber(s string) (string, error) {
	number, err := text.Code(s)
	if err != nil {
		return "", err
	}
	if strings.ContainsAny(EmployeeNumberKey(number), "@\t") || !strings.ContainsFunc(number, isLetterOrDigit) {
		return "", errs.Violation("", "employee_number", "must be an employee number, such as 2026-0117, without an @")
	}
	return number, nil
}

// EmployeeNumberKey is the form in which employee numbers are compared: those that differ in case or in the width of
// characters are the same.
func EmployeeNumberKey(number string) string { return text.Folded(number) }

// parsePhone returns s as a phone number: one line of at most text.MaxCode characters with a digit, as people write it.
//
// Errors: errs.Invalid with one field whose location is left to the caller.
func parsePhone(s string) (string, error) {
	phone, err := text.Code(s)
	if err != nil {
		return "", err
	}
	if !strings.ContainsFunc(phone, unicode.IsDigit) {
		return "", errs.Violation("", "phone", "must be a phone number, such as 02-1234-5678")
	}
	return phone, nil
}

// leastOfPhone is the length from which on a part of a phone number counts as the user's own word, so that 010 does not.
const leastOfPhone = 4

// phoneWords returns what others may guess a password from who know the phone number: its digits, and its parts.
func phoneWords(phone string) []string {
	parts := strings.FieldsFunc(phone, func(r rune) bool { return !unicode.IsDigit(r) })
	words := []string{phone, strings.Join(parts, "")}
	for _, part := range parts {
		if len([]rune(part)) >= leastOfPhone {
			words = append(words, part)
		}
	}
	return words
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
