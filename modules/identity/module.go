// Package identity wires the module: users, their passwords, sign-in and sessions.
package identity

import (
	"go.uber.org/fx"

	identityhttp "erp.internal/modules/identity/adapters/http"
	"erp.internal/modules/identity/adapters/passwords"
	"erp.internal/modules/identity/adapters/postgres"
	"erp.internal/modules/identity/adapters/smtp"
	"erp.internal/modules/identity/app"
	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/authn"
	"erp.internal/platform/background"
	"erp.internal/platform/httpx"
	"erp.internal/platform/search"
)

// Administrators creates administrators, for the commands of the operator.
type Administrators = app.Administrators

// Administrator is one who is to be made.
type Administrator = app.Administrator

// Module provides the module's routes, tasks and permissions, Administrators, ports.Directory, and authn.Authenticator.
// It needs Settings, *pg.DB,
// *change.Door, *cache.Hub, authz.Authorizer, the organization module's ports.Directory, httpx.About, and httpx.Settings.
func Module() fx.Option {
	return fx.Module("identity",
		fx.Provide(
			fx.Private,
			func(s Settings) (app.Settings, passwords.Settings, smtp.Settings) { return s.App, s.Hashing, s.Mail },
			postgres.NewUsers,
			func(users *postgres.Users) ports.Users { return users },
			fx.Annotate(postgres.NewCredentials, fx.As(new(ports.Credentials))),
			fx.Annotate(postgres.NewSessions, fx.As(new(ports.Sessions))),
			fx.Annotate(postgres.NewSignIns, fx.As(new(ports.SignIns))),
			fx.Annotate(postgres.NewDevices, fx.As(new(ports.Devices))),
			fx.Annotate(passwords.New, fx.As(new(ports.Passwords))),
			func(s app.Settings) ports.CommonPasswords { return passwords.Common(s.Policy) },
			func(s smtp.Settings, about httpx.About, http httpx.Settings) ports.Mail {
				return smtp.New(s, about.Name, http.PublicURL)
			},
			func(about httpx.About) app.Product { return app.Product(about.Name) },
			app.NewPasswordRules,
			app.NewAuthority,
			app.NewSessions,
			app.NewSignIn,
			app.NewAccount,
			app.NewUsers,
			app.NewPasswordResets,
		),
		fx.Provide(
			app.NewAdministrators,
			fx.Annotate(postgres.NewDirectory, fx.As(new(ports.Directory))),
			fx.Annotate(app.Permissions, fx.ResultTags(`group:"permissions,flatten"`)),
			fx.Annotate(identityhttp.Errors, fx.ResultTags(`group:"errors"`)),
			fx.Annotate(domain.Events, fx.ResultTags(`group:"events,flatten"`)),
			fx.Annotate(identityhttp.NewAuthenticator, fx.As(new(authn.Authenticator))),
			fx.Annotate(identityhttp.New, fx.As(new(httpx.Routes)), fx.ResultTags(`group:"routes"`)),
			fx.Annotate(tasks, fx.ResultTags(`group:"tasks,flatten"`)),
			fx.Annotate((*postgres.Users).Searched, fx.ResultTags(`group:"searched"`)),
			fx.Annotate(found, fx.ResultTags(`group:"found"`)),
		),
	)
}

// found are the kinds of objects that GET /search finds.
func found(users *app.Users) search.Kind { return search.Kind{Name: "user", Find: users.Search} }

// tasks are what the module does while the server runs.
func tasks(sessions *app.Sessions, signIns ports.SignIns, devices ports.Devices, credentials ports.Credentials) []background.Task {
	return []background.Task{
		{Name: "prune sessions", Every: pruning, Run: sessions.Prune},
		{Name: "prune attempts", Every: pruning, Run: signIns.Prune},
		{Name: "prune devices", Every: pruning, Run: devices.Prune},
		{Name: "prune password resets", Every: pruning, Run: credentials.Prune},
	}
}
