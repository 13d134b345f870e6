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
	Email    *string `json:"email" example:"alice@example.com" doc:"null only for a user with an employee number"`
	FullName *string `json:"full_name" example:"김앨리스"`
	place.IDs
	IsActive       bool      `json:"is_active" doc:"Whether the account can be used"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
	EmployeeNumber *string   `json:"employee_number" example:"2026-0117"`
	Employment     string    `json:"employment" enum:"employed,on_leave,left" doc:"Whether the person works there; it does not change is_active"`
	JoinedOn       *string   `json:"joined_on" format:"date" example:"2026-03-01"`
	LeftOn         *string   `json:"left_on" format:"date" doc:"The last day"`
	Phone          *string   `json:"phone" example:"02-1234-5678"`
	Job            *string   `json:"job" example:"간호사" doc:"The profession"`
	Title          *string   `json:"title" example:"주임" doc:"The rank"`
	Position       *string   `json:"position" example:"파트장" doc:"The duty"`
}

func userOf(u domain.User) User {
	return User{
		ID: int64(u.ID), Email: u.Email.Text(), FullName: u.FullName, EmployeeNumber: u.EmployeeNumber, IDs: u.Place.IDs(),
		IsActive: u.Active, Employment: string(u.Employment), JoinedOn: (*string)(u.JoinedOn), LeftOn: (*string)(u.LeftOn),
		Phone: u.Phone, Job: u.Job, Title: u.Title, Position: u.Position, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
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

// PersonFields are the fields of a user that a user is created and changed with.
type PersonFields struct {
	LastSignInAt   any                            `json:"last_sign_in_at,omitempty" readOnly:"true" doc:"Ignored"`
	Email          httpx.Nullable[Email]          `json:"email,omitempty" doc:"Unique among all users, ignoring case; required without an employee number"`
	FullName       httpx.Nullable[FullName]       `json:"full_name,omitempty"`
	EmployeeNumber httpx.Nullable[EmployeeNumber] `json:"employee_number,omitempty" doc:"Unique in the organization, ignoring case; required without an email"`
	OrganizationID httpx.Nullable[int64]          `json:"organization_id,omitempty" minimum:"1"`
	DepartmentID   httpx.Nullable[int64]          `json:"department_id,omitempty" minimum:"1" doc:"A department of the organization"`
	Employment     httpx.Optional[string]         `json:"employment,omitempty" enum:"employed,on_leave,left" doc:"New users are employed by default"`
	JoinedOn       httpx.Nullable[Date]           `json:"joined_on,omitempty"`
	LeftOn         httpx.Nullable[Date]           `json:"left_on,omitempty" doc:"The last day, not before joined_on"`
	Phone          httpx.Nullable[Phone]          `json:"phone,omitempty"`
	Job            httpx.Nullable[FullName]       `json:"job,omitempty" doc:"The profession"`
	Title          httpx.Nullable[FullName]       `json:"title,omitempty" doc:"The rank"`
	Position       httpx.Nullable[FullName]       `json:"position,omitempty" doc:"The duty"`
}

func (p PersonFields) change() domain.UserChange {
	return domain.UserChange{
		Email: httpx.TextField(p.Email), FullName: httpx.TextField(p.FullName), EmployeeNumber: httpx.TextField(p.EmployeeNumber),
		OrganizationID: p.OrganizationID.Field(), DepartmentID: p.DepartmentID.Field(),
		Employment: p.Employment.Value(), JoinedOn: httpx.TextField(p.JoinedOn), LeftOn: httpx.TextField(p.LeftOn),
		Phone: httpx.TextField(p.Phone), Job: httpx.TextField(p.Job), Title: httpx.TextField(p.Title), Position: httpx.TextField(p.Position),
	}
}

type createUser struct {
	Body struct {
		httpx.Echoed
		PersonFields
		IsActive httpx.Optional[bool]         `json:"is_active,omitempty" enum:"true" doc:"Whether the user is active; new users are by default"`
		Password httpx.Nullable[httpx.Secret] `json:"password,omitempty" doc:"The user must change it at the first sign-in. Without a password, an administrator starts a reset"`
	}
}

type updateUser struct {
	ID domain.UserID `path:"id" minimum:"1"`
	httpx.IfMatch
	Body struct {
		httpx.Echoed
		PersonFields
		Password httpx.Optional[httpx.Secret] `json:"password,omitempty" doc:"The user must change it at the next sign-in; all sessions end"`
		IsActive httpx.Optional[bool]         `json:"is_active,omitempty" doc:"Activates or deactivates the user; also needs user.activate"`
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
	EmployeeNumber    string `query:"employee_number" minLength:"1" maxLength:"1024" doc:"Return only users with this employee number, ignoring case"`
	Employment        string `query:"employment" enum:"employed,on_leave,left" doc:"Return only users in this state of employment"`
	CreatedSince      string `query:"created_since" format:"date-time" doc:"Return only users who were created at this moment or later (RFC 3339)"`
	UpdatedSince      string `query:"updated_since" format:"date-time" doc:"Return only users who were changed at this moment or later (RFC 3339)"`
	NeverSignedIn     bool   `query:"never_signed_in" doc:"true: return only users who have never signed in"`
	LastSignInBefore  string `query:"last_sign_in_before" format:"date-time" doc:"Return only users who have signed in, the last time before this moment (RFC 3339)"`
	RoleID            int64  `query:"role_id" minimum:"1" doc:"Return only users who have this role now, by a grant that the caller may see"`
	Sort              string `query:"sort" default:"id" enum:"id,-id,email,-email,full_name,-full_name,employee_number,-employee_number,created_at,-created_at,updated_at,-updated_at,last_sign_in_at,-last_sign_in_at" doc:"Sort field; prefix - for descending order"`
}

func (in *listUsers) filter() (ports.UserFilter, error) {
	var v errs.Violations
	within, err := in.Place()
	if err := v.Join(err); err != nil {
		return ports.UserFilter{}, err
	}
	filter := ports.UserFilter{
		IDs: httpx.IDs[domain.UserID](in.IDFilter), Place: place.Place{Organization: in.OrganizationID, Department: in.DepartmentID}, Within: within,
		WithoutDepartment: in.WithoutDepartment, EmployeeNumber: in.EmployeeNumber, Employment: domain.Employment(in.Employment), CreatedSince: httpx.Moment(&v, "created_since", in.CreatedSince), UpdatedSince: httpx.Moment(&v, "updated_since", in.UpdatedSince),
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
		Summary: "List users", Description: "q searches names, emails and employee numbers.", Errors: []int{http.StatusUnprocessableEntity},
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
		u, err := r.users.Create(ctx, app.CreateUser{Fields: in.Body.change(), Password: httpx.PointerText(in.Body.Password)})
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
		change := in.Body.change()
		change.Active = in.Body.IsActive.Value()
		return userFound(r.users.Update(ctx, app.UpdateUser{ID: in.ID, Expected: in.Condition(), Change: change, Password: httpx.Text(in.Body.Password)}))
	})

	httpx.Register(api, httpx.Operation{
		ID: "delete-user", Method: http.MethodDelete, Path: "/users/{id}", Tag: tag, Access: app.UserDelete,
		Summary: "Delete a user", Description: "All sessions end, and the email and the employee number can be used again; the id is never reused.", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, func(ctx context.Context, in *deleteUser) (*httpx.Empty, error) {
		return nil, r.users.Delete(ctx, app.DeleteUser{ID: in.ID, Expected: in.Condition()})
	})
}
