package domain

import "time"

// Outcome is how an attempt to sign in ended.
type Outcome string

// The outcomes. The client learns only whether it was one of the first three.
const (
	SignedIn        Outcome = "signed_in"
	CodeRedeemed    Outcome = "code_redeemed"    // a password was reset
	ChangedPassword Outcome = "password_changed" // with the present one as proof

	WrongPassword Outcome = "wrong_password"
	WrongCode     Outcome = "wrong_code" // of a password reset
	UnknownEmail  Outcome = "unknown_email"
	Locked        Outcome = "locked"   // too many attempts at this account
	Inactive      Outcome = "inactive" // the account is deactivated
	Limited       Outcome = "limited"  // too many attempts from this address

	// The secret was right, but no longer valid.
	PasswordExpired   Outcome = "password_expired"   // given by another user, and not changed in time
	PasswordWithdrawn Outcome = "password_withdrawn" // given by a user who may no longer give it
	CodeWithdrawn     Outcome = "code_withdrawn"     // of a reset that its starter may no longer start
)

// SignIn is an attempt to sign in.
type SignIn struct {
	ID      int64
	UserID  *UserID // nil for an unknown email
	At      time.Time
	Origin  Origin
	Outcome Outcome
	// MadeBy is who made what the user signed in with, a given password or a reset code; nil for nobody else, or the
	// operator.
	MadeBy *UserID
}

// NobodysEmail stands for invalid emails: attempts with them are counted like any other.
func NobodysEmail(typed string) Email { return EmailFromStored("", Digest(typed)) }
