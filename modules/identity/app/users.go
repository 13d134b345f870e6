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

// cancelReset takes a user's one-time code away, if there is one.
func (u *Users) cancelReset(ctx context.Context, tx *change.Tx, user domain.User) error {
	cancelled, err := u.credentials.CancelReset(ctx, user.ID)
	if cancelled {
		tx.Record(user.ResetCancelled())
	}
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
	return authz.RequireVisible(ctx, u.authz, permission, UserRead, domain.ErrUserNotFound, user.Place)
}

// notOneself keeps somebody there who can undo it.
func notOneself(ctx context.Context, id domain.UserID) error {
	if by := maker(ctx); by != nil && *by == id {
		return domain.ErrOwnAccount
	}
	return nil
}
