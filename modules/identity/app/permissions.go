package app

import (
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/place"
)

// The permissions that this module checks.
const (
	UserRead                           = ports.UserRead
	UserCreate        authz.Permission = "user.create"
	UserUpdate        authz.Permission = "user.update"
	UserMove          authz.Permission = "user.move"
	UserActivate      authz.Permission = "user.activate"
	UserDelete        authz.Permission = "user.delete"
	UserResetPassword authz.Permission = "user.reset_password"
	SessionRead       authz.Permission = "session.read"
	UserEndSessions   authz.Permission = "user.end_sessions"
)

// Permissions describes them.
func Permissions() []authz.Described {
	return []authz.Described{
		{Permission: UserRead, Least: place.DepartmentLevel, Description: "See users"},
		{Permission: UserCreate, Least: place.DepartmentLevel, Description: "Create users"},
		{Permission: UserUpdate, Least: place.DepartmentLevel, Description: "Change users' names and emails"},
		{Permission: UserMove, Least: place.DepartmentLevel, Description: "Move users; also needs user.update; needed at the current and the new place"},
		{Permission: UserActivate, Least: place.DepartmentLevel, Description: "Activate, deactivate and unlock users"},
		{Permission: UserDelete, Least: place.DepartmentLevel, Description: "Delete users"},
		{Permission: UserResetPassword, Least: place.DepartmentLevel, Description: "Start password resets, except for users who may do more than the caller"},
		{Permission: SessionRead, Least: place.DepartmentLevel, Description: "See users' sign-ins and sessions"},
		{Permission: UserEndSessions, Least: place.DepartmentLevel, Description: "End users' sessions"},
	}
}
