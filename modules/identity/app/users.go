package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/pg"
)

// Users are the use cases of users, as administrators see them.
type Users struct {
	tx          pg.Transactor
	authz       authz.Authorizer
	repo        ports.Users
	directory   orgports.Directory
	passwords   *PasswordRules
	credentials ports.Credentials
	sessions    *Sessions
	signIns     ports.SignIns
	watchers    Watchers
}

// NewUsers makes the use cases.
func NewUsers(tx pg.Transactor, authorizer authz.Authorizer, repo ports.Users, directory orgports.Directory, passwords *PasswordRules, credentials ports.Credentials, sessions *Sessions, signIns ports.SignIns, watchers Watchers) *Users {
	return &Users{tx: tx, authz: authorizer, repo: repo, directory: directory, passwords: passwords, credentials: credentials, sessions: sessions, signIns: signIns, watchers: watchers}
}

// ByID gives a user.
//
// Errors: domain.ErrUserNotFound.
func (u *Users) ByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	user, err := u.repo.ByID(ctx, id)
	if err != nil {
		return domain.User{}, err
	}
	return user, u.require(ctx, UserRead, user)
}

// List gives a page of the users that the caller may see.
//
// Errors: page.ErrCursor.
func (u *Users) List(ctx context.Context, filter ports.UserFilter, request page.Request) (page.Page[domain.User], error) {
	scope, err := u.authz.Scope(ctx, UserRead)
	if err != nil {
		return page.Page[domain.User]{}, err
	}
	filter.Scope = scope
	return u.repo.List(ctx, filter, request)
}

// NewUser is what a user is made of.
type NewUser struct {
	Email          string
	FullName       *string
	OrganizationID *int64
	DepartmentID   *int64
	Password       *string // nil: none until a reset; it is marked as one to be changed
}

// Create adds a user.
//
// Errors: errs.Invalid, domain.ErrEmailTaken, domain.ErrTooBusy, authz.ErrForbidden.
func (u *Users) Create(ctx context.Context, given NewUser) (domain.User, error) {
	if err := u.requirePlace(ctx, UserCreate, domain.User{OrganizationID: given.OrganizationID, DepartmentID: given.DepartmentID}); err != nil {
		return domain.User{}, err
	}
	var v errs.Violations
	user, err := domain.NewUser(given.Email, given.FullName, given.OrganizationID, given.DepartmentID)
	if err := v.Join(err); err != nil {
		return domain.User{}, err
	}
	if given.Password != nil {
		email, _ := domain.ParseEmail(given.Email) // told above
		if err := v.Join(u.passwords.Check("password", *given.Password, email, given.FullName)); err != nil {
			return domain.User{}, err
		}
	}
	if err := v.Join(u.checkPlace(ctx, domain.User{OrganizationID: given.OrganizationID, DepartmentID: given.DepartmentID})); err != nil {
		return domain.User{}, err
	}
	if err := v.Err(); err != nil {
		return domain.User{}, err
	}
	var credential domain.Credential
	if given.Password != nil {
		if err := u.free(ctx, user.Email, 0); err != nil {
			return domain.User{}, err
		}
		if credential, err = u.passwords.Credential(ctx, 0, *given.Password, domain.Marked); err != nil {
			return domain.User{}, err
		}
	}
	return pg.InTx(ctx, u.tx, func(ctx context.Context) (domain.User, error) {
		created, err := u.repo.Create(ctx, user)
		if err != nil || given.Password == nil {
			return created, err
		}
		credential.UserID = created.ID
		return created, u.credentials.Store(ctx, credential)
	})
}

// Update changes a user who still is what the condition says. A password that comes with it was chosen by somebody else:
// the user must change it before anything else (ASVS 6.4.6), and every session ends.
//
// Errors: errs.Invalid, domain.ErrUserNotFound, domain.ErrEmailTaken, domain.ErrTooBusy, etag.ErrStale, authz.ErrForbidden.
func (u *Users) Update(ctx context.Context, id domain.UserID, condition etag.Condition, change domain.UserChange, password *string) (domain.User, error) {
	credential, err := u.given(ctx, id, condition, change, password)
	if err != nil {
		return domain.User{}, err
	}
	return pg.InTurn(ctx, u.tx, turn(id), func(ctx context.Context) (domain.User, error) {
		before, err := u.change(ctx, UserUpdate, id, condition)
		if err != nil {
			return domain.User{}, err
		}
		user := before
		if err := user.Change(change); err != nil {
			return domain.User{}, err
		}
		if change.Moves(before) {
			if err := u.require(ctx, UserMove, before); err != nil {
				return domain.User{}, err
			}
			if err := u.requirePlace(ctx, UserMove, user); err != nil {
				return domain.User{}, err
			}
			if err := u.authz.RequireNoGain(ctx, target(before), target(user)); err != nil {
				return domain.User{}, err
			}
			if err := u.checkPlace(ctx, user); err != nil {
				return domain.User{}, err
			}
		}
		if user.Email.String() != before.Email.String() { // also where both are one account's: mail may go elsewhere
			// A code may be on its way to the former address.
			if err := u.credentials.CancelReset(ctx, id); err != nil {
				return domain.User{}, err
			}
		}
		if user.Active != before.Active {
			if err := u.require(ctx, UserActivate, before); err != nil {
				return domain.User{}, err
			}
			if err := u.switched(ctx, user); err != nil {
				return domain.User{}, err
			}
		}
		if user, err = u.repo.Update(ctx, user); err != nil {
			return domain.User{}, err
		}
		if password == nil {
			return user, nil
		}
		if err := u.requireTakeOver(ctx, before); err != nil {
			return domain.User{}, err
		}
		if err := u.credentials.Store(ctx, credential); err != nil {
			return domain.User{}, err
		}
		return user, u.sessions.endAll(ctx, id, 0)
	})
}

// given checks a password that somebody else chose for a user, with everything else that is wrong with the change.
func (u *Users) given(ctx context.Context, id domain.UserID, condition etag.Condition, change domain.UserChange, password *string) (domain.Credential, error) {
	if password == nil {
		return domain.Credential{}, nil
	}
	user, err := u.repo.ByID(ctx, id)
	if err != nil {
		return domain.Credential{}, err
	}
	// Before a rule or a hash tells anything.
	if err := u.require(ctx, UserUpdate, user); err != nil {
		return domain.Credential{}, err
	}
	if err := u.requireTakeOver(ctx, user); err != nil {
		return domain.Credential{}, err
	}
	var v errs.Violations
	if err := v.Join(user.Change(change)); err != nil {
		return domain.Credential{}, err
	}
	if err := v.Join(u.passwords.Check("password", *password, user.Email, user.FullName)); err != nil {
		return domain.Credential{}, err
	}
	if err := v.Err(); err != nil {
		return domain.Credential{}, err
	}
	if err := condition.Check(user.Version); err != nil {
		return domain.Credential{}, err
	}
	if err := u.free(ctx, user.Email, id); err != nil {
		return domain.Credential{}, err
	}
	return u.passwords.Credential(ctx, id, *password, domain.Required)
}

// free says whether an email can be that of a user, 0 for a new one, before a hash is computed for somebody who will be
// refused; the unique index says so once more.
//
// Errors: domain.ErrEmailTaken, errs.Unavailable.
func (u *Users) free(ctx context.Context, email domain.Email, user domain.UserID) error {
	owner, err := u.credentials.ByEmail(ctx, email)
	if err == nil && owner.UserID != 0 && owner.UserID != user {
		return domain.ErrEmailTaken
	}
	return err
}

// Delete takes a user away who still is what the condition says: every session ends, and the email is free again.
//
// Errors: domain.ErrUserNotFound, domain.ErrOwnAccount, etag.ErrStale, authz.ErrForbidden.
func (u *Users) Delete(ctx context.Context, id domain.UserID, condition etag.Condition) error {
	if err := notOneself(ctx, id); err != nil {
		return err
	}
	return u.tx.InTurn(ctx, turn(id), func(ctx context.Context) error {
		user, err := u.change(ctx, UserDelete, id, condition)
		if err != nil {
			return err
		}
		if err := u.watchers.leaving(ctx, id, true); err != nil {
			return err
		}
		if err := u.credentials.Forget(ctx, id); err != nil {
			return err
		}
		if err := u.signIns.Unlock(ctx, user.Email); err != nil { // what counts for the email counts for its next owner
			return err
		}
		if err := u.repo.Delete(ctx, id); err != nil {
			return err
		}
		return u.sessions.endAll(ctx, id, 0)
	})
}

// SetActive lets a user sign in or not.
//
// Errors: domain.ErrUserNotFound, domain.ErrOwnAccount, authz.ErrForbidden.
func (u *Users) SetActive(ctx context.Context, id domain.UserID, active bool) (domain.User, error) {
	if err := notOneself(ctx, id); !active && err != nil {
		return domain.User{}, err
	}
	return pg.InTurn(ctx, u.tx, turn(id), func(ctx context.Context) (domain.User, error) {
		user, err := u.change(ctx, UserActivate, id, etag.Condition{})
		if err != nil || user.Active == active {
			return user, err
		}
		user.Active = active
		if err := u.switched(ctx, user); err != nil {
			return domain.User{}, err
		}
		return u.repo.Update(ctx, user)
	})
}

// switched does what goes with activating or deactivating a user, who is locked by the context's transaction and is to
// be stored as given. When a user is deactivated every session ends (ASVS 7.4.2), and so do reset codes: the user's own
// and those that the user started for others.
//
// Errors: domain.ErrOwnAccount, those of the Watchers.
func (u *Users) switched(ctx context.Context, user domain.User) error {
	if user.Active {
		return nil
	}
	if err := notOneself(ctx, user.ID); err != nil {
		return err
	}
	if err := u.watchers.leaving(ctx, user.ID, false); err != nil {
		return err
	}
	if err := u.credentials.CancelResetsOf(ctx, user.ID); err != nil {
		return err
	}
	return u.sessions.endAll(ctx, user.ID, 0)
}

// Unlock forgets the failures that locked an account.
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) Unlock(ctx context.Context, id domain.UserID) (domain.User, error) {
	return pg.InTurn(ctx, u.tx, turn(id), func(ctx context.Context) (domain.User, error) {
		user, err := u.change(ctx, UserActivate, id, etag.Condition{})
		if err != nil {
			return domain.User{}, err
		}
		if err := u.signIns.Unlock(ctx, user.Email); err != nil {
			return domain.User{}, err
		}
		return user, nil
	})
}

// SignIns gives a page of a user's attempts to sign in whose address or agent contains search.
//
// Errors: domain.ErrUserNotFound, page.ErrCursor, authz.ErrForbidden.
func (u *Users) SignIns(ctx context.Context, id domain.UserID, search string, request page.Request) (page.Page[domain.SignIn], error) {
	if err := u.mayFollow(ctx, id); err != nil {
		return page.Page[domain.SignIn]{}, err
	}
	return u.signIns.Of(ctx, id, search, request)
}

// Sessions gives a user's sessions.
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) Sessions(ctx context.Context, id domain.UserID, search string, request page.Request) (page.Page[domain.Session], error) {
	if err := u.mayFollow(ctx, id); err != nil {
		return page.Page[domain.Session]{}, err
	}
	return u.sessions.of(ctx, id, search, request)
}

// mayFollow says whether the caller may see when and from where a user signs in.
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) mayFollow(ctx context.Context, id domain.UserID) error {
	user, err := u.repo.ByID(ctx, id)
	if err != nil {
		return err
	}
	return u.require(ctx, SessionRead, user)
}

// EndSessions ends every session of a user (ASVS 7.4.5).
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) EndSessions(ctx context.Context, id domain.UserID) error {
	return u.tx.InTurn(ctx, turn(id), func(ctx context.Context) error {
		if _, err := u.change(ctx, UserEndSessions, id, etag.Condition{}); err != nil {
			return err
		}
		return u.sessions.endAll(ctx, id, 0)
	})
}

// EndSession ends one session of a user (ASVS 7.4.5).
//
// Errors: domain.ErrUserNotFound, domain.ErrSessionNotFound, authz.ErrForbidden.
func (u *Users) EndSession(ctx context.Context, id domain.UserID, session domain.SessionID) error {
	return u.tx.InTurn(ctx, turn(id), func(ctx context.Context) error {
		if _, err := u.change(ctx, UserEndSessions, id, etag.Condition{}); err != nil {
			return err
		}
		return u.sessions.end(ctx, id, session)
	})
}

// turn is that of all who change a user.
func turn(id domain.UserID) pg.Turn { return pg.Turn{Of: "user", ID: int64(id)} }

// change loads a user whom the caller is about to act on, if they may and the user still is what they saw. Whatever the
// act is, the caller needs all that the user holds: nobody changes, stops or lets in somebody who may do more. Callers
// may act on their own account.
//
// Errors: those of require, etag.ErrStale.
func (u *Users) change(ctx context.Context, permission authz.Permission, id domain.UserID, condition etag.Condition) (domain.User, error) {
	user, err := u.repo.ForUpdate(ctx, id)
	if err != nil {
		return domain.User{}, err
	}
	if err := u.require(ctx, permission, user); err != nil {
		return domain.User{}, err
	}
	if err := u.authz.RequireAllOf(ctx, int64(id)); err != nil {
		return domain.User{}, err
	}
	return user, condition.Check(user.Version)
}

// require says whether the caller may do something to a user who is there.
//
// Errors: domain.ErrUserNotFound for one whom they may not see, authz.ErrForbidden.
func (u *Users) require(ctx context.Context, permission authz.Permission, user domain.User) error {
	return authz.On(ctx, u.authz, permission, UserRead, target(user), domain.ErrUserNotFound)
}

// requireTakeOver says whether the caller may give a user another password, by which they could become that user.
//
// Errors: those of require, domain.ErrOwnPassword.
func (u *Users) requireTakeOver(ctx context.Context, user domain.User) error {
	if notOneself(ctx, user.ID) != nil { // a change of one's own asks for the present one (ASVS 6.2.3)
		return domain.ErrOwnPassword
	}
	if err := u.require(ctx, UserResetPassword, user); err != nil {
		return err
	}
	return u.authz.RequireAllOf(ctx, int64(user.ID))
}

// requirePlace says whether the caller may put a user where it says it belongs. Whether that is there is not known yet;
// what the caller may not see is as unknown to them as what is not.
//
// Errors: errs.Invalid, authz.ErrForbidden.
func (u *Users) requirePlace(ctx context.Context, permission authz.Permission, user domain.User) error {
	switch {
	case user.OrganizationID == nil:
		return u.authz.Require(ctx, permission, authz.System())
	case user.DepartmentID == nil:
		return authz.On(ctx, u.authz, permission, UserRead, target(user), domain.ErrUnknownOrganization)
	default:
		return authz.On(ctx, u.authz, permission, UserRead, target(user), domain.ErrUnknownDepartment)
	}
}

// checkPlace says whether the user's organization and department are there and belong together. The database's keys say
// so once more, for those that go at the same moment.
func (u *Users) checkPlace(ctx context.Context, user domain.User) error {
	var exists, departmentExists bool
	var of int64
	var err error
	if user.OrganizationID != nil {
		if exists, err = u.directory.OrganizationExists(ctx, *user.OrganizationID); err != nil {
			return err
		}
	}
	if user.DepartmentID != nil {
		if of, departmentExists, err = u.directory.OrganizationOf(ctx, *user.DepartmentID); err != nil {
			return err
		}
	}
	return user.CheckPlace(exists, of, departmentExists)
}

// notOneself keeps somebody there who can undo it.
func notOneself(ctx context.Context, id domain.UserID) error {
	if domain.UserID(authn.From(ctx).UserID) == id {
		return domain.ErrOwnAccount
	}
	return nil
}

// target is what has to be allowed for somebody to act on a user: where the user belongs.
func target(u domain.User) authz.Target {
	switch {
	case u.OrganizationID == nil:
		return authz.System()
	case u.DepartmentID == nil:
		return authz.Organization(*u.OrganizationID)
	default:
		return authz.Department(*u.OrganizationID, *u.DepartmentID)
	}
}
