package domain

import (
	"erp.internal/platform/change"
	"erp.internal/platform/place"
)

// The events of organizations and departments.
const (
	OrganizationCreated = "organization.created"
	OrganizationChanged = "organization.changed"
	OrganizationDeleted = "organization.deleted"
	DepartmentCreated   = "department.created"
	DepartmentChanged   = "department.changed"
	DepartmentMoved     = "department.moved"
	DepartmentDeleted   = "department.deleted"
)

// Events lists the kinds of events of the module.
func Events() []change.Kind {
	return []change.Kind{
		{Name: OrganizationCreated, Means: "An organization was created."},
		{Name: OrganizationChanged, Means: "An organization was changed."},
		{Name: OrganizationDeleted, Means: "An organization was deleted."},
		{Name: DepartmentCreated, Means: "A department was created."},
		{Name: DepartmentChanged, Means: "A department was changed, and stayed below its parent."},
		{Name: DepartmentMoved, Means: "A department got another parent. Its descendants moved with it."},
		{Name: DepartmentDeleted, Means: "A department was deleted."},
	}
}

// Created is the event of a new organization.
func (o Organization) Created() change.Event {
	return o.event(OrganizationCreated, nil, o.values())
}

// Creating is Created of an organization that is being stored.
func (o Organization) Creating() change.Event {
	o.ID = change.NewID
	return o.Created()
}

// ChangedFrom is the event of a changed organization.
func (o Organization) ChangedFrom(before Organization) change.Event {
	return o.event(OrganizationChanged, before.values(), o.values())
}

// Deleted is the event of a deleted organization.
func (o Organization) Deleted() change.Event {
	return o.event(OrganizationDeleted, o.values(), nil)
}

func (o Organization) event(kind string, before, after change.Values) change.Event {
	return change.Event{
		Kind: kind, Subject: change.Subject{Kind: "organization", ID: int64(o.ID)}, Place: place.Organization(o.ID),
		Fields: change.Between(before, after),
	}
}

func (o Organization) values() change.Values {
	return change.Values{change.Public("name", o.Name), change.Public("description", o.Description)}
}

// Created is the event of a new department.
func (d Department) Created() change.Event {
	return d.event(DepartmentCreated, nil, d.values())
}

// Creating is Created of a department that is being stored.
func (d Department) Creating() change.Event {
	d.ID = change.NewID
	return d.Created()
}

// ChangedFrom is the event of a changed department: a move if its parent changed.
func (d Department) ChangedFrom(before Department) change.Event {
	kind := DepartmentChanged
	if !sameParent(before.ParentID, d.ParentID) {
		kind = DepartmentMoved
	}
	return d.event(kind, before.values(), d.values())
}

// Deleted is the event of a deleted department.
func (d Department) Deleted() change.Event {
	return d.event(DepartmentDeleted, d.values(), nil)
}

func (d Department) event(kind string, before, after change.Values) change.Event {
	return change.Event{
		Kind: kind, Subject: change.Subject{Kind: "department", ID: int64(d.ID)}, Place: d.Place(),
		Fields: change.Between(before, after),
	}
}

func (d Department) values() change.Values {
	return change.Values{
		change.Public("parent_id", d.ParentID), change.Public("name", d.Name), change.Public("code", d.Code), change.Public("sort_order", d.SortOrder),
	}
}
