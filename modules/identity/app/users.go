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
)

// Users are the use cases of users for administrators.
type Users struct {
	door        *change.Door
	authz       authz.Authorizer
	repo        ports.Users
	directory   orgports.Directory
	trees       orgports.Trees
	holders     authz.Holders
	passwords   *PasswordRules
	credentials ports.Credentials
	sessions    *Sessions
	signIns     ports.SignIns
}

// NewUsers makes the use cases.
func NewUsers(door *change.Door, authorizer authz.Authorizer, repo ports.Users, directory orgports.Directory, trees orgports.Trees, holders authz.Holders, passwords *PasswordRules, credentials ports.Credentials, sessions *Sessions, signIns ports.SignIns) *Users {
	return &Users{door: door, authz: authorizer, repo: repo, directory: directory, trees: trees, holders: holders, passwords: passwords, credentials: credentials, sessions: sessions, signIns: signIns}
}

// ByID returns a user.
//
// Errors: domain.ErrUserNotFound.
func (u *Users) ByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	user, err := u.repo.ByID(ctx, id)
	if err != nil {
		return domain.User{}, err
	}
	return user, u.require(ctx, UserRead, user)
}

// List returns a page of the users that the caller may see.
//
// Errors: page.ErrCursor.
func (u *Users) List(ctx context.Context, filter ports.UserFilter, request page.Request) (page.Page[domain.User], error) {
	scope, err := u.authz.Scope(ctx, UserRead)
	if err != nil {
		return page.Page[domain.User]{}, err
	}
	if filter.Scope, err = u.within(ctx, scope, filter.Within); err != nil {
		return page.Page[domain.User]{}, err
	}
	if filter.RoleID != nil {
		if filter.Holding, err = u.holders.Holding(ctx, *filter.RoleID); err != nil {
			return page.Page[domain.User]{}, err
		}
	}
	if filter.Beside, err = u.beside(ctx, filter.Search, filter.Scope); err != nil {
		return page.Page[domain.User]{}, err
	}
	return u.repo.List(ctx, filter, request)
}

// CreateUser is the command of Create.
type CreateUser struct {
	Fields   domain.UserChange
	Password *string // nil: none until a reset; the user must change it
}

// Create adds a user.
//
// Errors: errs.Invalid, domain.ErrEmailTaken, domain.ErrNumberTaken, domain.ErrTooBusy, authz.ErrForbidden.
func (u *Users) Create(ctx context.Context, c CreateUser) (domain.User, error) {
	at := c.Fields.PlaceOf(domain.User{})
	if err := u.requirePlace(ctx, UserCreate, at); err != nil {
		return domain.User{}, err
	}
	var v errs.Violations
	user, err := domain.NewUser(c.Fields)
	if err := v.Join(err); err != nil {
		return domain.User{}, err
	}
	if c.Password != nil {
		if err := v.Join(u.passwords.Check("password", *c.Password, c.Fields.AsTyped())); err != nil {
			return domain.User{}, err
		}
	}
	if err := v.Join(u.checkPlace(ctx, at)); err != nil {
		return domain.User{}, err
	}
	if err := v.Err(); err != nil {
		return domain.User{}, err
	}
	var credential domain.Credential
	if c.Password != nil {
		if err := u.requireFreeNames(ctx, user); err != nil {
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
		return created, u.storeGiven(ctx, tx, created, credential)
	})
}

// UpdateUser is the command of Update.
type UpdateUser struct {
	ID       domain.UserID
	Expected etag.Condition
	Change   domain.UserChange
	Password *string // nil: the one that the user has
}

// Update changes a user if they still have the expected version. A password in the command is a given one: the user must
// change it before anything else (ASVS 6.4.6), and all sessions end.
//
// Errors: errs.Invalid, domain.ErrUserNotFound, domain.ErrEmailTaken, domain.ErrNumberTaken, domain.ErrTooBusy, etag.ErrStale, authz.ErrForbidden.
func (u *Users) Update(ctx context.Context, c UpdateUser) (domain.User, error) {
	credential, err := u.checkGiven(ctx, c)
	if err != nil {
		return domain.User{}, err
	}
	return change.InTurn(ctx, u.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (domain.User, error) {
		before, err := u.toChange(ctx, UserUpdate, c.ID, c.Expected)
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
		if c.Password == nil && user.SameNames(before) && user.Active == before.Active { // nothing else follows
			after, err := u.repo.Update(tx.Last(ctx, changes...), user)
			if err != nil {
				return domain.User{}, err
			}
			tx.Record(changes...)
			return after, nil
		}
		tx.Record(changes...)
		if user.Email.String() != before.Email.String() { // also if both have the same key: mail may be delivered elsewhere
			// A code may have been sent to the former address.
			if err := u.cancelReset(ctx, tx, user); err != nil {
				return domain.User{}, err
			}
		}
		if !user.SameNames(before) { // those who failed under the former ones do not know the others
			if _, err := u.signIns.Unlock(ctx, before); err != nil {
				return domain.User{}, err
			}
		}
		if user.Active != before.Active {
			if err := u.require(ctx, UserActivate, before); err != nil {
				return domain.User{}, err
			}
			if err := u.afterSwitch(ctx, tx, user); err != nil {
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
		if err := u.storeGiven(ctx, tx, user, credential); err != nil {
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

// Delete deletes a user if they still have the expected version: all sessions end, and the email and the employee number can be used again.
//
// Errors: domain.ErrUserNotFound, domain.ErrOwnAccount, etag.ErrStale, authz.ErrForbidden.
func (u *Users) Delete(ctx context.Context, c DeleteUser) error {
	if err := requireOtherUser(ctx, c.ID); err != nil {
		return err
	}
	_, err := change.InTurn(ctx, u.door, turn(c.ID), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		user, err := u.lock(ctx, UserDelete, c.ID, c.Expected)
		if err != nil {
			return none, err
		}
		tx.Record(user.Deleted())
		if err := u.credentials.DeleteAll(ctx, c.ID); err != nil {
			return none, err
		}
		if _, err := u.signIns.Unlock(ctx, user); err != nil { // failures are counted by name, and its next owner starts without any
			return none, err
		}
		if err := u.repo.Delete(ctx, c.ID); err != nil {
			return none, err
		}
		return none, u.sessions.endAll(ctx, tx, user, 0)
	})
	return err
}

// cancelReset deletes a user's one-time code, if there is one.
func (u *Users) cancelReset(ctx context.Context, tx *change.Tx, user domain.User) error {
	cancelled, err := u.credentials.CancelReset(ctx, user.ID)
	if cancelled {
		tx.Record(user.ResetCancelled())
	}
	return err
}

// turn is the turn of changes of a user.
func turn(id domain.UserID) change.Turn { return change.Turn{Of: "user", ID: int64(id)} }

// lock loads and locks a user that the caller is about to change, and checks permission and version. The caller must hold all
// permissions of the user: nobody may change, deactivate or activate a user who may do more. Callers may act on their own
// account.
//
// Errors: those of require, etag.ErrStale.
func (u *Users) lock(ctx context.Context, permission authz.Permission, id domain.UserID, condition etag.Condition) (domain.User, error) {
	user, err := u.repo.ForUpdate(ctx, id)
	if err != nil {
		return domain.User{}, err
	}
	return user, u.requireChange(ctx, permission, user, condition)
}

// toChange is lock for ports.Users.ToChange.
func (u *Users) toChange(ctx context.Context, permission authz.Permission, id domain.UserID, condition etag.Condition) (domain.User, error) {
	user, err := u.repo.ToChange(ctx, id)
	if err != nil {
		return domain.User{}, err
	}
	return user, u.requireChange(ctx, permission, user, condition)
}

func (u *Users) requireChange(ctx context.Context, permission authz.Permission, user domain.User, condition etag.Condition) error {
	if err := u.require(ctx, permission, user); err != nil {
		return err
	}
	if err := u.authz.RequireAllOf(ctx, int64(user.ID)); err != nil {
		return err
	}
	return condition.Check(user.Version)
}

// require checks a permission of the caller for an existing user.
//
// Errors: domain.ErrUserNotFound for one whom they may not see, authz.ErrForbidden.
func (u *Users) require(ctx context.Context, permission authz.Permission, user domain.User) error {
	return authz.RequireVisible(ctx, u.authz, permission, UserRead, domain.ErrUserNotFound, user.Place)
}

// requireOtherUser refuses that callers do this to themselves, so that another user can undo it.
func requireOtherUser(ctx context.Context, id domain.UserID) error {
	if by := maker(ctx); by != nil && *by == id {
		return domain.ErrOwnAccount
	}
	return nil
}
