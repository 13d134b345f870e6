package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/pg/migrate"
	"erp.internal/postgres/embedded"
)

// database is the one that all contenders use.
type database struct {
	url         string
	description string
	programs    string // directory of the server's programs, "" when it is not known
	postmaster  int    // process id, 0 when the server does not run on this machine
	conn        *pgx.Conn
	own         *embedded.Server // nil with -db
}

// openDatabase starts a server, or takes the one of -db, and fills it.
//
// Errors: one line; nothing is left running.
func openDatabase(ctx context.Context, o options, dir string) (*database, error) {
	db := &database{url: o.db}
	if o.db == "" {
		var err error
		db.own, err = embedded.Start(ctx, embedded.Options{DataDir: filepath.Join(dir, "postgres"), StartParameters: startParameters(o)})
		if err != nil {
			return nil, err
		}
		db.url = db.own.SuperuserURL() // which fills tables past their triggers
		_, db.programs, _ = strings.Cut(db.own.Description(), " from ")
	}
	if err := db.fill(ctx, o.rows); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

// startParameters leave our own server as it is, with room for every contender's connections: pgbench's, and a pool for
// each of the two servers, which grows with the cores.
func startParameters(o options) map[string]string {
	parameters := map[string]string{"max_connections": strconv.Itoa(max(60, o.connections+2*4*runtime.NumCPU()+20))}
	if !o.fsync {
		parameters["fsync"] = "off"
	}
	return parameters
}

func (db *database) fill(ctx context.Context, rows int) error {
	if err := migrate.New(db.url, migrations.Files, zap.NewNop()).Up(ctx); err != nil {
		return err
	}
	var err error
	if db.conn, err = pgx.Connect(ctx, db.url); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	var used bool
	var version string
	var backend int
	err = db.conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM organization.organizations) OR EXISTS (SELECT FROM identity.users), current_setting('server_version'), pg_backend_pid()").
		Scan(&used, &version, &backend)
	if err != nil {
		return fmt.Errorf("look at the database: %w", err)
	}
	if used {
		return errors.New("-db: the database holds organizations or users already: give an empty one")
	}
	version, _, _ = strings.Cut(version, " ") // Debian adds its own version
	db.description = "PostgreSQL " + version
	db.postmaster = postmasterOf(backend)
	if err := fillWith(ctx, db.conn, rows); err != nil {
		return err
	}
	return db.settle(ctx)
}

// fillWith stores organizations with the ids from 1 on.
func fillWith(ctx context.Context, conn *pgx.Conn, organizations int) error {
	const fill = `INSERT INTO organization.organizations (name, description)
		SELECT 'Organization ' || n, 'Description of organization ' || n FROM generate_series(1, $1) n`
	if _, err := conn.Exec(ctx, fill, organizations); err != nil {
		return fmt.Errorf("fill the database: %w", err)
	}
	if _, err := conn.Exec(ctx, "VACUUM (ANALYZE) organization.organizations"); err != nil {
		return fmt.Errorf("analyze the database: %w", err)
	}
	return nil
}

// settle writes out what is pending, so that no contender pays for the one before. Where the role of -db may not, the
// server does so at times of its own.
func (db *database) settle(ctx context.Context) error {
	_, err := db.conn.Exec(ctx, "CHECKPOINT")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && db.own != nil {
		return fmt.Errorf("write out the database: %w", err)
	}
	return nil
}

func (db *database) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if db.conn != nil {
		_ = db.conn.Close(ctx) // its session ends with the server at the latest
	}
	if db.own == nil {
		return nil
	}
	if err := db.own.Stop(ctx); err != nil {
		return fmt.Errorf("stop the database: %w", err)
	}
	return nil
}
