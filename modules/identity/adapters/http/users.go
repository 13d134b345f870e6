package http

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"erp.internal/modules/identity/app"
	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/etag"
	"erp.internal/platform/httpx"
	"erp.internal/platform/place"
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
	OrganizationID int64  `query:"organization_id" minimum:"1" doc:"Return only items of this organization"`
	DepartmentID   int64  `query:"department_id" minimum:"1" doc:"Return only users of this department, without its descendants"`
	IsActive       string `query:"is_active" enum:"true,false" doc:"Return only active or only deactivated users"`
	Sort           string `query:"sort" default:"id" enum:"id,-id,email,-email,full_name,-full_name,created_at,-created_at,updated_at,-updated_at" doc:"Sort field; prefix - for descending order"`
}

func (in listUsers) filter() ports.UserFilter {
	filter := ports.UserFilter{
		IDs: httpx.IDs[domain.UserID](in.IDFilter), Place: place.Place{Organization: in.OrganizationID, Department: in.DepartmentID}, Search: in.Q.Text(),
	}
	if in.IsActive != "" {
		active := in.IsActive == "true"
		filter.Active = &active
	}
	return filter
}

func (r *Routes) usersCRUD(api *httpx.API) {
	const tag = "Users"

	httpx.Register(api, httpx.Operation{
		ID: "list-users", Method: http.MethodGet, Path: "/users", Tag: tag, Access: app.UserRead,
		Summary: "List users", Description: "q searches emails and names.", Errors: []int{http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *listUsers) (*httpx.ListOutput[User], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		found, err := r.users.List(ctx, in.filter(), request)
		if err != nil {
			return nil, err
		}
		return httpx.List(api, &in.ListInput, found, userOf), nil
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
