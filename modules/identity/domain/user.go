package domain

import (
	"time"

	"erp.internal/platform/errs"
	"erp.internal/platform/patch"
	"erp.internal/platform/period"
	"erp.internal/platform/place"
	"erp.internal/platform/text"
)

// UserID identifies a user; it is never used again, also when the user is deleted.
type UserID int64

// User is a person who signs in, with an email or an employee number.
type User struct {
	ID             UserID
	Email          Email       // unique among all users; the zero Email for none
	FullName       *string     // nil: not known; see text.Name
	EmployeeNumber *string     // unique among those of the organization, in any case; nil: none; see ParseEmployeeNumber
	Place          place.Place // where the user belongs; the whole system for a user of no organization, such as the first administrator
	Active         bool        // those who are not cannot sign in
	Employment     Employment
	JoinedOn       *period.Day
	LeftOn         *period.Day // the last day
	Phone          *string
	Job            *string // what profession, such as nurse; see text.Name, as the next two
	Title          *string // the rank
	Position       *string // the duty, such as head of a ward
	Version        int64   // grows with each change
	CreatedAt      time.Time
	UpdatedAt      time.Time
	// LastSignIn is known in lists alone, since it is no part of the version; nil: never.
	LastSignIn *time.Time
}

// NewUser makes a user who is not stored yet.
//
// Errors: errs.Invalid with every violation.
func NewUser(fields UserChange) (User, error) {
	u := User{Active: true, Employment: Employed}
	return u, u.Change(fields)
}

// UserChange is an update; fields that are nil, or that leave the value, stay unchanged.
type UserChange struct {
	Email          patch.Field[string]
	FullName       patch.Field[string]
	EmployeeNumber patch.Field[string]
	OrganizationID patch.Field[int64]
	DepartmentID   patch.Field[int64]
	Active         *bool
	Employment     *string
	JoinedOn       patch.Field[string]
	LeftOn         patch.Field[string]
	Phone          patch.Field[string]
	Job            patch.Field[string]
	Title          patch.Field[string]
	Position       patch.Field[string]
}

// WithEmail sets the email.
func WithEmail(email string) UserChange { return UserChange{Email: patch.Set(email)} }

// Moves reports whether the change has another place.
func (c UserChange) Moves(u User) bool {
	return c.PlaceOf(u) != u.Place
}

// PlaceOf returns where the user belongs after the change.
func (c UserChange) PlaceOf(u User) place.Place {
	at := u.Place.IDs()
	return place.IDs{OrganizationID: c.OrganizationID.Apply(at.OrganizationID), DepartmentID: c.DepartmentID.Apply(at.DepartmentID)}.Place()
}

// AsTyped returns a user with the names of the change, valid or not, for the rules of passwords.
func (c UserChange) AsTyped() User {
	u := User{FullName: c.FullName.Value(), EmployeeNumber: c.EmployeeNumber.Value(), Phone: c.Phone.Value()}
	if typed := c.Email.Value(); typed != nil {
		u.Email, _ = ParseEmail(*typed)
	}
	return u
}

// Beyond names the fields, other than the name, that the change would make another.
func (c UserChange) Beyond(u User) (fields []string) {
	at := u.Place.IDs()
	for _, f := range []struct {
		name   string
		alters bool
	}{
		{"email", patch.Alters(c.Email, u.Email.Text())},
		{"employee_number", patch.Alters(c.EmployeeNumber, u.EmployeeNumber)},
		{"organization_id", patch.Alters(c.OrganizationID, at.OrganizationID)},
		{"department_id", patch.Alters(c.DepartmentID, at.DepartmentID)},
		{"is_active", c.Active != nil && *c.Active != u.Active},
		{"employment", c.Employment != nil && *c.Employment != string(u.Employment)},
		{"joined_on", patch.Alters(c.JoinedOn, (*string)(u.JoinedOn))},
		{"left_on", patch.Alters(c.LeftOn, (*string)(u.LeftOn))},
		{"phone", patch.Alters(c.Phone, u.Phone)},
		{"job", patch.Alters(c.Job, u.Job)},
		{"title", patch.Alters(c.Title, u.Title)},
		{"position", patch.Alters(c.Position, u.Position)},
	} {
		if f.alters {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// Change applies an update, or none of it. It does not check that the organization and the department exist.
//
// Errors: errs.Invalid with every violation.
func (u *User) Change(change UserChange) error {
	var v errs.Violations
	changed := *u
	if err := changed.changeEmail(&v, change.Email); err != nil {
		return err
	}
	for _, f := range []struct {
		name   string
		value  **string
		change patch.Field[string]
		normal func(string) (string, error)
	}{
		{"full_name", &changed.FullName, change.FullName, text.Name},
		{"employee_number", &changed.EmployeeNumber, change.EmployeeNumber, ParseEmployeeNumber},
		{"phone", &changed.Phone, change.Phone, parsePhone},
		{"job", &changed.Job, change.Job, text.Name},
		{"title", &changed.Title, change.Title, text.Name},
		{"position", &changed.Position, change.Position, text.Name},
	} {
		value, err := f.change.ApplyNormal(*f.value, f.normal)
		if err := v.Check(f.name, err); err != nil {
			return err
		}
		*f.value = value
	}
	if err := changed.changeEmployment(&v, change); err != nil {
		return err
	}
	if changed.Email == (Email{}) && changed.EmployeeNumber == nil && change.Email.Value() == nil {
		v.Add("email", "required", "is required without an employee number")
	}
	changed.Place = change.PlaceOf(*u)
	if change.Active != nil {
		changed.Active = *change.Active
	}
	if changed.Place.Department != 0 && changed.Place.Organization == 0 {
		v.Add("organization_id", "required", "is required with a department: choose the department's organization")
	}
	if err := v.Err(); err != nil {
		return err
	}
	*u = changed
	return nil
}

// changeEmail applies an update of the email.
func (u *User) changeEmail(v *errs.Violations, change patch.Field[string]) error {
	typed := change.Value()
	switch {
	case typed == nil && !change.Leaves():
		u.Email = Email{}
	case typed != nil && (*typed != u.Email.String() || *typed == ""): // else it is as it was read, perhaps stored under earlier rules
		email, err := ParseEmail(*typed)
		if err := v.Check("email", err); err != nil {
			return err
		}
		u.Email = email
	}
	return nil
}

// changeEmployment applies an update of the state of employment and its days.
func (u *User) changeEmployment(v *errs.Violations, change UserChange) error {
	if change.Employment != nil {
		employment, err := ParseEmployment(*change.Employment)
		if err := v.Check("employment", err); err != nil {
			return err
		}
		u.Employment = employment
	}
	valid := true
	for _, f := range []struct {
		name   string
		day    **period.Day
		change patch.Field[string]
	}{{"joined_on", &u.JoinedOn, change.JoinedOn}, {"left_on", &u.LeftOn, change.LeftOn}} {
		typed := f.change.Value()
		if typed == nil {
			if !f.change.Leaves() {
				*f.day = nil
			}
			continue
		}
		day, err := period.ParseDay(*typed)
		if err := v.Check(f.name, err); err != nil {
			return err
		}
		*f.day, valid = &day, valid && err == nil
	}
	if valid && u.JoinedOn != nil && u.LeftOn != nil && *u.LeftOn < *u.JoinedOn {
		v.Add("left_on", "before_joined", "must not be before the day on which the user joined")
	}
	return nil
}

// CheckPlace reports whether a user can belong to a place, by whether its organization and its department exist; of is the
// department's organization.
//
// Errors: errs.Invalid with every violation.
func CheckPlace(at place.Place, organizationExists bool, of int64, departmentExists bool) error {
	var v errs.Violations
	if at.Organization != 0 && !organizationExists {
		_ = v.Join(ErrUnknownOrganization)
	}
	belongs := at.Organization == 0 || !organizationExists || of == at.Organization
	if at.Department != 0 && (!departmentExists || !belongs) {
		_ = v.Join(ErrUnknownDepartment)
	}
	return v.Err()
}
