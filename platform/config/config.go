// Package config reads settings from the environment, from a .env file, and, for secrets, from files named by
// NAME_FILE. A setting is a struct field:
//
//	Addr string `env:"HTTP_ADDR" envDefault:"127.0.0.1:8000" want:"host:port"`
//
// want describes valid values in the error for an invalid one; secret:"true" keeps the value out of that error.
// doc says what the setting means and unset what its default is where envDefault does not: both are for the
// documentation, with 'single quotes' around code.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"

	"erp.internal/platform/text"
)

// Prefix may precede any setting's name (ERP_HTTP_ADDR), for hosts where the bare names are taken; the prefixed name has
// priority. A variable with the prefix that is not a setting is probably a typo: see Unknown.
const Prefix = "ERP_"

// Source holds the values of settings.
type Source struct {
	vars   map[string]string
	dotenv []string // names set in the .env file: all of them are for this program
}

// Read reads the environment (in os.Environ's form) and, if it exists, the .env file at dotenv; the environment has
// priority.
//
// Errors: a .env file that cannot be read.
func Read(environ []string, dotenv string) (Source, error) {
	vars, err := readDotenv(dotenv)
	if err != nil {
		return Source{}, err
	}
	s := Source{vars: vars}
	for name := range vars {
		s.dotenv = append(s.dotenv, name)
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !setByPlatform(name, value) {
			s.vars[name] = value
		}
	}
	return s, nil
}

func readDotenv(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return map[string]string{}, nil
	case err != nil:
		return nil, fmt.Errorf("read settings: %w", err)
	}
	file, err := text.FromFile(content)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	vars, err := godotenv.Unmarshal(file)
	if err != nil { // err repeats a part of the file, maybe a secret
		return nil, fmt.Errorf("%s is not understood: write one NAME=value on each line", path)
	}
	return vars, nil
}

// Load fills the structs that into points to.
//
// Errors: every invalid setting, one line for each.
func (s Source) Load(into ...any) error {
	var failed []error
	for _, settings := range into {
		fields := fieldsOf(settings)
		vars, err := s.resolve(fields)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if err := env.ParseWithOptions(settings, env.Options{Environment: vars}); err != nil {
			failed = append(failed, explain(err, fields, vars)...)
		}
	}
	return errors.Join(failed...)
}

// otherPrefixes are the prefixes of variables for tests and CI.
var otherPrefixes = []string{"ERP_TEST_", "ERP_CI_"}

// Unknown lists the variables that are meant for this program and are not a setting of the structs.
func (s Source) Unknown(of ...any) []string {
	known := map[string]bool{}
	for _, settings := range of {
		for _, f := range fieldsOf(settings) {
			known[f.name], known[f.name+"_FILE"] = true, true
		}
	}
	ours := slices.Clone(s.dotenv)
	for name := range s.vars {
		if strings.HasPrefix(name, Prefix) {
			ours = append(ours, name)
		}
	}
	slices.Sort(ours)
	return slices.DeleteFunc(slices.Compact(ours), func(name string) bool {
		other := slices.ContainsFunc(otherPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		return other || known[strings.TrimPrefix(name, Prefix)]
	})
}

// resolve returns the values of the fields that are set. An empty variable is not set.
func (s Source) resolve(fields []field) (map[string]string, error) {
	vars := map[string]string{}
	for _, f := range fields {
		value, path := s.lookup(f.name), s.lookup(f.name+"_FILE")
		if path != "" {
			if value != "" {
				return nil, fmt.Errorf("%s and %s_FILE are both set: keep one", f.name, f.name)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("%s_FILE: %w", f.name, err)
			}
			file, err := text.FromFile(content)
			if err != nil {
				return nil, fmt.Errorf("%s_FILE: %s %w", f.name, path, err)
			}
			value = strings.TrimRight(file, "\r\n")
		}
		if value != "" {
			vars[f.name] = value
		}
	}
	return vars, nil
}

func (s Source) lookup(name string) string {
	if value := s.vars[Prefix+name]; value != "" {
		return value
	}
	return s.vars[name]
}

type field struct {
	goName, name, want string
	secret             bool
}

func fieldsOf(settings any) []field {
	var fields []field
	t := reflect.TypeOf(settings).Elem()
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
		fields = append(fields, field{goName: f.Name, name: name, want: f.Tag.Get("want"), secret: f.Tag.Get("secret") == "true"})
	}
	return fields
}

// adviser is an error of UnmarshalText with its own advice: one line without the value.
type adviser interface {
	error
	Advice() string
}

// explain returns an error for each invalid setting, with its name, its value, and what is valid.
func explain(err error, fields []field, vars map[string]string) []error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return []error{err}
	}
	var lines []error
	for _, failure := range all.Errors {
		var parse env.ParseError
		at := -1
		if errors.As(failure, &parse) {
			at = slices.IndexFunc(fields, func(f field) bool { return f.goName == parse.Name })
		}
		if at < 0 {
			lines = append(lines, failure)
			continue
		}
		f := fields[at]
		var advice adviser
		if errors.As(parse.Err, &advice) {
			lines = append(lines, fmt.Errorf("%s: %s", f.name, advice.Advice()))
			continue
		}
		value := fmt.Sprintf("%q", vars[f.name])
		if f.secret {
			value = "its value (not shown)"
		}
		lines = append(lines, fmt.Errorf("%s: %s is not understood: set it to %s", f.name, value, f.want))
	}
	return lines
}
