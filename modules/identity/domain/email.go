package domain

import (
	"strings"

	"erp.internal/platform/text"
)

// Email is an email address. Two are equal when their digests are, whichever of its spellings was typed: see text.Email. The
// zero Email is that of a user without one.
type Email struct {
	shown  string
	digest [32]byte
}

// ParseEmail takes what somebody typed.
//
// Errors: errs.Invalid with one field whose location is left to the caller.
func ParseEmail(typed string) (Email, error) {
	shown, key, err := text.Email(typed)
	if err != nil {
		return Email{}, err
	}
	return Email{shown: shown, digest: Digest(key)}, nil
}

// EmailFromStored returns back an email that was parsed once.
func EmailFromStored(shown string, digest [32]byte) Email { return Email{shown, digest} }

// Text returns the email as it was written, nil for none.
func (e Email) Text() *string {
	if e.shown == "" {
		return nil
	}
	return &e.shown
}

// String returns the email as it was written, "" for none.
func (e Email) String() string { return e.shown }

// MailAddress returns the email as mail servers understand it that know ASCII domains only.
func (e Email) MailAddress() string { return text.MailAddress(e.shown) }

// Digest is the SHA-256 of the form in which emails are compared. It tells an account apart without naming anybody.
func (e Email) Digest() [32]byte { return e.digest }

// parts returns what stands before the @, and the first label behind it.
func (e Email) parts() (local, label string) {
	local, domain, _ := strings.Cut(e.shown, "@")
	label, _, _ = strings.Cut(domain, ".")
	return local, label
}
