package http

import (
	"context"
	"net/http"

	"erp.internal/modules/identity/app"
	"erp.internal/modules/identity/domain"
	"erp.internal/platform/authn"
	"erp.internal/platform/httpx"
)

// Me is the caller.
type Me struct {
	User
	MustChangePassword bool `json:"must_change_password"`
}

type me struct {
	Body Me
}

func meOf(m app.Me, err error) (*me, error) {
	if err != nil {
		return nil, err
	}
	return &me{Body: Me{User: userOf(m.User), MustChangePassword: m.MustChangePassword}}, nil
}

type updateMe struct {
	Body struct {
		httpx.Echoed
		FullName           httpx.Nullable[FullName] `json:"full_name,omitempty"`
		Email              httpx.Nullable[string]   `json:"email,omitempty" doc:"Ignored if unchanged; cannot be changed here, nor can the fields below"`
		EmployeeNumber     httpx.Nullable[string]   `json:"employee_number,omitempty"`
		OrganizationID     httpx.Nullable[int64]    `json:"organization_id,omitempty"`
		DepartmentID       httpx.Nullable[int64]    `json:"department_id,omitempty"`
		IsActive           httpx.Optional[bool]     `json:"is_active,omitempty"`
		Employment         httpx.Optional[string]   `json:"employment,omitempty"`
		JoinedOn           httpx.Nullable[string]   `json:"joined_on,omitempty"`
		LeftOn             httpx.Nullable[string]   `json:"left_on,omitempty"`
		Phone              httpx.Nullable[string]   `json:"phone,omitempty"`
		Job                httpx.Nullable[string]   `json:"job,omitempty"`
		Title              httpx.Nullable[string]   `json:"title,omitempty"`
		Position           httpx.Nullable[string]   `json:"position,omitempty"`
		MustChangePassword httpx.Optional[bool]     `json:"must_change_password,omitempty"`
	}
}

type changePassword struct {
	From httpx.Sender
	Body struct {
		CurrentPassword httpx.Secret `json:"current_password"`
		NewPassword     httpx.Secret `json:"new_password"`
	}
}

type sessionByID struct {
	ID domain.SessionID `path:"id" minimum:"1"`
}

func (r *Routes) ownAccount(api *httpx.API) {
	const tag = "Own account"

	httpx.Register(api, httpx.Operation{
		ID: "me", Method: http.MethodGet, Path: "/auth/me", Tag: tag, Access: authn.SignedInOrPending, Summary: "Show my account",
		Description: "must_change_password is true if another person knows the password, or if it is too old.",
	}, func(ctx context.Context, _ *struct{}) (*me, error) {
		return meOf(r.account.Me(ctx))
	})

	httpx.Register(api, httpx.Operation{
		ID: "update-me", Method: http.MethodPut, Path: "/auth/me", Tag: tag, Access: authn.SignedIn,
		Summary: "Update my profile", Errors: httpx.BodyErrors(),
	}, func(ctx context.Context, in *updateMe) (*me, error) {
		return meOf(r.account.Change(ctx, app.ChangeAccount{Change: domain.UserChange{
			Email: in.Body.Email.Field(), FullName: httpx.TextField(in.Body.FullName), EmployeeNumber: in.Body.EmployeeNumber.Field(),
			OrganizationID: in.Body.OrganizationID.Field(), DepartmentID: in.Body.DepartmentID.Field(), Active: in.Body.IsActive.Value(),
			Employment: in.Body.Employment.Value(), JoinedOn: in.Body.JoinedOn.Field(), LeftOn: in.Body.LeftOn.Field(),
			Phone: in.Body.Phone.Field(), Job: in.Body.Job.Field(), Title: in.Body.Title.Field(), Position: in.Body.Position.Field(),
		}, MustChangePassword: in.Body.MustChangePassword.Value()}))
	})

	httpx.Register(api, httpx.Operation{
		ID: "change-password", Method: http.MethodPost, Path: "/auth/password", Tag: tag, Access: authn.SignedInOrPending,
		Summary: "Change my password", Description: "Ends the caller's other sessions.", Status: http.StatusNoContent,
		Errors: httpx.BodyErrors(http.StatusTooManyRequests),
	}, func(ctx context.Context, in *changePassword) (*knownDevice, error) {
		return r.knownDevice(r.account.ChangePassword(ctx, app.ChangePassword{
			Current: string(in.Body.CurrentPassword), New: string(in.Body.NewPassword), From: r.origin(in.From),
		}))
	})

	httpx.Register(api, httpx.Operation{
		ID: "own-sessions", Method: http.MethodGet, Path: "/auth/sessions", Tag: tag, Access: authn.SignedIn,
		Summary: "List my sessions", Description: "Active sessions only. q searches addresses and user agents.",
	}, func(ctx context.Context, in *newestFirst) (*httpx.ListOutput[Session], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		found, err := r.account.Sessions(ctx, in.Q.Text(), request)
		if err != nil {
			return nil, err
		}
		return httpx.List(api, &in.ListInput, found, sessionOf(authn.From(ctx).SessionID)), nil
	})

	httpx.Register(api, httpx.Operation{
		ID: "end-own-session", Method: http.MethodDelete, Path: "/auth/sessions/{id}", Tag: tag, Access: authn.SignedIn,
		Summary: "End one of my sessions", Status: http.StatusNoContent, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *sessionByID) (*httpx.Empty, error) {
		return nil, r.account.EndSession(ctx, app.EndOwnSession{Session: in.ID})
	})

	httpx.Register(api, httpx.Operation{
		ID: "own-sign-ins", Method: http.MethodGet, Path: "/auth/sign-ins", Tag: tag, Access: authn.SignedIn,
		Summary: "List my sign-in attempts", Description: "q searches addresses and user agents.", Errors: []int{http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *newestFirst) (*httpx.ListOutput[SignIn], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		found, err := r.account.SignIns(ctx, in.Q.Text(), request)
		if err != nil {
			return nil, err
		}
		return httpx.List(api, &in.ListInput, found, signInOf), nil
	})
}
