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

// AccessToken is a session for programs (RFC 6749, section 5.1).
type AccessToken struct {
	AccessToken string    `json:"access_token" doc:"Send it as Authorization: Bearer"`
	TokenType   string    `json:"token_type" enum:"bearer"`
	ExpiresAt   time.Time `json:"expires_at" doc:"When the session ends, even if it is in use"`
}

// BrowserSession is a session whose token is in a cookie.
type BrowserSession struct {
	ExpiresAt time.Time `json:"expires_at" doc:"When the session ends, even if it is in use"`
}

type credentials struct {
	From httpx.Sender
	Body struct {
		AccountName
		Password httpx.Secret `json:"password"`
	}
}

// AccountName is what users name their account by.
type AccountName struct {
	Email          string                `json:"email" minLength:"1" maxLength:"1024" example:"admin@example.com" doc:"The email, or the employee number"`
	OrganizationID httpx.Nullable[int64] `json:"organization_id,omitempty" minimum:"1" doc:"The organization of the employee number: needed if users of several organizations have the same"`
}

func (n AccountName) name() domain.AccountName {
	return domain.ParseAccountName(n.Email, n.OrganizationID.Pointer())
}

type issued struct {
	SetCookie string `header:"Set-Cookie" doc:"Identifies the device to the account; not the session's cookie"`
	Body      AccessToken
}

type issuedCookie struct {
	SetCookie []string `header:"Set-Cookie" doc:"The session's token, and the token that identifies the device to the account"`
	Body      BrowserSession
}

type knownDevice struct {
	SetCookie string `header:"Set-Cookie" doc:"Identifies the device to the account"`
}

func (r *Routes) knownDevice(token string, err error) (*knownDevice, error) {
	if err != nil {
		return nil, err
	}
	return &knownDevice{SetCookie: r.known(token)}, nil
}

type clearedCookie struct {
	SetCookie string `header:"Set-Cookie" doc:"Deletes the session's cookie"`
}

type redeemReset struct {
	From httpx.Sender
	Body struct {
		AccountName
		Code        httpx.Secret `json:"code" doc:"The one-time code; case, spaces and hyphens are ignored"`
		NewPassword httpx.Secret `json:"new_password"`
	}
}

func (r *Routes) signingIn(api *httpx.API) {
	const tag = "Signing in"
	failures := httpx.BodyErrors(http.StatusUnauthorized, http.StatusTooManyRequests)

	httpx.Register(api, httpx.Operation{
		ID: "login", Method: http.MethodPost, Path: "/auth/login", Tag: tag, Access: authn.Public,
		Summary: "Sign in (programs)", Errors: failures,
		Description: "email takes the employee number, too. The answer is the same for every wrong credential. Too many failures lock the account for a while, except for devices from which its user has signed in before.",
	}, func(ctx context.Context, in *credentials) (*issued, error) {
		session, err := r.signIn.SignIn(ctx, app.OpenSession{Name: in.Body.name(), Password: string(in.Body.Password), From: r.origin(in.From)})
		if err != nil {
			return nil, err
		}
		return &issued{SetCookie: r.known(session.Device), Body: AccessToken{AccessToken: session.Token, TokenType: "bearer", ExpiresAt: session.Session.ExpiresAt}}, nil
	})

	httpx.Register(api, httpx.Operation{
		ID: "begin-browser-session", Method: http.MethodPost, Path: "/auth/session", Tag: tag, Access: authn.Public,
		Summary: "Sign in (browsers)", Errors: failures, Description: "Like /auth/login, with the token in a cookie that scripts cannot read.",
	}, func(ctx context.Context, in *credentials) (*issuedCookie, error) {
		session, err := r.signIn.SignIn(ctx, app.OpenSession{
			Name: in.Body.name(), Password: string(in.Body.Password), Former: r.cookie.Tokens(in.From.Request()), From: r.origin(in.From),
		})
		if err != nil {
			return nil, err
		}
		until := session.Session.ExpiresAt
		return &issuedCookie{SetCookie: []string{r.cookie.Set(session.Token, until), r.known(session.Device)}, Body: BrowserSession{ExpiresAt: until}}, nil
	})

	for _, op := range []httpx.Operation{
		{ID: "logout", Method: http.MethodPost, Path: "/auth/logout", Summary: "Sign out"},
		{ID: "end-browser-session", Method: http.MethodDelete, Path: "/auth/session", Summary: "Sign out (browsers)"},
	} {
		op.Tag, op.Access, op.Status = tag, authn.SignedInOrPending, http.StatusNoContent
		op.Description = "Ends the session that the request came with."
		httpx.Register(api, op, func(ctx context.Context, _ *struct{}) (*clearedCookie, error) {
			if err := r.account.SignOut(ctx); err != nil {
				return nil, err
			}
			return &clearedCookie{SetCookie: r.cookie.Clear()}, nil
		})
	}

	httpx.Register(api, httpx.Operation{
		ID: "redeem-password-reset", Method: http.MethodPost, Path: "/auth/password-reset", Tag: tag, Access: authn.Public,
		Summary: "Set a new password with a one-time code", Status: http.StatusNoContent, Errors: failures,
		Description: "An administrator starts the reset. email takes the employee number, too. All sessions of the user end.",
	}, func(ctx context.Context, in *redeemReset) (*knownDevice, error) {
		return r.knownDevice(r.resets.Redeem(ctx, app.RedeemReset{
			Name: in.Body.name(), Code: string(in.Body.Code), Password: string(in.Body.NewPassword), From: r.origin(in.From),
		}))
	})
}
