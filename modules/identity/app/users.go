package app

import (
	"context"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// Users are the use cases of users, as administrators see them.
type Users struct {
	door        *change.Door
	authz       authz.Authorizer
	repo        ports.Users
	directory   orgports.Directory
	passwords   *PasswordRules
	credentials ports.Credentials
	sessions    *Sessions
	signIns     ports.SignIns
}

// NewUsers makes the use cases.
func NewUsers(door *change.Door, authorizer authz.Authorizer, repo ports.Users, directory orgports.Directory, passwords *PasswordRules, credentials ports.Credentials, sessions *Sessions, signIns ports.SignIns) *Users {
	return &Users{door: door, authz: authorizer, repo: repo, directory: directory, passwords: passwords, credentials: credentials, sessions: sessions, signIns: signIns}
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

// CreateUser is the command of Create.
type CreateUser struct {
	Email    string
	FullName *string
	Place    place.Place
	Password *string // nil: none until a reset; it is marked as one to be changed
}

// Create adds a user.
//
// Errors: errs.Invalid, domain.ErrEmailTaken, domain.ErrTooBusy, authz.ErrForbidden.
func (u *Users) Create(ctx context.Context, c CreateUser) (domain.User, error) {
	if err := u.requirePlace(ctx, UserCreate, c.Place); err != nil {
		return domain.User{}, err
	}
	var v errs.Violations
	user, err := domain.NewUser(c.Email, c.FullName, c.Place)
	if err := v.Join(err); err != nil {
		return domain.User{}, err
	}
	if c.Password != nil {
		email, _ := domain.ParseEmail(c.Email) // told above
		if err := v.Join(u.passwords.Check("password", *c.Password, email, c.FullName)); err != nil {
			return domain.User{}, err
		}
	}
	if err := v.Join(u.checkPlace(ctx, c.Place)); err != nil {
		return domain.User{}, err
	}
	if err := v.Err(); err != nil {
		return domain.User{}, err
	}
	var credential domain.Credential
	if c.Password != nil {
		if err := u.free(ctx, user.Email, 0); err != nil {
			return domain.User{}, err
		}
		if credential, err = u.passwords.Credential(ctx, 0, *c.Password, domain.Marked); err != nil {
			return domain.User{}, err
		}
	}
	return change.Do(ctx, u.door, func(ctx context.Context, tx *change.Tx) (domain.User, error) {
		last := ctx
		if c.Password == nil {
			last = tx.Last(ctx, user.Creating())
		}
		created, err := u.repo.Create(last, user)
		if err != nil {
			return domain.User{}, err
		}
		tx.Record(created.Created())
		if c.Password == nil {
			return created, nil
		}
		credential := credential
		credential.UserID = created.ID
		return created, u.give(ctx, tx, created, credential)
	})
}

// give stores a password that somebody else chose for a user.
func (u *Users) give(ctx context.Context, tx *change.Tx, user domain.User, credential domain.Credential) error {
	tx.Record(user.PasswordGiven())
	return u.credentials.Store(ctx, credential)
}

// UpdateUser is the command of Update.
type UpdateUser struct {
	ID       domain.UserID
	Expected etag.Condition
	Change   domain.UserChange
	Password *string // nil: the one that the user has
}

// Update changes a user who still is what is expected. A password that comes with it was chosen by somebody else: the user
// must change it before anything else (ASVS 6.4.6), and every session ends.
//
// Errors: errs.Invalid, domain.ErrUserNotFound, domain.ErrEmailTaken, domain.ErrTooBusy, etag.ErrStale, authz.ErrForbidden.
func (u *Users) Update(ctx context.Context, c UpdateUser) (domain.User, error) {
	credential, err := u.given(ctx, c)
	if err != nil {
		return domain.User{}, err
	}
	return change.InTurn(ctx, u.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (domain.User, error) {
		before, err := u.lock(ctx, UserUpdate, c.ID, c.Expected)
		if err != nil {
			return domain.User{}, err
		}
		user := before
		if err := user.Change(c.Change); err != nil {
			return domain.User{}, err
		}
		changes := user.ChangedFrom(before)
		if len(changes) == 0 && c.Password == nil {
			return before, nil
		}
		if c.Change.Moves(before) {
			if err := u.requireMove(ctx, before, user); err != nil {
				return domain.User{}, err
			}
		}
		if c.Password == nil && user.Email == before.Email && user.Active == before.Active { // nothing else comes of it
			after, err := u.repo.Update(tx.Last(ctx, changes...), user)
			if err != nil {
				return domain.User{}, err
			}
			tx.Record(changes...)
			return after, nil
		}
		tx.Record(changes...)
		if user.Email.String() != before.Email.String() { // also where both are one account's: mail may go elsewhere
			// A code may be on its way to the former address.
			if err := u.cancelReset(ctx, tx, user); err != nil {
				return domain.User{}, err
			}
		}
		if user.Active != before.Active {
			if err := u.require(ctx, UserActivate, before); err != nil {
				return domain.User{}, err
			}
			if err := u.switched(ctx, tx, user); err != nil {
				return domain.User{}, err
			}
		}
		if user, err = u.repo.Update(ctx, user); err != nil {
			return domain.User{}, err
		}
		if c.Password == nil {
			return user, nil
		}
		if err := u.requireTakeOver(ctx, before); err != nil {
			return domain.User{}, err
		}
		if err := u.give(ctx, tx, user, credential); err != nil {
			return domain.User{}, err
		}
		return user, u.sessions.endAll(ctx, tx, user, 0)
	})
}

// requireMove says whether the caller may give a user another place, which is there, and gains nothing over the user by
// that.
//
// Errors: those of require and requirePlace.
func (u *Users) requireMove(ctx context.Context, before, user domain.User) error {
	if err := u.require(ctx, UserMove, before); err != nil {
		return err
	}
	if err := u.requirePlace(ctx, UserMove, user.Place); err != nil {
		return err
	}
	if err := u.authz.RequireNoGain(ctx, before.Place, user.Place); err != nil {
		return err
	}
	return u.checkPlace(ctx, user.Place)
}

// given checks a password that somebody else chose for a user, with everything else that is wrong with the change.
func (u *Users) given(ctx context.Context, c UpdateUser) (domain.Credential, error) {
	if c.Password == nil {
		return domain.Credential{}, nil
	}
	user, err := u.repo.ByID(ctx, c.ID)
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
	if err := v.Join(user.Change(c.Change)); err != nil {
		return domain.Credential{}, err
	}
	if err := v.Join(u.passwords.Check("password", *c.Password, user.Email, user.FullName)); err != nil {
		return domain.Credential{}, err
	}
	if err := v.Err(); err != nil {
		return domain.Credential{}, err
	}
	if err := c.Expected.Check(user.Version); err != nil {
		return domain.Credential{}, err
	}
	if err := u.free(ctx, user.Email, c.ID); err != nil {
		return domain.Credential{}, err
	}
	return u.passwords.Credential(ctx, c.ID, *c.Password, domain.Required)
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

// DeleteUser is the command of Delete.
type DeleteUser struct {
	ID       domain.UserID
	Expected etag.Condition
}

// Delete takes a user away who still is what is expected: every session ends, and the email is free again.
//
// Errors: domain.ErrUserNotFound, domain.ErrOwnAccount, etag.ErrStale, authz.ErrForbidden.
func (u *Users) Delete(ctx context.Context, c DeleteUser) error {
	if err := notOneself(ctx, c.ID); err != nil {
		return err
	}
	_, err := change.InTurn(ctx, u.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		user, err := u.lock(ctx, UserDelete, c.ID, c.Expected)
		if err != nil {
			return none, err
		}
		tx.Record(user.Deleted())
		if err := u.credentials.Forget(ctx, c.ID); err != nil {
			return none, err
		}
		if _, err := u.signIns.Unlock(ctx, user.Email); err != nil { // what counts for the email counts for its next owner
			return none, err
		}
		if err := u.repo.Delete(ctx, c.ID); err != nil {
			return none, err
		}
		return none, u.sessions.endAll(ctx, tx, user, 0)
	})
	return err
}

// SetActive is the command of SetActive.
type SetActive struct {
	ID     domain.UserID
	Active bool
}

// SetActive lets a user sign in or not.
//
// Errors: domain.ErrUserNotFound, domain.ErrOwnAccount, authz.ErrForbidden.
func (u *Users) SetActive(ctx context.Context, c SetActive) (domain.User, error) {
	if err := notOneself(ctx, c.ID); !c.Active && err != nil {
		return domain.User{}, err
	}
	return change.InTurn(ctx, u.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (domain.User, error) {
		before, err := u.lock(ctx, UserActivate, c.ID, etag.Condition{})
		if err != nil || before.Active == c.Active {
			return before, err
		}
		user := before
		user.Active = c.Active
		tx.Record(user.ChangedFrom(before)...)
		if err := u.switched(ctx, tx, user); err != nil {
			return domain.User{}, err
		}
		return u.repo.Update(ctx, user)
	})
}

// switched does what goes with activating or deactivating a user, who is locked by the context's transaction and is to
// be stored as given. When a user is deactivated every session ends (ASVS 7.4.2), and so do reset codes: the user's own
// and those that the user started for others.
//
// Errors: domain.ErrOwnAccount.
func (u *Users) switched(ctx context.Context, tx *change.Tx, user domain.User) error {
	if user.Active {
		return nil
	}
	if err := notOneself(ctx, user.ID); err != nil {
		return err
	}
	if err := u.credentials.CancelResetsOf(ctx, user.ID); err != nil {
		return err
	}
	return u.sessions.endAll(ctx, tx, user, 0)
}

// UnlockUser is the command of Unlock.
type UnlockUser struct{ ID domain.UserID }

// Unlock forgets the failures that locked an account.
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) Unlock(ctx context.Context, c UnlockUser) (domain.User, error) {
	return change.InTurn(ctx, u.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (domain.User, error) {
		user, err := u.lock(ctx, UserActivate, c.ID, etag.Condition{})
		if err != nil {
			return domain.User{}, err
		}
		return user, u.unlock(ctx, tx, user)
	})
}

// unlock forgets the failures at a user's account.
func (u *Users) unlock(ctx context.Context, tx *change.Tx, user domain.User) error {
	unlocked, err := u.signIns.Unlock(ctx, user.Email)
	if unlocked {
		tx.Record(user.Unlocked())
	}
	return err
}

// cancelReset takes a user's one-time code away, if there is one.
func (u *Users) cancelReset(ctx context.Context, tx *change.Tx, user domain.User) error {
	cancelled, err := u.credentials.CancelReset(ctx, user.ID)
	if cancelled {
		tx.Record(user.ResetCancelled())
	}
	return err
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

// EndSessions is the command of EndSessions.
type EndSessions struct{ User domain.UserID }

// EndSessions ends every session of a user (ASVS 7.4.5).
//
// Errors: domain.ErrUserNotFound, authz.ErrForbidden.
func (u *Users) EndSessions(ctx context.Context, c EndSessions) error {
	_, err := change.InTurn(ctx, u.door, turn(c.User), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		user, err := u.lock(ctx, UserEndSessions, c.User, etag.Condition{})
		if err != nil {
			return none, err
		}
		return none, u.sessions.endAll(ctx, tx, user, 0)
	})
	return err
}

// EndSession is the command of EndSession.
type EndSession struct {
	User    domain.UserID
	Session domain.SessionID
}

// EndSession ends one session of a user (ASVS 7.4.5).
//
// Errors: domain.ErrUserNotFound, domain.ErrSessionNotFound, authz.ErrForbidden.
func (u *Users) EndSession(ctx context.Context, c EndSession) error {
	_, err := change.InTurn(ctx, u.door, turn(c.User), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		user, err := u.lock(ctx, UserEndSessions, c.User, etag.Condition{})
		if err != nil {
			return none, err
		}
		return none, u.sessions.end(ctx, tx, user, c.Session)
	})
	return err
}

// turn is that of all who change a user.
func turn(id domain.UserID) change.Turn { return change.Turn{Of: "user", ID: int64(id)} }

// lock loads a user whom the caller is about to act on, if they may and the user still is what they saw. Whatever the
// act is, the caller needs all that the user holds: nobody changes, stops or lets in somebody who may do more. Callers
// may act on their own account.
//
// Errors: those of require, etag.ErrStale.
func (u *Users) lock(ctx context.Context, permission authz.Permission, id domain.UserID, condition etag.Condition) (domain.User, error) {
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
	return authz.On(ctx, u.authz, permission, UserRead, domain.ErrUserNotFound, user.Place)
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

// requirePlace says whether the caller may put a user into a place. Whether that exists is not known yet; a place that the
// caller may not see is as unknown to them as a missing one.
//
// Errors: errs.Invalid, authz.ErrForbidden.
func (u *Users) requirePlace(ctx context.Context, permission authz.Permission, at place.Place) error {
	switch {
	case at.Organization == 0: // a department alone is refused later
		return authz.Require(ctx, u.authz, permission, place.System())
	case at.Department == 0:
		return authz.On(ctx, u.authz, permission, UserRead, domain.ErrUnknownOrganization, at)
	default:
		return authz.On(ctx, u.authz, permission, UserRead, domain.ErrUnknownDepartment, at)
	}
}

// checkPlace says whether a place's organization and department exist and belong together. The database's keys say so once
// more, for those that go at the same moment.
func (u *Users) checkPlace(ctx context.Context, at place.Place) error {
	var exists, departmentExists bool
	var of int64
	var err error
	if at.Organization != 0 {
		if exists, err = u.directory.OrganizationExists(ctx, at.Organization); err != nil {
			return err
		}
	}
	if at.Department != 0 {
		if of, departmentExists, err = u.directory.OrganizationOf(ctx, at.Department); err != nil {
			return err
		}
	}
	return domain.CheckPlace(at, exists, of, departmentExists)
}

// notOneself keeps somebody there who can undo it.
func notOneself(ctx context.Context, id domain.UserID) error {
	if by := maker(ctx); by != nil && *by == id {
		return domain.ErrOwnAccount
	}
	return nil
}
