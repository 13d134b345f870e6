// Package domain holds organizations and departments, and their rules.
package domain

import (
	"time"

	"erp.internal/platform/errs"
	"erp.internal/platform/patch"
	"erp.internal/platform/text"
)

// The errors of organizations.
var (
	ErrOrganizationNotFound       = errs.New(errs.NotFound, "organization.not_found", "Organization not found")
	ErrOrganizationNameTaken      = errs.New(errs.Taken, "organization.name_taken", "Organization name already exists")
	ErrOrganizationHasDepartments = errs.New(errs.Conflict, "organization.has_departments", "The organization still has departments: delete them first")
)

// OrganizationID identifies an organization; it is never used again.
type OrganizationID int64

// Organization is a public institution, a hospital, or another body with departments and people of its own.
type Organization struct {
	ID          OrganizationID
	Name        string  // unique; see text.Name
	Description *string // nil: none; see text.Note
	Version     int64   // grows with each change
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// NewOrganization makes an organization that is not stored yet.
//
// Errors: errs.Invalid with every violation.
func NewOrganization(name string, description *string) (Organization, error) {
	var o Organization
	err := o.Change(OrganizationChange{Name: &name, Description: patch.To(description)})
	return o, err
}

// OrganizationChange is an update; a nil Name stays unchanged.
type OrganizationChange struct {
	Name        *string
	Description patch.Field[string]
}

// Change applies an update, or none of it.
//
// Errors: errs.Invalid with every violation.
func (o *Organization) Change(change OrganizationChange) error {
	var v errs.Violations
	changed := *o
	if change.Name != nil && !unchanged(*change.Name, o.Name) {
		changed.Name = accept(&v, "name", *change.Name, text.Name)
	}
	changed.Description = acceptField(&v, "description", change.Description, o.Description, text.Note)
	if err := v.Err(); err != nil {
		return err
	}
	*o = changed
	return nil
}

// unchanged reports whether a text equals the stored one, which may have been stored under earlier rules.
func unchanged(sent, stored string) bool { return sent == stored && stored != "" }

// accept returns the normalised text and adds its violations.
func accept(v *errs.Violations, field, s string, normalise func(string) (string, error)) string {
	normal, err := normalise(s)
	if err := v.Check(field, err); err != nil {
		v.Add(field, "invalid", "is not valid")
	}
	return normal
}

// acceptField is accept for an optional field. An unchanged text stays as it is stored.
func acceptField(v *errs.Violations, field string, f patch.Field[string], now *string, normalise func(string) (string, error)) *string {
	sent := f.Value()
	if sent == nil || !patch.Alters(f, now) {
		return f.Apply(now)
	}
	normal := accept(v, field, *sent, normalise)
	return &normal
}
