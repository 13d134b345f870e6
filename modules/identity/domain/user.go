package domain

import (
	"time"

	"erp.internal/platform/errs"
	"erp.internal/platform/patch"
	"erp.internal/platform/place"
	"erp.internal/platform/text"
)

// UserID identifies a user; it is never used again, also when the user is deleted.
type UserID int64

// User is a person who signs in.
type User struct {
	ID        UserID
	Email     Email       // unique among all users
	FullName  *string     // nil: not known; see text.Name
	Place     place.Place // where the user belongs; the whole system for a user of no organization, such as the first administrator
	Active    bool        // those who are not cannot sign in
	Version   int64       // grows with each change
	CreatedAt time.Time
	UpdatedAt time.Time
	// LastSignIn is known in lists alone, since it is no part of the version; nil: never.
	LastSignIn *time.Time
}

// NewUser makes a user who is not stored yet.
//
// Errors: errs.Invalid with every violation.
func NewUser(email string, fullName *string, at place.Place) (User, error) {
	u, ids := User{Active: true}, at.IDs()
	err := u.Change(UserChange{
		Email: &email, FullName: patch.To(fullName), OrganizationID: patch.To(ids.OrganizationID), DepartmentID: patch.To(ids.DepartmentID),
	})
	return u, err
}

// UserChange is an update; nil fields stay unchanged.
type UserChange struct {
	Email          *string
	FullName       patch.Field[string]
	OrganizationID patch.Field[int64]
	DepartmentID   patch.Field[int64]
	Active         *bool
}

// Moves reports whether the change has another place.
func (c UserChange) Moves(u User) bool {
	return c.place(u) != u.Place
}

// place returns where the user belongs after the change.
func (c UserChange) place(u User) place.Place {
	at := u.Place.IDs()
	return place.IDs{OrganizationID: c.OrganizationID.Apply(at.OrganizationID), DepartmentID: c.DepartmentID.Apply(at.DepartmentID)}.Place()
}

// Beyond names the fields, other than the name, that the change would make another.
func (c UserChange) Beyond(u User) (fields []string) {
	if c.Email != nil && *c.Email != u.Email.String() {
		fields = append(fields, "email")
	}
	at := u.Place.IDs()
	if patch.Alters(c.OrganizationID, at.OrganizationID) {
		fields = append(fields, "organization_id")
	}
	if patch.Alters(c.DepartmentID, at.DepartmentID) {
		fields = append(fields, "department_id")
	}
	if c.Active != nil && *c.Active != u.Active {
		fields = append(fields, "is_active")
	}
	return fields
}

// Change applies an update, or none of it. It does not check that the organization and the department exist.
//
// Errors: errs.Invalid with every violation.
func (u *User) Change(change UserChange) error {
	var v errs.Violations
	changed := *u
	if change.Email != nil && (*change.Email != u.Email.String() || *change.Email == "") { // else it is as it was read, perhaps stored under earlier rules
		email, err := ParseEmail(*change.Email)
		if err := v.Check("email", err); err != nil {
			return err
		}
		changed.Email = email
	}
	name, err := change.FullName.ApplyNormal(u.FullName, text.Name)
	if err := v.Check("full_name", err); err != nil {
		return err
	}
	changed.FullName = name
	changed.Place = change.place(*u)
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
