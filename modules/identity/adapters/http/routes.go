// Package http is the module's side of the API: what requests and answers look like, which use case answers them, and
// how a request says who sends it.
package http

import (
	"strings"
	"time"

	"erp.internal/modules/identity/app"
	"erp.internal/modules/identity/domain"
	"erp.internal/platform/httpx"
)

// Routes are the module's operations.
type Routes struct {
	users   *app.Users
	signIn  *app.SignIn
	account *app.Account
	resets  *app.PasswordResets
	cookie  Cookie
	device  Cookie
}

var _ httpx.Routes = (*Routes)(nil)

// New makes the routes.
func New(users *app.Users, signIn *app.SignIn, account *app.Account, resets *app.PasswordResets, settings httpx.Settings) *Routes {
	return &Routes{users: users, signIn: signIn, account: account, resets: resets, cookie: NewCookie(settings), device: NewDeviceCookie(settings)}
}

// Name implements httpx.Routes.
func (*Routes) Name() string { return "identity" }

// Register implements httpx.Routes.
func (r *Routes) Register(api *httpx.API) {
	api.Tag("Signing in", "Sessions for programs and for browsers, and choosing a password with a one-time code.")
	api.Tag("Own account", "What signed-in users see and change of themselves.")
	api.Tag("Users", "People who sign in: where they belong, their sessions, locks and resets.")
	api.Reword(domain.ErrOwnPassword, "Change your own password with the present one: POST /auth/password")
	api.Reword(domain.ErrPasswordChangeRequired, "Change your password first: POST /auth/password")
	r.signingIn(api)
	r.ownAccount(api)
	r.usersCRUD(api)
	r.userAdministration(api)
}

// origin returns the domain's view of who sent a request.
func (r *Routes) origin(s httpx.Sender) domain.Origin {
	agent := s.UserAgent
	if len(agent) > domain.MaxUserAgent {
		agent = strings.ToValidUTF8(agent[:domain.MaxUserAgent], "") // which may have cut a character
	}
	return domain.Origin{Address: s.Address, UserAgent: agent, Devices: r.device.Tokens(s.Request())}
}

// known returns the header that makes a browser keep the token of its device, again for the whole time.
func (r *Routes) known(device string) string {
	return r.device.Set(device, time.Now().Add(domain.DeviceLife))
}
