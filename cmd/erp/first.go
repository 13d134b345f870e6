package main

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"erp.internal/modules/identity"
	"erp.internal/platform/errs"
)

// firstEmail is the first administrator's on the embedded database, where ADMIN_EMAIL names none.
const firstEmail = "admin@example.com"

// firstAdministrator is what the banner tells of a user who was just made.
type firstAdministrator struct{ email, password string }

// line is shown once: the password is stored as a hash.
func (f firstAdministrator) line() string {
	switch {
	case f.password != "":
		return fmt.Sprintf("\n    Sign in as %s with the password %s\n    It is shown this once and has to be changed at the first sign-in.\n", f.email, f.password)
	case f.email != "":
		return fmt.Sprintf("\n    Sign in as %s with ADMIN_PASSWORD.\n", f.email)
	default:
		return ""
	}
}

// ensureFirst makes the first administrator, when there is no user yet: the one that ADMIN_EMAIL and ADMIN_PASSWORD
// name, else, on the embedded database, one with a password made at random. The operator is its maker.
//
// Errors: an email or a password that is not taken, one line each.
func ensureFirst(ctx context.Context, s settings, db *database, makers administration, log *zap.Logger) (firstAdministrator, error) {
	needed, err := makers.identity.Needed(ctx)
	if err != nil {
		return firstAdministrator{}, err
	}
	if !needed {
		return firstAdministrator{}, warnOfNobody(ctx, makers, log)
	}
	given := s.identity.First
	switch {
	case given.Email == "" && db.own != nil:
		given.Email = firstEmail
	case given.Email == "":
		log.Warn("there is no user, so nobody can sign in: run `erp admin create`, or set ADMIN_EMAIL and ADMIN_PASSWORD")
		return firstAdministrator{}, nil
	case given.Password == "" && db.own == nil:
		return firstAdministrator{}, errors.New("ADMIN_PASSWORD: it is not set, and ADMIN_EMAIL is: set both, or make an administrator with erp admin create")
	}
	made, password, err := makers.identity.EnsureFirst(asOperator(ctx, starts), identity.Administrator{Email: given.Email, Password: given.Password})
	if err != nil {
		return firstAdministrator{}, explained(err, map[string]string{"email": "ADMIN_EMAIL", "password": "ADMIN_PASSWORD"})
	}
	if !made {
		return firstAdministrator{}, nil
	}
	return firstAdministrator{given.Email, password}, nil
}

// renewEmailKeys brings over emails that an earlier version stored, and says of whom nobody can sign in by theirs.
func renewEmailKeys(ctx context.Context, makers administration, log *zap.Logger) error {
	unreachable, err := makers.identity.RenewEmailKeys(ctx)
	for _, id := range unreachable {
		log.Warn("a user cannot sign in: the email is another user's in another spelling of its domain, or is no email: change it",
			zap.Int64("user_id", int64(id)))
	}
	return err
}

// warnOfNobody warns when no system administrator is left, or none who can sign in.
//
// Errors: errs.Unavailable.
func warnOfNobody(ctx context.Context, makers administration, log *zap.Logger) error {
	administrators, err := makers.access.Lasting(ctx)
	if err != nil {
		return err
	}
	if len(administrators) == 0 {
		log.Warn("there is no system administrator without an end, so nobody can do everything, or soon nobody will: run `erp admin grant`")
		return nil
	}
	shut, err := makers.identity.ShutOut(ctx, administrators)
	if shut {
		log.Warn("no system administrator can sign in: the passwords that they were given were not changed in time (GIVEN_PASSWORD_TTL): run `erp admin create`, sign in as that one, and start a password reset for the others")
	}
	return err
}

// explained says of each field that is wrong what the field is called here.
func explained(err error, names map[string]string) error {
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
