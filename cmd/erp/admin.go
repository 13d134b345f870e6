package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"erp.internal/modules/access"
	"erp.internal/modules/identity"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/text"
)

type adminCommand struct {
	Create adminCreateCommand `cmd:"" help:"Create a system administrator."`
	Grant  adminGrantCommand  `cmd:"" help:"Make an existing user a system administrator."`
}

type adminGrantCommand struct {
	Email          string `required:"" xor:"name" help:"The user's email."`
	EmployeeNumber string `required:"" xor:"name" help:"The user's employee number, for a user without an email."`
	Organization   *int64 `help:"The id of the user's organization, if users of several have the same employee number."`
}

// Help is the detailed help.
func (adminGrantCommand) Help() string {
	return "Works on the database in DATABASE_URL. Use it when no system administrator is left. The new grant appears in the ledger."
}

// Run makes a user a system administrator.
func (a adminGrantCommand) Run(c console) error {
	return withGraph(c, "erp admin grant", func(ctx context.Context, g administration) error {
		name, flag, advice := a.Email, "--email", grantAdvice
		if name == "" {
			name, flag, advice = a.EmployeeNumber, "--employee-number", numberAdvice
		}
		if err := g.access.Grant(ctx, access.GrantAdministrator{Name: name, Organization: a.Organization}); err != nil {
			return renameFields(withAdvice(err, advice), map[string]string{"name": flag})
		}
		_, err := fmt.Fprintf(c.out, "%s is a system administrator now.\n", name)
		return err
	})
}

// grantAdvice says what to do about a user who cannot be made an administrator, by the code of the rule.
var grantAdvice = map[string]string{
	"unknown":     "correct it, or make one with erp admin create",
	"deactivated": "make another administrator with erp admin create, who can activate them",
}

// numberAdvice is grantAdvice for a user who is named by the employee number.
var numberAdvice = map[string]string{
	"unknown":     "correct it, or add --organization if users of several organizations have it",
	"deactivated": grantAdvice["deactivated"],
}

// withAdvice returns an error whose violated rules also say what to do at the command line.
func withAdvice(err error, advice map[string]string) error {
	var invalid *errs.Error
	if !errors.As(err, &invalid) {
		return err
	}
	advised := *invalid
	advised.Fields = slices.Clone(invalid.Fields)
	for i, f := range advised.Fields {
		if more, known := advice[f.Code]; known {
			advised.Fields[i].Message += ": " + more
		}
	}
	return &advised
}

type adminCreateCommand struct {
	Email         string `required:"" help:"The administrator's email."`
	PasswordStdin bool   `name:"password-stdin" help:"Read the password from standard input; otherwise a random one is made and printed."`
}

// Help is the detailed help.
func (adminCreateCommand) Help() string {
	return "Works on the database in DATABASE_URL. A random password is printed only once and must be changed at the first sign-in."
}

// Run creates an administrator.
func (a adminCreateCommand) Run(c console) error {
	given := identity.Administrator{Email: a.Email}
	return withGraph(c, "erp admin create", func(ctx context.Context, g administration) (err error) {
		if a.PasswordStdin {
			if given.Password, err = firstLine(os.Stdin); err != nil {
				return err
			}
		}
		password, err := g.identity.Create(ctx, given)
		if err != nil {
			return renameFields(err, map[string]string{"email": "--email", "password": "the password"})
		}
		if password != "" {
			_, err = fmt.Fprintf(c.out, "%s\n", password)
		}
		return err
	})
}

// administration creates administrators.
type administration struct {
	identity *identity.Administrators
	access   *access.Administrators
}

// asOperator returns a context whose changes are recorded as the operator's, by a command.
func asOperator(ctx context.Context, command string) context.Context {
	return change.With(ctx, change.Origin{Actor: change.Actor{Kind: change.Operator}, Operation: command})
}

// withGraph runs a command on the database in DATABASE_URL.
func withGraph(c console, command string, do func(context.Context, administration) error) (err error) {
	s, err := load(c)
	if err != nil {
		return err
	}
	if err := s.needDatabase(); err != nil {
		return err
	}
	log := s.logger(c)
	db, err := openDatabase(c.ctx, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close(c.ctx)) }()
	var g administration
	if err := assemble(graph(s, db.DB, log), &g.identity, &g.access); err != nil {
		return err
	}
	ctx := asOperator(c.ctx, command)
	if err := renewEmailKeys(ctx, g, log); err != nil {
		return err
	}
	return do(ctx, g)
}

// firstLine reads a password from standard input: the first line, without a byte order mark and CR LF, which Windows
// programs add.
func firstLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("--password-stdin: standard input cannot be read: %w", err)
	}
	password, err := text.FromFile(line)
	if err != nil {
		return "", fmt.Errorf("--password-stdin: the password %w", err)
	}
	if password = strings.TrimRight(password, "\r\n"); password == "" {
		return "", errors.New("--password-stdin: standard input holds no password: write it on one line")
	}
	return password, nil
}
