package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"erp.internal/platform/pg/migrate"
)

// ready remembers the templates that this process has made or found.
var ready sync.Map

// templateOf returns the name of a database that has the migrations applied and nobody connected, as CREATE DATABASE
// needs of a template. The first process that asks makes it; its name is the migrations' hash.
func templateOf(ctx context.Context, s server, migrations fs.FS) (string, error) {
	hash, err := hashOf(migrations)
	if err != nil {
		return "", err
	}
	name := "erp_template_" + hash
	if _, ok := ready.Load(s.URL + name); ok {
		return name, nil
	}
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // ends the session and with it the lock
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", err
	}
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		return "", err
	}
	if !exists {
		if err := makeTemplate(ctx, conn, s, name, migrations); err != nil {
			return "", err
		}
	}
	ready.Store(s.URL+name, true)
	return name, nil
}

// makeTemplate migrates under another name first, so that what has the name is whole.
func makeTemplate(ctx context.Context, conn *pgx.Conn, s server, name string, migrations fs.FS) error {
	unfinished := name + "_unfinished"
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quoted(unfinished)); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+quoted(unfinished)+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return err
	}
	if err := migrate.New(s.database(unfinished), migrations, zap.NewNop()).Up(ctx); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "ALTER DATABASE "+quoted(unfinished)+" RENAME TO "+quoted(name))
	return err
}

func hashOf(files fs.FS) (string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	if len(names) == 0 {
		return "", errors.New("there are no migrations")
	}
	hash := sha256.New()
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n%s", name, len(content), content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}
