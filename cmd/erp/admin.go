package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"erp.internal/modules/access"
	"erp.internal/modules/identity"
	"erp.internal/platform/change"
	"erp.internal/platform/text"
)

type adminCommand struct {
	Create adminCreateCommand `cmd:"" help:"Make an administrator."`
	Grant  adminGrantCommand  `cmd:"" help:"Make a user, who is there already, a system administrator."`
}

type adminGrantCommand struct {
	Email string `required:"" help:"The user's email."`
}

// Help says more than the one line.
func (adminGrantCommand) Help() string {
	return "Works on the database that DATABASE_URL names: for when nobody is left who can grant anything. The ledger of grants keeps it."
}

// Run makes somebody a system administrator.
func (a adminGrantCommand) Run(c console) error {
	return withGraph(c, "erp admin grant", func(ctx context.Context, g administration) error {
		if err := g.access.Grant(ctx, access.GrantAdministrator{Email: a.Email}); err != nil {
			return explained(err, map[string]string{"email": "--email"})
		}
		_, err := fmt.Fprintf(c.out, "%s is a system administrator now.\n", a.Email)
		return err
	})
}

type adminCreateCommand struct {
	Email         string `required:"" help:"The administrator's email."`
	PasswordStdin bool   `name:"password-stdin" help:"Read the password from standard input; otherwise one is made at random and printed."`
}

// Help says more than the one line.
func (adminCreateCommand) Help() string {
	return "Works on the database that DATABASE_URL names. A password that is made at random is printed this once and has to be changed at the first sign-in."
}

// Run makes an administrator.
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
			return explained(err, map[string]string{"email": "--email", "password": "the password"})
		}
		if password != "" {
			_, err = fmt.Fprintf(c.out, "%s\n", password)
		}
		return err
	})
}

// administration is what makes administrators.
type administration struct {
	identity *identity.Administrators
	access   *access.Administrators
}

// asOperator gives a context whose changes the operator makes by a command.
func asOperator(ctx context.Context, command string) context.Context {
	return change.With(ctx, change.Origin{Actor: change.Actor{Kind: change.Operator}, Operation: command})
}

// withGraph runs do, which is what a command does, on the database that DATABASE_URL names.
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

// firstLine reads a password from standard input, which ends with the first line or the input. What Windows programs
// put around it, a byte order mark and CR LF, is no part of it.
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
		return "", errors.New("--password-stdin: standard input holds no password: write it there, on one line")
	}
	return password, nil
}
