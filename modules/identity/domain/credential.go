package domain

import "time"

// MustChange reports whether the owner must change a password, since another person knows it.
type MustChange string

// The values. Marked is for passwords of the old contract's create operation, whose frontends can only show it.
const (
	NoChange MustChange = "no"
	Marked   MustChange = "marked"   // the owner is asked to change it
	Required MustChange = "required" // nothing else is possible until then
)

// Credential is a user's password.
type Credential struct {
	UserID     UserID
	Hash       string // "" for none
	MustChange MustChange
	ChangedAt  time.Time
	GivenBy    *UserID   // who chose it, if not its owner: nil for the operator; see Given
	GivenAt    time.Time // when
	Former     int       // how many passwords before this one are kept, so that they do not come back
}

// Given is a password that another person chose, and that its owner has not changed yet.
type Given struct {
	By *UserID // nil: the operator
	At time.Time
}

// Given returns who gave the password and when, nil if there is none or the owner chose it.
func (c Credential) Given() *Given {
	if c.Hash == "" || c.MustChange == NoChange {
		return nil
	}
	return &Given{By: c.GivenBy, At: c.GivenAt}
}

// never is a time that does not come.
func never() time.Time { return time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC) }

// RequiredFrom returns the time from which the user must change the password before anything else.
func (c Credential) RequiredFrom(policy PasswordPolicy) time.Time {
	switch {
	case c.Hash == "":
		return never()
	case c.MustChange == Required:
		return time.Unix(0, 0)
	case policy.MaxAge > 0:
		return c.ChangedAt.Add(policy.MaxAge)
	default:
		return never()
	}
}

// ChangeIsDue reports whether the owner is asked to change the password.
func (c Credential) ChangeIsDue(policy PasswordPolicy, now time.Time) bool {
	return c.Hash != "" && c.MustChange != NoChange || !now.Before(c.RequiredFrom(policy))
}

// ResetValidity is how long the code of a reset is good (ASVS 6.4.1: short-lived).
const ResetValidity = time.Hour
