package http

import (
	"erp.internal/modules/identity/domain"
	"erp.internal/platform/errs"
)

// Errors are the errors of the module, for the documentation.
func Errors() errs.List {
	return errs.List{
		Errors: []errs.Described{
			{Error: domain.ErrUserNotFound, When: "The user does not exist, or the caller may not see the user."},
			{Error: domain.ErrEmailTaken, When: "Another user has this email."},
			{Error: domain.ErrNumberTaken, When: "Another user of the organization has this employee number. A move may meet it, too."},
			{Error: domain.ErrOwnAccount, When: "Users cannot deactivate or delete themselves."},
			{Error: domain.ErrOwnPassword, When: "Users change their own password with `POST /auth/password`, not with a reset or a PUT."},
			{Error: domain.ErrSessionNotFound, When: "The user has no active session with this id."},
			{Error: domain.ErrSignInRefused, When: "The email, the employee number or the password is wrong, several users have the number, an administrator [chose the password](api/signing-in.md#given-passwords) and it expired, or the account is locked or deactivated. The answer is always the same."},
			{Error: domain.ErrSessionOver, When: "The session ended, or the token is wrong."},
			{Error: domain.ErrCodeRefused, When: "The email, the employee number or the code of a reset is wrong, or the code expired. The answer is always the same."},
			{Error: domain.ErrPasswordChangeRequired, When: "The user must [change the password](api/signing-in.md#must_change_password) first."},
			{Error: domain.ErrTooManyAttempts, When: "Too many attempts failed from this address, or in this session. Retry after `Retry-After` seconds."},
			{Error: domain.ErrTooManyAtOnce, When: "As many attempts at this account run at the same time as may fail. Retry in a second."},
			{Error: domain.ErrTooBusy, When: "More people sign in than the server can check passwords. Retry after `Retry-After` seconds."},
			{Error: domain.ErrMailUnavailable, When: "The mail server did not accept the code. No reset was started."},
		},
		Rules: []errs.Rule{
			{Code: "employee_number", Value: "has an `@`, or neither a letter nor a digit"},
			{Code: "phone", Value: "is a phone number without a digit"},
			{Code: "before_joined", Value: "is a last day before the first one"},
			{Code: "unknown_department", Value: "is not the id of a department of the organization"},
			{Code: "too_common", Value: "is a password that many people use; see [Passwords](api/signing-in.md#passwords)"},
			{Code: "too_personal", Value: "is a password made of the user's own words; see [Passwords](api/signing-in.md#passwords)"},
			{Code: "too_few_classes", Value: "is a password with too few kinds of characters; see [Passwords](api/signing-in.md#passwords)"},
			{Code: "used_before", Value: "is a password that the user had before; see [Passwords](api/signing-in.md#passwords)"},
			{Code: "wrong", Value: "is not the current password"},
		},
	}
}
