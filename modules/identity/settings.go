package identity

import (
	"errors"
	"time"

	"erp.internal/modules/identity/adapters/passwords"
	"erp.internal/modules/identity/adapters/smtp"
	"erp.internal/modules/identity/app"
)

// pruning is how often what is over is deleted.
const pruning = 10 * time.Minute

// Settings of the module.
type Settings struct {
	App     app.Settings
	Hashing passwords.Settings
	Mail    smtp.Settings
	First   FirstAdministrator
}

// FirstAdministrator is made when there is no user yet.
type FirstAdministrator struct {
	Email    string `env:"ADMIN_EMAIL" want:"an email" unset:"'admin@example.com' on the embedded database, else none" doc:"the first administrator, whom the server creates while there has never been a user"`
	Password string `env:"ADMIN_PASSWORD" secret:"true" want:"a password" unset:"random on the embedded database, else none" doc:"their password. A random one is printed once and must be changed"`
}

// Parts are the structs that settings are read into.
func (s *Settings) Parts() []any { return []any{&s.App, &s.Hashing, &s.Mail, &s.First} }

// Check says what no type can.
//
// Errors: every setting that cannot be used, one line for each.
func (s *Settings) Check() error {
	var first error
	if s.First.Password != "" && s.First.Email == "" {
		first = errors.New("ADMIN_EMAIL: it is not set, and ADMIN_PASSWORD is: set both")
	}
	return errors.Join(s.App.Check(), s.Hashing.Check(), s.Mail.Complete(), first)
}
