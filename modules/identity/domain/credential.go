package domain

import "time"

// MustChange says whether a password has to be changed by its owner, since somebody else knows it.
type MustChange string

// The three answers. Marked is what the old contract's create leaves behind: its frontends know no more than to show it.
const (
	NoChange MustChange = "no"
	Marked   MustChange = "marked"   // the owner is told
	Required MustChange = "required" // nothing else is possible until then
)

// Credential is a user's password.
type Credential struct {
	UserID     UserID
	Hash       string // "" for none
	MustChange MustChange
	ChangedAt  time.Time
	GivenBy    *UserID   // who chose it, where that was not its owner: nil for the operator; see Given
	GivenAt    time.Time // when
	Former     int       // how many passwords before this one are kept, so that they do not come back
}

// Given is a password that somebody else chose, and its owner has not changed yet.
type Given struct {
	By *UserID // nil: the operator
	At time.Time
}

// Given gives who gave the password and when, nil when there is none or the owner chose it.
func (c Credential) Given() *Given {
	if c.Hash == "" || c.MustChange == NoChange {
		return nil
	}
	return &Given{By: c.GivenBy, At: c.GivenAt}
}

// never is a time that does not come.
func never() time.Time { return time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC) }

// RequiredFrom gives the time from which on nothing else is possible than to change the password.
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

// ChangeIsDue says whether the owner is told to change the password.
func (c Credential) ChangeIsDue(policy PasswordPolicy, now time.Time) bool {
	return c.Hash != "" && c.MustChange != NoChange || !now.Before(c.RequiredFrom(policy))
}

// ResetValidity is how long the code of a reset is good (ASVS 6.4.1: short-lived).
const ResetValidity = time.Hour
