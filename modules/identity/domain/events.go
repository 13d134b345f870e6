package domain

import (
	"erp.internal/platform/change"
	"erp.internal/platform/place"
)

// What happens to users.
const (
	UserCreated       = "user.created"
	UserChanged       = "user.changed" // any field but the place and the account's state
	UserMoved         = "user.moved"   // to where the user belongs now
	UserLeft          = "user.left"    // where the user belonged before, which is where it happened; besides UserMoved
	UserActivated     = "user.activated"
	UserDeactivated   = "user.deactivated"
	UserDeleted       = "user.deleted"
	AdministratorMade = "user.administrator_made" // the user is one who runs the installation
	UserUnlocked      = "user.unlocked"           // the failures that counted for the account were forgotten
)

// What happens to users' passwords.
const (
	PasswordGiven   = "password.given"   // by somebody else
	PasswordChanged = "password.changed" // by the user
	ResetStarted    = "reset.started"
	ResetCancelled  = "reset.cancelled" // its code is no longer good
	ResetRedeemed   = "reset.redeemed"
)

// What happens to users' sessions.
const (
	SessionOpened = "session.opened"
	SessionEnded  = "session.ended"
	SessionsEnded = "sessions.ended" // all of a user's, but the one in which the user changed the password
)

// Events lists the kinds of events of the module.
func Events() []change.Kind {
	return []change.Kind{
		{Name: UserCreated, Means: "A user was created."},
		{Name: UserChanged, Means: "A user's name, email, employee number, employment or another field was changed."},
		{Name: UserMoved, Means: "A user belongs to another place now."},
		{Name: UserLeft, Means: "A user left the place of the event for another one."},
		{Name: UserActivated, Means: "A user was activated."},
		{Name: UserDeactivated, Means: "A user was deactivated."},
		{Name: UserDeleted, Means: "A user was deleted."},
		{Name: AdministratorMade, Means: "A user was made the administrator who runs the installation."},
		{Name: UserUnlocked, Means: "The failed sign-ins of a user were cleared."},
		{Name: PasswordGiven, Means: "Another person chose a password for a user."},
		{Name: PasswordChanged, Means: "A user chose another password."},
		{Name: ResetStarted, Means: "A one-time code was made for a user."},
		{Name: ResetCancelled, Means: "A one-time code of a user was withdrawn."},
		{Name: ResetRedeemed, Means: "A user chose a password with a one-time code."},
		{Name: SessionOpened, Means: "A user signed in."},
		{Name: SessionEnded, Means: "A session of a user was ended."},
		{Name: SessionsEnded, Means: "All sessions of a user were ended, except the one in which the user changed the password."},
	}
}

// Created is the event of a new user.
func (u User) Created() change.Event {
	return u.event(UserCreated, change.Between(nil, u.values())...)
}

// Creating is Created of a user who is being stored.
func (u User) Creating() change.Event {
	u.ID = change.NewID
	return u.Created()
}

// ChangedFrom returns the events of a user who was another one before: none where nothing is another.
func (u User) ChangedFrom(before User) []change.Event {
	var events []change.Event
	if person := change.Between(before.person(), u.person()); u.Email != before.Email || change.Differ(person) {
		events = append(events, before.event(UserChanged, person...)) // where the user was: the new place must not learn the old values
	}
	if u.Place != before.Place {
		moved := change.Between(before.place(), u.place())
		if before.Place != place.System() { // those who look at that place want to know of it, too
			events = append(events, before.event(UserLeft, moved...))
		}
		events = append(events, u.event(UserMoved, moved...))
	}
	if u.Active != before.Active {
		kind := UserDeactivated
		if u.Active {
			kind = UserActivated
		}
		events = append(events, u.event(kind, change.Between(before.standing(), u.standing())...))
	}
	return events
}

// Deleted is the event of a user who is no more.
func (u User) Deleted() change.Event {
	return u.event(UserDeleted, change.Between(u.values(), nil)...)
}

// AdministratorMade is the event of a user who is to run the installation.
func (u User) AdministratorMade() change.Event { return u.event(AdministratorMade) }

// Unlocked is the event of a user whose failures were forgotten.
func (u User) Unlocked() change.Event { return u.event(UserUnlocked) }

// PasswordGiven is the event of a user for whom somebody else chose a password.
func (u User) PasswordGiven() change.Event {
	return u.event(PasswordGiven, change.Secret("password"))
}

// PasswordChanged is the event of a user who chose another password.
func (u User) PasswordChanged() change.Event {
	return u.event(PasswordChanged, change.Secret("password"))
}

// ResetStarted is the event of a user for whom somebody else asked for a one-time code.
func (u User) ResetStarted() change.Event { return u.event(ResetStarted, change.Secret("code")) }

// ResetCancelled is the event of a user whose one-time code was taken away.
func (u User) ResetCancelled() change.Event { return u.event(ResetCancelled, change.Secret("code")) }

// ResetRedeemed is the event of a user who used a one-time code.
func (u User) ResetRedeemed() change.Event { return u.event(ResetRedeemed, change.Secret("code")) }

// SessionOpened is the event of a session that a user began.
func (u User) SessionOpened(id SessionID) change.Event { return u.sessionEvent(SessionOpened, id) }

// SessionEnded is the event of a session of a user that was ended.
func (u User) SessionEnded(id SessionID) change.Event { return u.sessionEvent(SessionEnded, id) }

// SessionsEnded is the event of a user whose sessions were ended.
func (u User) SessionsEnded() change.Event { return u.event(SessionsEnded) }

func (u User) sessionEvent(kind string, id SessionID) change.Event {
	e := u.event(kind)
	e.Subject = change.Subject{Kind: "session", ID: int64(id)}
	return e
}

func (u User) event(kind string, fields ...change.Field) change.Event {
	return change.Event{Kind: kind, Subject: change.Subject{Kind: "user", ID: int64(u.ID)}, User: int64(u.ID), Place: u.Place, Fields: fields}
}

func (u User) values() change.Values {
	return append(append(u.person(), u.place()...), u.standing()...)
}

func (u User) person() change.Values {
	return change.Values{
		change.Personal("email", u.Email.Text()), change.Personal("employee_number", u.EmployeeNumber),
		change.Personal("employment", string(u.Employment)), change.Personal("full_name", u.FullName),
		change.Personal("job", u.Job), change.Personal("joined_on", (*string)(u.JoinedOn)),
		change.Personal("left_on", (*string)(u.LeftOn)), change.Personal("phone", u.Phone),
		change.Personal("position", u.Position), change.Personal("title", u.Title),
	}
}

func (u User) place() change.Values {
	at := u.Place.IDs()
	return change.Values{change.Public("organization_id", at.OrganizationID), change.Public("department_id", at.DepartmentID)}
}

func (u User) standing() change.Values {
	return change.Values{change.Public("is_active", u.Active)}
}
