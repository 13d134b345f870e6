package app

import (
	"context"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	identityports "erp.internal/modules/identity/ports"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/place"
)

// Administrators are the use cases that create system administrators and keep the last one.
type Administrators struct {
	door   *change.Door
	grants ports.Grants
	roles  ports.Roles
	people identityports.Directory
}

// NewAdministrators makes the use cases.
func NewAdministrators(door *change.Door, grants ports.Grants, roles ports.Roles, people identityports.Directory) *Administrators {
	return &Administrators{door: door, grants: grants, roles: roles, people: people}
}

// Subscribe subscribes to the events of users; the subscribers run in the transaction of the event.
func (a *Administrators) Subscribe() {
	a.door.Subscribe(identityports.AdministratorMade, func(ctx context.Context, tx *change.Tx, e change.Event) error { return a.grant(ctx, tx, e.User) })
	a.door.Subscribe(identityports.UserDeactivated, func(ctx context.Context, _ *change.Tx, e change.Event) error { return a.onDeactivated(ctx, e.User) })
	a.door.Subscribe(identityports.UserDeleted, func(ctx context.Context, tx *change.Tx, e change.Event) error { return a.onDeleted(ctx, tx, e.User) })
}

// ErrNoSuchUser is Grant's error for an unknown name, or an employee number that several users have.
var ErrNoSuchUser = errs.Violation("name", "unknown", "is no user's")

// ErrDeactivated is Grant's error for a deactivated user.
var ErrDeactivated = errs.Violation("name", "deactivated", "is a deactivated user's")

// GrantAdministrator is the command of Administrators.Grant.
type GrantAdministrator struct {
	Name         string // the email, or the employee number
	Organization *int64 // of the employee number; nil: any
}

// Grant makes a user a system administrator; it is for the operator of the server.
//
// Errors: ErrNoSuchUser, ErrDeactivated, errs.Unavailable.
func (a *Administrators) Grant(ctx context.Context, c GrantAdministrator) error {
	person, found, err := a.people.PersonByName(ctx, c.Name, c.Organization)
	if err != nil {
		return err
	}
	if !found {
		return ErrNoSuchUser
	}
	if !person.Active {
		return ErrDeactivated
	}
	_, err = change.Do(ctx, a.door, func(ctx context.Context, tx *change.Tx) (struct{}, error) {
		return struct{}{}, a.grant(ctx, tx, person.ID)
	})
	return err
}

// byOperator is the reason in the ledger.
const byOperator = "Made a system administrator by the operator of the server"

// grant makes a user a system administrator, as a part of a change.
//
// Errors: errs.Unavailable.
func (a *Administrators) grant(ctx context.Context, tx *change.Tx, user int64) error {
	locked := a.grants.LockUser(ctx, user)
	role, err := a.roles.LockBuiltIn(ctx, domain.SystemAdministrator)
	if err != nil {
		return err
	}
	live, err := locked()
	if err != nil {
		return err
	}
	reason := byOperator
	grant := domain.Grant{UserID: user, RoleID: role.ID, Reason: &reason}
	if _, held := domain.Included(live, grant, time.Now()); held {
		return nil
	}
	created, err := a.grants.Create(ctx, grant)
	if err != nil {
		return err
	}
	tx.Record(created.Created())
	return nil
}

// onDeactivated refuses to deactivate the last system administrator. The grants of a deactivated user stay, without effect.
//
// Errors: domain.ErrLastAdministrator, errs.Unavailable.
func (a *Administrators) onDeactivated(ctx context.Context, user int64) error {
	live, err := a.grants.LockUser(ctx, user)()
	if err != nil {
		return err
	}
	return a.requireOtherAdministrator(ctx, live)
}

// deleted is the reason in the ledger.
const deleted = "The user was deleted"

// onDeleted ends all grants of a deleted user, and refuses to delete the last system administrator.
//
// Errors: domain.ErrLastAdministrator, errs.Unavailable.
func (a *Administrators) onDeleted(ctx context.Context, tx *change.Tx, user int64) error {
	live, err := a.grants.LockUser(ctx, user)()
	if err != nil {
		return err
	}
	reason := deleted
	return a.end(ctx, tx, &reason, live)
}

// end ends live grants of one user, who is locked, as a part of a change.
//
// Errors: domain.ErrLastAdministrator, errs.Unavailable.
func (a *Administrators) end(ctx context.Context, tx *change.Tx, reason *string, grants []domain.Grant) error {
	if len(grants) == 0 {
		return nil
	}
	if err := a.requireOtherAdministrator(ctx, grants); err != nil {
		return err
	}
	ids := make([]domain.GrantID, len(grants))
	for i, g := range grants {
		ids[i] = g.ID
	}
	if err := a.grants.End(ctx, reason, ids); err != nil {
		return err
	}
	for _, g := range grants {
		tx.Record(g.Ended(reason))
	}
	return nil
}

// requireOtherAdministrator checks, if one of these grants makes a system administrator, that another active user is one by
// a grant without an end. It locks the role, so that concurrent checks wait for the context's transaction.
//
// Errors: domain.ErrLastAdministrator, errs.Unavailable.
func (a *Administrators) requireOtherAdministrator(ctx context.Context, without []domain.Grant) error {
	everywhere := func(g domain.Grant) bool { return g.Place == place.System() && g.Period.Until == nil }
	if !slices.ContainsFunc(without, everywhere) { // most grants are not, and need no lock
		return nil
	}
	role, err := a.roles.LockBuiltIn(ctx, domain.SystemAdministrator)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(without, func(g domain.Grant) bool { return g.RoleID == role.ID }) {
		return nil
	}
	others, err := a.lasting(ctx, role.ID, without)
	if err == nil && len(others) == 0 {
		return domain.ErrLastAdministrator
	}
	return err
}

// Lasting returns the active users who are system administrators without an end.
//
// Errors: errs.Unavailable.
func (a *Administrators) Lasting(ctx context.Context) ([]int64, error) {
	role, err := a.roles.BuiltIn(ctx, domain.SystemAdministrator)
	if err != nil {
		return nil, err
	}
	return a.lasting(ctx, role.ID, nil)
}

// lasting returns the active users who have a role for the whole system without an end, by grants other than these.
func (a *Administrators) lasting(ctx context.Context, role domain.RoleID, without []domain.Grant) ([]int64, error) {
	lasting, err := a.grants.Lasting(ctx, role)
	if err != nil {
		return nil, err
	}
	var users []int64
	for id, user := range lasting {
		if !slices.ContainsFunc(without, func(g domain.Grant) bool { return g.ID == id }) {
			users = append(users, user)
		}
	}
	people, err := a.people.People(ctx, users...)
	if err != nil {
		return nil, err
	}
	users = nil
	for _, p := range people {
		if canSignIn(p) {
			users = append(users, p.ID)
		}
	}
	return users, nil
}
