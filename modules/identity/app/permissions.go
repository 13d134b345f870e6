package app

import "erp.internal/platform/authz"

// The permissions that this module checks.
const (
	UserRead          authz.Permission = "user.read"
	UserCreate        authz.Permission = "user.create"
	UserUpdate        authz.Permission = "user.update"
	UserMove          authz.Permission = "user.move"
	UserActivate      authz.Permission = "user.activate"
	UserDelete        authz.Permission = "user.delete"
	UserResetPassword authz.Permission = "user.reset_password"
	UserEndSessions   authz.Permission = "user.end_sessions"
)
