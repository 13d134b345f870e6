package http

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"erp.internal/modules/identity/app"
	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/errs"
	"erp.internal/platform/etag"
	"erp.internal/platform/httpx"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// User is a user as answers show it.
type User struct {
	ID       int64   `json:"id" example:"1"`
	Email    string  `json:"email" example:"alice@example.com"`
	FullName *string `json:"full_name" example:"김앨리스"`
	place.IDs
	IsActive  bool      `json:"is_active"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func userOf(u domain.User) User {
	return User{
		ID: int64(u.ID), Email: u.Email.String(), FullName: u.FullName, IDs: u.Place.IDs(),
		IsActive: u.Active, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
}

func userFound(u domain.User, err error) (*httpx.Found[User], error) {
	if err != nil {
		return nil, err
	}
	return userShown(u), nil
}

func userShown(u domain.User) *httpx.Found[User] {
	return &httpx.Found[User]{ETag: etag.Of(u.Version), Body: userOf(u)}
}

type userByID struct {
	ID domain.UserID `path:"id" minimum:"1"`
}

type createUser struct {
	Body struct {
		httpx.Echoed
		LastSignInAt   any                          `json:"last_sign_in_at,omitempty" readOnly:"true" doc:"Ignored"`
		Email          Email                        `json:"email" doc:"Unique among all users, ignoring case"`
		FullName       httpx.Nullable[FullName]     `json:"full_name,omitempty"`
		IsActive       httpx.Optional[bool]         `json:"is_active,omitempty" enum:"true" doc:"Whether the user is active; new users are by default"`
		Password       httpx.Nullable[httpx.Secret] `json:"password,omitempty" doc:"The user must change it at the first sign-in. Without a password, an administrator starts a reset"`
		OrganizationID httpx.Nullable[int64]        `json:"organization_id,omitempty" minimum:"1"`
		DepartmentID   httpx.Nullable[int64]        `json:"department_id,omitempty" minimum:"1" doc:"A department of the organization"`
	}
}

type updateUser struct {
	ID domain.UserID `path:"id" minimum:"1"`
	httpx.IfMatch
	Body struct {
		httpx.Echoed
		LastSignInAt   any                          `json:"last_sign_in_at,omitempty" readOnly:"true" doc:"Ignored"`
		Email          httpx.Optional[Email]        `json:"email,omitempty" doc:"Unique among all users, ignoring case"`
		FullName       httpx.Nullable[FullName]     `json:"full_name,omitempty"`
		Password       httpx.Optional[httpx.Secret] `json:"password,omitempty" doc:"The user must change it at the next sign-in; all sessions end"`
		IsActive       httpx.Optional[bool]         `json:"is_active,omitempty" doc:"Activates or deactivates the user; also needs user.activate"`
		OrganizationID httpx.Nullable[int64]        `json:"organization_id,omitempty" minimum:"1"`
		DepartmentID   httpx.Nullable[int64]        `json:"department_id,omitempty" minimum:"1" doc:"A department of the organization"`
	}
}

type deleteUser struct {
	ID domain.UserID `path:"id" minimum:"1"`
	httpx.IfMatch
}

type listUsers struct {
	httpx.ListInput
	httpx.IDFilter
	httpx.WithinFilter
	OrganizationID    int64  `query:"organization_id" minimum:"1" doc:"Return only items of this organization"`
	DepartmentID      int64  `query:"department_id" minimum:"1" doc:"Return only users of this department, without its descendants"`
	WithoutDepartment bool   `query:"without_department" doc:"true: return only users of no department"`
	IsActive          string `query:"is_active" enum:"true,false" doc:"Return only active or only deactivated users"`
	CreatedSince      string `query:"created_since" format:"date-time" doc:"Return only users who were created at this moment or later (RFC 3339)"`
	UpdatedSince      string `query:"updated_since" format:"date-time" doc:"Return only users who were changed at this moment or later (RFC 3339)"`
	NeverSignedIn     bool   `query:"never_signed_in" doc:"true: return only users who have never signed in"`
	LastSignInBefore  string `query:"last_sign_in_before" format:"date-time" doc:"Return only users who have signed in, the last time before this moment (RFC 3339)"`
	RoleID            int64  `query:"role_id" minimum:"1" doc:"Return only users who have this role now, by a grant that the caller may see"`
	Sort              string `query:"sort" default:"id" enum:"id,-id,email,-email,full_name,-full_name,created_at,-created_at,updated_at,-updated_at,last_sign_in_at,-last_sign_in_at" doc:"Sort field; prefix - for descending order"`
}

func (in *listUsers) filter() (ports.UserFilter, error) {
	var v errs.Violations
	within, err := in.Place()
	if err := v.Join(err); err != nil {
		return ports.UserFilter{}, err
	}
	filter := ports.UserFilter{
		IDs: httpx.IDs[domain.UserID](in.IDFilter), Place: place.Place{Organization: in.OrganizationID, Department: in.DepartmentID}, Within: within,
		WithoutDepartment: in.WithoutDepartment, CreatedSince: httpx.Moment(&v, "created_since", in.CreatedSince), UpdatedSince: httpx.Moment(&v, "updated_since", in.UpdatedSince),
		NeverSignedIn: in.NeverSignedIn, LastSignInBefore: httpx.Moment(&v, "last_sign_in_before", in.LastSignInBefore), Search: search.Parse(in.Q.Text()),
	}
	if in.IsActive != "" {
		active := in.IsActive == "true"
		filter.Active = &active
	}
	if in.RoleID != 0 {
		filter.RoleID = &in.RoleID
	}
	return filter, v.Err()
}

// ListedUser is a user as lists show it.
type ListedUser struct {
	User
	LastSignInAt *time.Time `json:"last_sign_in_at" doc:"null: the user has never signed in. Rounded to the minute; only in lists, since it is no part of the user's version"`
}

func listedUserOf(u domain.User) ListedUser {
	return ListedUser{User: userOf(u), LastSignInAt: u.LastSignIn}
}

func (r *Routes) usersCRUD(api *httpx.API) {
	const tag = "Users"

	httpx.Register(api, httpx.Operation{
		ID: "list-users", Method: http.MethodGet, Path: "/users", Tag: tag, Access: app.UserRead,
		Summary: "List users", Description: "q searches emails and names.", Errors: []int{http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *listUsers) (*httpx.ListOutput[ListedUser], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		filter, err := in.filter()
		if err != nil {
			return nil, err
		}
		found, err := r.users.List(ctx, filter, request)
		if err != nil {
			return nil, err
		}
		return httpx.SharedList(api, &in.ListInput, found, listedUserOf), nil
	})

	httpx.Register(api, httpx.Operation{
		ID: "create-user", Method: http.MethodPost, Path: "/users", Tag: tag, Access: app.UserCreate,
		Summary: "Create a user", Status: http.StatusCreated, Errors: httpx.BodyErrors(),
	}, func(ctx context.Context, in *createUser) (*httpx.Created[User], error) {
		u, err := r.users.Create(ctx, app.CreateUser{
			Email: string(in.Body.Email), FullName: httpx.PointerText(in.Body.FullName), Password: httpx.PointerText(in.Body.Password),
			Place: httpx.Place(in.Body.OrganizationID, in.Body.DepartmentID),
		})
		if err != nil {
			return nil, err
		}
		return &httpx.Created[User]{Location: api.Href(fmt.Sprintf("/users/%d", u.ID)), ETag: etag.Of(u.Version), Body: userOf(u)}, nil
	})

	httpx.Register(api, httpx.Operation{
		ID: "user-by-id", Method: http.MethodGet, Path: "/users/{id}", Tag: tag, Access: app.UserRead,
		Summary: "Show a user", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *userByID) (*httpx.Found[User], error) {
		return userFound(r.users.ByID(ctx, in.ID))
	})

	httpx.Register(api, httpx.Operation{
		ID: "update-user", Method: http.MethodPut, Path: "/users/{id}", Tag: tag, Access: app.UserUpdate,
		Summary: "Change a user", Description: "Fields that are not sent stay unchanged; null clears a field. Changing organization_id or department_id moves the user.",
		Errors: httpx.BodyErrors(http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed),
	}, func(ctx context.Context, in *updateUser) (*httpx.Found[User], error) {
		change := domain.UserChange{
			Email: httpx.Text(in.Body.Email), FullName: httpx.TextField(in.Body.FullName),
			OrganizationID: in.Body.OrganizationID.Field(), DepartmentID: in.Body.DepartmentID.Field(), Active: in.Body.IsActive.Value(),
		}
		return userFound(r.users.Update(ctx, app.UpdateUser{ID: in.ID, Expected: in.Condition(), Change: change, Password: httpx.Text(in.Body.Password)}))
	})

	httpx.Register(api, httpx.Operation{
		ID: "delete-user", Method: http.MethodDelete, Path: "/users/{id}", Tag: tag, Access: app.UserDelete,
		Summary: "Delete a user", Description: "All sessions end, and the email can be used again; the id is never reused.", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, func(ctx context.Context, in *deleteUser) (*httpx.Empty, error) {
		return nil, r.users.Delete(ctx, app.DeleteUser{ID: in.ID, Expected: in.Condition()})
	})
}
