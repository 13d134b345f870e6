package domain

import "erp.internal/platform/change"

// The events of roles and grants.
const (
	RoleCreated  = "role.created"
	RoleChanged  = "role.changed"
	RoleDeleted  = "role.deleted"
	GrantCreated = "grant.created"
	GrantEnded   = "grant.ended"
)

// Events lists the kinds of events of the module.
func Events() []change.Kind {
	return []change.Kind{
		{Name: RoleCreated, Means: "A role was created."},
		{Name: RoleChanged, Means: "A role was changed."},
		{Name: RoleDeleted, Means: "A role was deleted."},
		{Name: GrantCreated, Means: "A user was granted a role."},
		{Name: GrantEnded, Means: "A grant was ended."},
	}
}

// Created is the event of a new role.
func (r Role) Created() change.Event {
	return r.event(RoleCreated, nil, r.values())
}

// ChangedFrom is the event of a changed role.
func (r Role) ChangedFrom(before Role) change.Event {
	return r.event(RoleChanged, before.values(), r.values())
}

// Deleted is the event of a deleted role.
func (r Role) Deleted() change.Event {
	return r.event(RoleDeleted, r.values(), nil)
}

func (r Role) event(kind string, before, after change.Values) change.Event {
	return change.Event{Kind: kind, Subject: change.Subject{Kind: "role", ID: int64(r.ID)}, Fields: change.Between(before, after)}
}

func (r Role) values() change.Values {
	return change.Values{
		change.Public("name", r.Name), change.Public("description", r.Description), change.Public("permissions", r.Permissions),
	}
}

// Created is the event of a new grant, with its reason.
func (g Grant) Created() change.Event {
	return g.event(GrantCreated, g.Reason, nil, g.values())
}

// Creating is Created of a grant that is being stored.
func (g Grant) Creating() change.Event {
	g.ID = change.NewID
	return g.Created()
}

// Ended is the event of an ended grant, with an optional reason. Its values are before, and there are none after.
func (g Grant) Ended(reason *string) change.Event {
	return g.event(GrantEnded, reason, g.values(), nil)
}

func (g Grant) event(kind string, reason *string, before, after change.Values) change.Event {
	e := change.Event{
		Kind: kind, Subject: change.Subject{Kind: "grant", ID: int64(g.ID)}, User: g.UserID,
		Place: g.Place, Fields: change.Between(before, after),
	}
	if reason != nil {
		e.Reason = *reason
	}
	return e
}

func (g Grant) values() change.Values {
	ids, dates := g.Place.IDs(), g.Period.Normal() // the same in every time zone
	return change.Values{
		change.Public("role_id", g.RoleID), change.Public("organization_id", ids.OrganizationID), change.Public("department_id", ids.DepartmentID),
		change.Public("valid_from", dates.From), change.Public("valid_until", dates.Until),
	}
}
