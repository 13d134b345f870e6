package domain

import (
	"strconv"
	"time"

	"erp.internal/platform/patch"
)

// Outcome is how an attempt to sign in ended.
type Outcome string

// The outcomes. The client learns only whether it was one of the first three.
const (
	SignedIn        Outcome = "signed_in"
	CodeRedeemed    Outcome = "code_redeemed"    // a password was reset
	ChangedPassword Outcome = "password_changed" // with the present one as proof

	WrongPassword Outcome = "wrong_password"
	WrongCode     Outcome = "wrong_code"    // of a password reset
	UnknownName   Outcome = "unknown_email" // or employee number, or one that several users have
	Locked        Outcome = "locked"        // too many attempts at this account
	Inactive      Outcome = "inactive"      // the account is deactivated
	Limited       Outcome = "limited"       // too many attempts from this address

	// The secret was right, but no longer valid.
	PasswordExpired   Outcome = "password_expired"   // given by another user, and not changed in time
	PasswordWithdrawn Outcome = "password_withdrawn" // given by a user who may no longer give it
	CodeWithdrawn     Outcome = "code_withdrawn"     // of a reset that its starter may no longer start
)

// SignIn is an attempt to sign in.
type SignIn struct {
	ID      int64
	UserID  *UserID // nil for an unknown name
	At      time.Time
	Origin  Origin
	Outcome Outcome
	// MadeBy is who made what the user signed in with, a given password or a reset code; nil for nobody else, or the
	// operator.
	MadeBy *UserID
}

// AccountName is what users name their account by when they sign in: an email, or an employee number. The zero value of both
// stands for what is neither: attempts with it are counted like any other.
type AccountName struct {
	Email     Email
	NumberKey string // of an employee number: see EmployeeNumberKey
	// Organization narrows an employee number to users of one organization, 0 to those of none; nil: of any, as long as only
	// one user has it.
	Organization *int64
	digest       [32]byte
}

// ParseAccountName takes what somebody typed.
func ParseAccountName(typed string, organization *int64) AccountName {
	if email, err := ParseEmail(typed); err == nil {
		return AccountName{Email: email, digest: email.Digest()}
	}
	number, err := ParseEmployeeNumber(typed)
	if err != nil {
		return AccountName{digest: Digest(typed)}
	}
	return numberName(number, organization)
}

func numberName(number string, organization *int64) AccountName {
	key, at := EmployeeNumberKey(number), ""
	if organization != nil {
		at = strconv.FormatInt(*organization, 10)
	}
	return AccountName{NumberKey: key, Organization: organization, digest: Digest(key + "\x00" + at)} // a key holds no NUL
}

// Digest is what attempts with the name are counted by; of an email, that of the email.
func (n AccountName) Digest() [32]byte { return n.digest }

// SameNames reports whether users sign in with the same email and the same employee number.
func (u User) SameNames(other User) bool {
	return u.Email == other.Email && !patch.Alters(patch.To(u.EmployeeNumber), other.EmployeeNumber)
}

// Names returns the names of a user's account.
func (u User) Names() []AccountName {
	var names []AccountName
	if u.Email != (Email{}) {
		names = append(names, AccountName{Email: u.Email, digest: u.Email.Digest()})
	}
	if u.EmployeeNumber != nil {
		names = append(names, numberName(*u.EmployeeNumber, nil), numberName(*u.EmployeeNumber, &u.Place.Organization))
	}
	return names
}
