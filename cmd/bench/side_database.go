package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/pg/migrate"
)

// sideDatabase is a database on the server of the rounds', for what fills it in a way of its own.
type sideDatabase struct {
	name string
	url  string
	conn *pgx.Conn
	of   *database
}

// createSide creates a database with the schema and no data. The caller drops it.
//
// Errors: one line; the database is gone.
func (db *database) createSide(ctx context.Context, name string) (*sideDatabase, error) {
	side, err := db.side(ctx, name, "")
	if err != nil {
		return nil, err
	}
	if err := migrate.New(side.url, migrations.Files, zap.NewNop()).Up(ctx); err != nil {
		return nil, errors.Join(err, side.drop())
	}
	if err := side.connect(ctx); err != nil {
		return nil, errors.Join(err, side.drop())
	}
	return side, nil
}

// copySide creates a database as another one is, which nothing else may be connected to. The caller drops it.
func (db *database) copySide(ctx context.Context, of *sideDatabase, name string) (*sideDatabase, error) {
	if of.conn != nil {
		_ = of.conn.Close(ctx) // a database in use cannot be copied
	}
	side, err := db.side(ctx, name, " TEMPLATE "+pgx.Identifier{of.name}.Sanitize()+" STRATEGY file_copy")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(of.connect(ctx), side.connect(ctx)); err != nil {
		return nil, errors.Join(err, side.drop())
	}
	return side, nil
}

func (db *database) side(ctx context.Context, name, options string) (*sideDatabase, error) {
	at, err := url.Parse(db.url)
	if err != nil {
		return nil, errors.New("-db is no URL") //nolint:err113 // without the password that err would show
	}
	at.Path = "/" + name
	if _, err := db.conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+options); err != nil {
		return nil, fmt.Errorf("create the database %s: %w", name, err)
	}
	return &sideDatabase{name: name, url: at.String(), of: db}, nil
}

func (s *sideDatabase) connect(ctx context.Context) (err error) {
	if s.conn, err = pgx.Connect(ctx, s.url); err != nil {
		return fmt.Errorf("connect to the database %s: %w", s.name, err)
	}
	return nil
}

// through is the database's URL with a pooler in between, "" for none.
func (s *sideDatabase) through(pooler string) string {
	at, err := url.Parse(s.url)
	if err != nil || pooler == "" {
		return s.url
	}
	at.Host = pooler
	return at.String()
}

// drop deletes the database, even while it is in use. It opens a new connection, since an interrupt breaks the one in use; a
// server that this program started may have ended before, with its data.
func (s *sideDatabase) drop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if s.conn != nil {
		_ = s.conn.Close(ctx) // the database goes
	}
	conn, err := pgx.Connect(ctx, s.of.url)
	if err == nil {
		_, err = conn.Exec(ctx, "DROP DATABASE "+pgx.Identifier{s.name}.Sanitize()+" WITH (FORCE)")
		_ = conn.Close(ctx) // nothing is under way on it
	}
	if err != nil && s.of.own == nil {
		return fmt.Errorf("drop the database %s: %w", s.name, err)
	}
	return nil
}

// enrolled is a user with a session.
type enrolled struct {
	id    int64
	token string
}

// enrol makes users who are signed in: nobody measures here how that comes about, and a password's hash costs time.
func (s *sideDatabase) enrol(ctx context.Context, name string, n int) ([]enrolled, error) {
	ids, err := s.users(ctx, name, n)
	if err != nil {
		return nil, err
	}
	return s.sessions(ctx, ids)
}

// users makes users without a password.
func (s *sideDatabase) users(ctx context.Context, name string, n int) ([]int64, error) {
	const users = `INSERT INTO identity.users (email, email_digest)
		SELECT email, sha256(convert_to(email, 'UTF8')) FROM (SELECT $1 || '-' || n || '@example.com' AS email FROM generate_series(1, $2) n) AS new
		RETURNING id`
	rows, _ := s.conn.Query(ctx, users, name, n)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("make users: %w", err)
	}
	return ids, nil
}

// sessions signs users in.
func (s *sideDatabase) sessions(ctx context.Context, users []int64) ([]enrolled, error) {
	const sessions = `INSERT INTO identity.sessions (user_id, token_digest, address, user_agent, expires_at)
		SELECT id, sha256(convert_to(token, 'UTF8')), '127.0.0.1', 'bench', now() + interval '1 hour' FROM unnest($1::bigint[], $2::text[]) AS new (id, token)`
	all, tokens := make([]enrolled, len(users)), make([]string, len(users))
	for i, id := range users {
		var err error
		if tokens[i], err = newToken(); err != nil {
			return nil, err
		}
		all[i] = enrolled{id, tokens[i]}
	}
	if _, err := s.conn.Exec(ctx, sessions, users, tokens); err != nil {
		return nil, fmt.Errorf("make sessions: %w", err)
	}
	return all, nil
}

// readers makes users who may read everything, and returns the tokens of their sessions.
func (s *sideDatabase) readers(ctx context.Context, name string, n int) ([]string, error) {
	return s.granted(ctx, name, n, "auditor")
}

// administrators makes users who may do everything, and returns the tokens of their sessions.
func (s *sideDatabase) administrators(ctx context.Context, name string, n int) ([]string, error) {
	return s.granted(ctx, name, n, "system-administrator")
}

// granted makes signed-in users with a role, while no server runs that would have to learn of it.
func (s *sideDatabase) granted(ctx context.Context, name string, n int, role string) ([]string, error) {
	all, err := s.enrol(ctx, name, n)
	if err != nil {
		return nil, err
	}
	ids, tokens := make([]int64, len(all)), make([]string, len(all))
	for i, u := range all {
		ids[i], tokens[i] = u.id, u.token
	}
	const grant = "INSERT INTO access.grants (user_id, role_id) SELECT id, (SELECT id FROM access.roles WHERE name = $2) FROM unnest($1::bigint[]) AS id"
	if _, err := s.conn.Exec(ctx, grant, ids, role); err != nil {
		return nil, fmt.Errorf("grant a role to %s: %w", name, err)
	}
	return tokens, nil
}
