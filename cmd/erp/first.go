package main

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"erp.internal/modules/identity"
	"erp.internal/platform/errs"
)

// firstEmail is the email of the first administrator on the embedded database if ADMIN_EMAIL is not set.
const firstEmail = "admin@example.com"

// firstAdministrator is a user who was just created, for the banner.
type firstAdministrator struct{ email, password string }

// line is the banner's line, the only time that the password is shown.
func (f firstAdministrator) line() string {
	switch {
	case f.password != "":
		return fmt.Sprintf("\n    Sign in as %s with the password %s\n    It is shown only this once and must be changed at the first sign-in.\n", f.email, f.password)
	case f.email != "":
		return fmt.Sprintf("\n    Sign in as %s with ADMIN_PASSWORD.\n", f.email)
	default:
		return ""
	}
}

// ensureFirst creates the first administrator if there is no user yet: from ADMIN_EMAIL and ADMIN_PASSWORD, or, on the
// embedded database, with a random password. The operator is the creator.
//
// Errors: an invalid email or password, one line each.
func ensureFirst(ctx context.Context, s settings, db *database, admins administration, log *zap.Logger) (firstAdministrator, error) {
	needed, err := admins.identity.Needed(ctx)
	if err != nil {
		return firstAdministrator{}, err
	}
	if !needed {
		return firstAdministrator{}, warnWithoutAdministrator(ctx, admins, log)
	}
	given := s.identity.First
	switch {
	case given.Email == "" && db.own != nil:
		given.Email = firstEmail
	case given.Email == "":
		log.Warn("there are no users, so nobody can sign in: run `erp admin create`, or set ADMIN_EMAIL and ADMIN_PASSWORD")
		return firstAdministrator{}, nil
	case given.Password == "" && db.own == nil:
		return firstAdministrator{}, errors.New("ADMIN_PASSWORD: it is not set, and ADMIN_EMAIL is: set both, or create an administrator with erp admin create")
	}
	created, password, err := admins.identity.EnsureFirst(asOperator(ctx, startOperation), identity.Administrator{Email: given.Email, Password: given.Password})
	if err != nil {
		return firstAdministrator{}, renameFields(err, map[string]string{"email": "ADMIN_EMAIL", "password": "ADMIN_PASSWORD"})
	}
	if !created {
		return firstAdministrator{}, nil
	}
	return firstAdministrator{given.Email, password}, nil
}

// renewEmailKeys updates the keys of emails that an earlier version stored, and warns about users who cannot sign in with
// theirs.
func renewEmailKeys(ctx context.Context, admins administration, log *zap.Logger) error {
	unreachable, err := admins.identity.RenewEmailKeys(ctx)
	for _, id := range unreachable {
		log.Warn("a user cannot sign in: the email is invalid, or another user has it with another spelling of its domain: change it",
			zap.Int64("user_id", int64(id)))
	}
	return err
}

// warnWithoutAdministrator warns when no system administrator is left, or none who can sign in.
//
// Errors: errs.Unavailable.
func warnWithoutAdministrator(ctx context.Context, admins administration, log *zap.Logger) error {
	administrators, err := admins.access.Lasting(ctx)
	if err != nil {
		return err
	}
	if len(administrators) == 0 {
		log.Warn("no user is a system administrator without an end date: run `erp admin grant`")
		return nil
	}
	shutOut, err := admins.identity.ShutOut(ctx, administrators)
	if shutOut {
		log.Warn("no system administrator can sign in: the passwords that they were given were not changed in time (GIVEN_PASSWORD_TTL): run `erp admin create`, sign in as that one, and start a password reset for the others")
	}
	return err
}

// renameFields converts a validation error to lines with the names of settings or flags for the fields.
func renameFields(err error, names map[string]string) error {
	var invalid *errs.Error
	if !errors.As(err, &invalid) {
		return err
	}
	if invalid.Kind != errs.Invalid {
		return invalid
	}
	var lines []error
	for _, f := range invalid.Fields {
		lines = append(lines, fmt.Errorf("%s: it %s", names[f.Location], f.Message))
	}
	return errors.Join(lines...)
}
