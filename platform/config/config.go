// Package config reads settings from the environment, from a .env file, and, for secrets, from files named by
// NAME_FILE. A setting is a struct field:
//
//	Addr string `env:"HTTP_ADDR" envDefault:"127.0.0.1:8000" want:"host:port"`
//
// want says what would be right when the value cannot be understood; secret:"true" keeps the value out of that sentence.
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

// Prefix may stand before any setting's name (ERP_HTTP_ADDR), for hosts where the bare names are taken; the prefixed
// one wins. A variable with the prefix that is no setting is most likely a typo: see Unknown.
const Prefix = "ERP_"

// Source is where settings come from.
type Source struct {
	vars   map[string]string
	dotenv []string // names set in the .env file: all of them are meant for us
}

// Read takes the environment (os.Environ's form) and, when it exists, the .env file at dotenv; the environment wins.
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
	if err != nil { // which repeats a part of the file, a secret perhaps
		return nil, fmt.Errorf("%s is not understood: write one NAME=value on each line", path)
	}
	return vars, nil
}

// Load fills the structs that into points to.
//
// Errors: every setting that cannot be understood, one line for each.
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

// elsewhere begin the names that tests and CI read.
var elsewhere = []string{"ERP_TEST_", "ERP_CI_"}

// Unknown lists the variables that are meant for us and are no setting of the structs.
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
		other := slices.ContainsFunc(elsewhere, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		return other || known[strings.TrimPrefix(name, Prefix)]
	})
}

// resolve gives the value of each field that has one. An empty variable is one that is not set.
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

// refusal is an error of an UnmarshalText that says itself what to do, in one line without the value.
type refusal interface {
	error
	Advice() string
}

// explain says of each setting that could not be parsed its name, its value, and what would be right.
func explain(err error, fields []field, vars map[string]string) []error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return []error{err}
	}
	var lines []error
	for _, one := range all.Errors {
		var parse env.ParseError
		at := -1
		if errors.As(one, &parse) {
			at = slices.IndexFunc(fields, func(f field) bool { return f.goName == parse.Name })
		}
		if at < 0 {
			lines = append(lines, one)
			continue
		}
		f := fields[at]
		var refused refusal
		if errors.As(parse.Err, &refused) {
			lines = append(lines, fmt.Errorf("%s: %s", f.name, refused.Advice()))
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
