// Package domain holds what users, their passwords and their sessions are, and the rules they keep.
package domain

import (
	"time"

	"erp.internal/platform/errs"
)

// The errors of users.
var (
	ErrUserNotFound    = errs.New(errs.NotFound, "user.not_found", "User not found")
	ErrEmailTaken      = errs.New(errs.Taken, "user.email_taken", "Email already registered")
	ErrNumberTaken     = errs.New(errs.Taken, "user.employee_number_taken", "Employee number already in use in the organization")
	ErrOwnAccount      = errs.New(errs.Conflict, "user.own_account", "You cannot deactivate or delete yourself: ask another administrator")
	ErrOwnPassword     = errs.New(errs.Conflict, "user.own_password", "Change your own password with the present one")
	ErrSessionNotFound = errs.New(errs.NotFound, "identity.session_not_found", "Session not found")

	ErrUnknownOrganization = errs.Violation("organization_id", "unknown_organization", "is no organization")
	ErrUnknownDepartment   = errs.Violation("department_id", "unknown_department", "is no department of the organization: choose an organization and a department that belong together")
)

// The errors of signing in.
var (
	// ErrSignInRefused is the one answer to an unknown email, a wrong password, a locked and a deactivated account
	// (ASVS 6.3.8).
	ErrSignInRefused          = errs.New(errs.Unauthenticated, "identity.sign_in_refused", "The email or the password is wrong, or the account is not usable at the moment")
	ErrSessionOver            = errs.New(errs.Unauthenticated, "identity.session_over", "The session is over, or the token is wrong: sign in again")
	ErrCodeRefused            = errs.New(errs.Unauthenticated, "identity.code_refused", "The email or the code is wrong, or the code is no longer good")
	ErrPasswordChangeRequired = errs.New(errs.Forbidden, "identity.password_change_required", "Change your password first")
)

// The errors of what is there in limited amounts.
var (
	ErrTooManyAttempts = &errs.Error{Kind: errs.TooMany, Code: "identity.too_many_attempts", Message: "Too many attempts did not succeed: try again later", RetryAfter: time.Minute}
	ErrTooManyAtOnce   = &errs.Error{Kind: errs.TooMany, Code: "identity.too_many_at_once", Message: "Too many attempts at this account at the same time: try again shortly", RetryAfter: time.Second}
	ErrTooBusy         = &errs.Error{Kind: errs.Unavailable, Code: "identity.too_busy", Message: "Too many people are signing in at the moment: try again shortly", RetryAfter: 2 * time.Second}
	ErrMailUnavailable = &errs.Error{Kind: errs.Unavailable, Code: "identity.mail_unavailable", Message: "The mail server does not take the message: there is no code now; try again shortly", RetryAfter: time.Minute}
)
