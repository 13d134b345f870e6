package http

import (
	"context"
	"net/http"
	"time"

	"erp.internal/modules/identity/app"
	"erp.internal/modules/identity/domain"
	"erp.internal/platform/authn"
	"erp.internal/platform/httpx"
)

// StartedReset is a reset that waits for the user.
type StartedReset struct {
	Code      *string   `json:"code" doc:"Give it to the user; it is shown only once. null if it was sent by mail"`
	ExpiresAt time.Time `json:"expires_at"`
}

type startedReset struct {
	Body StartedReset
}

type userSessionByID struct {
	ID        domain.UserID    `path:"id" minimum:"1"`
	SessionID domain.SessionID `path:"session_id" minimum:"1"`
}

type ofUserNewestFirst struct {
	ID domain.UserID `path:"id" minimum:"1"`
	httpx.ListInput
	Sort string `query:"sort" default:"-id" enum:"id,-id" doc:"Sort field; prefix - for descending order"`
}

func (r *Routes) userAdministration(api *httpx.API) {
	const tag = "Users"
	notFound := []int{http.StatusNotFound}

	httpx.RegisterChange(api, httpx.Operation{
		ID: "activate-user", Method: http.MethodPost, Path: "/users/{id}/activate", Tag: tag, Access: app.UserActivate,
		Summary: "Activate a user", Errors: notFound,
	}, func(ctx context.Context, in *userByID) (domain.User, error) {
		return r.users.SetActive(ctx, app.SetActive{ID: in.ID, Active: true})
	}, userShown)

	httpx.RegisterChange(api, httpx.Operation{
		ID: "deactivate-user", Method: http.MethodPost, Path: "/users/{id}/deactivate", Tag: tag, Access: app.UserActivate,
		Summary: "Deactivate a user", Description: "All sessions end, and the user cannot sign in. Users cannot deactivate themselves.", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *userByID) (domain.User, error) {
		return r.users.SetActive(ctx, app.SetActive{ID: in.ID, Active: false})
	}, userShown)

	httpx.RegisterChange(api, httpx.Operation{
		ID: "unlock-user", Method: http.MethodPost, Path: "/users/{id}/unlock", Tag: tag, Access: app.UserActivate,
		Summary: "Unlock a user's account", Description: "Ends the lock that too many failed attempts caused.", Errors: notFound,
	}, func(ctx context.Context, in *userByID) (domain.User, error) {
		return r.users.Unlock(ctx, app.UnlockUser{ID: in.ID})
	}, userShown)

	httpx.Register(api, httpx.Operation{
		ID: "reset-password", Method: http.MethodPost, Path: "/users/{id}/password-reset", Tag: tag, Access: app.UserResetPassword,
		Summary: "Start a password reset", Errors: []int{http.StatusNotFound, http.StatusConflict},
		Description: "Creates a one-time code, valid for an hour, with which the user sets a new password at POST /auth/password-reset. It also unlocks the account. If mail is set up, the code is sent to the user and not shown.",
	}, func(ctx context.Context, in *userByID) (*startedReset, error) {
		started, err := r.resets.Start(ctx, app.StartReset{User: in.ID})
		if err != nil {
			return nil, err
		}
		out := &startedReset{Body: StartedReset{ExpiresAt: started.ExpiresAt}}
		if started.Code != "" {
			out.Body.Code = &started.Code
		}
		return out, nil
	})

	httpx.Register(api, httpx.Operation{
		ID: "user-sessions", Method: http.MethodGet, Path: "/users/{id}/sessions", Tag: tag, Access: app.SessionRead,
		Summary: "List a user's sessions", Description: "Active sessions only. q searches addresses and user agents.", Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *ofUserNewestFirst) (*httpx.ListOutput[Session], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		found, err := r.users.Sessions(ctx, in.ID, in.Q.Text(), request)
		if err != nil {
			return nil, err
		}
		return httpx.List(api, &in.ListInput, found, sessionOf(authn.From(ctx).SessionID)), nil
	})

	httpx.Register(api, httpx.Operation{
		ID: "end-user-sessions", Method: http.MethodDelete, Path: "/users/{id}/sessions", Tag: tag, Access: app.UserEndSessions,
		Summary: "End all sessions of a user", Status: http.StatusNoContent, Errors: notFound,
	}, func(ctx context.Context, in *userByID) (*httpx.Empty, error) {
		return nil, r.users.EndSessions(ctx, app.EndSessions{User: in.ID})
	})

	httpx.Register(api, httpx.Operation{
		ID: "end-user-session", Method: http.MethodDelete, Path: "/users/{id}/sessions/{session_id}", Tag: tag, Access: app.UserEndSessions,
		Summary: "End a session of a user", Status: http.StatusNoContent, Errors: notFound,
	}, func(ctx context.Context, in *userSessionByID) (*httpx.Empty, error) {
		return nil, r.users.EndSession(ctx, app.EndSession{User: in.ID, Session: in.SessionID})
	})

	httpx.Register(api, httpx.Operation{
		ID: "user-sign-ins", Method: http.MethodGet, Path: "/users/{id}/sign-ins", Tag: tag, Access: app.SessionRead,
		Summary: "List a user's sign-in attempts", Description: "q searches addresses and user agents.", Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *ofUserNewestFirst) (*httpx.ListOutput[SignIn], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		found, err := r.users.SignIns(ctx, in.ID, in.Q.Text(), request)
		if err != nil {
			return nil, err
		}
		return httpx.List(api, &in.ListInput, found, signInOf), nil
	})
}
