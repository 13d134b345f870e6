package migrate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"erp.internal/platform/pg"
)

// Why a database cannot be used as it is.
var (
	ErrBehind = errors.New("the database's schema is older than this program needs")
	ErrNewer  = errors.New("the database's schema is newer than this program")
	ErrDirty  = errors.New("the database's schema was left half migrated by another tool")
)

// State is the version of a database's schema.
type State struct {
	Version uint // of the database, 0 when nothing is applied
	Latest  uint // that this program knows
	Applied int  // how many migrations are applied
	Pending []string
	Dirty   bool
}

// State reads the version of the schema and changes nothing.
//
// Errors: a database that cannot be reached or read.
func (m Migrator) State(ctx context.Context) (State, error) {
	conn, err := m.connect(ctx)
	if err != nil {
		return State{}, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // only read from
	return m.state(ctx, conn)
}

func (m Migrator) state(ctx context.Context, conn *pgx.Conn) (State, error) {
	var state State
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", schema+"."+table).Scan(&exists); err != nil {
		return state, fmt.Errorf("read schema version: %w", err)
	}
	if exists {
		err := conn.QueryRow(ctx, "SELECT version, dirty FROM "+schema+"."+table).Scan(&state.Version, &state.Dirty)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return state, fmt.Errorf("read schema version: %w", err)
		}
	}
	return m.compare(state)
}

var version = pg.Reads("read schema version", pg.Build.Select("version", "dirty").From(schema+"."+table))

// StateOf is State on a connection of an open database.
//
// Errors: a database that cannot be reached or read.
func (m Migrator) StateOf(ctx context.Context, db *pg.DB) (State, error) {
	state, err := pg.One(ctx, db, version.With(), func(s *State) []any { return []any{&s.Version, &s.Dirty} }, pgx.ErrNoRows)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return state, err
	}
	return m.compare(state)
}

// compare says what the program knows of a version.
func (m Migrator) compare(state State) (State, error) {
	all, err := versions(m.files)
	if err != nil {
		return state, err
	}
	for _, file := range all {
		state.Latest = file.version
		if file.version > state.Version {
			state.Pending = append(state.Pending, file.name)
		} else {
			state.Applied++
		}
	}
	return state, nil
}

// Current reports whether a server may work on the database.
//
// Errors: ErrBehind, ErrNewer, ErrDirty, each with what to do.
func (s State) Current() error {
	if err := s.usable(); err != nil {
		return err
	}
	if len(s.Pending) > 0 {
		return fmt.Errorf("%w: it is at version %d and %d is needed: run `erp migrate up`, or set AUTO_MIGRATE=true", ErrBehind, s.Version, s.Latest)
	}
	return nil
}

func (s State) usable() error {
	switch {
	case s.Dirty:
		return fmt.Errorf("%w at version %d: compare it with that migration, finish or undo it by hand, then run UPDATE %s.%s SET dirty = false", ErrDirty, s.Version, schema, table)
	case s.Version > s.Latest:
		return fmt.Errorf("%w: it is at version %d and this program knows up to %d: use the newer program, or undo with it (`erp migrate down %d`)", ErrNewer, s.Version, s.Latest, s.Version-s.Latest)
	}
	return nil
}

type file struct {
	version uint
	name    string
}

// versions lists the migrations that files holds, oldest first.
func versions(files fs.FS) ([]file, error) {
	names, err := fs.Glob(files, "*.up.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var all []file
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseUint(number, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("migration %s: its name does not begin with a number", name)
		}
		all = append(all, file{version: uint(version), name: strings.TrimSuffix(name, ".up.sql")})
	}
	slices.SortFunc(all, func(a, b file) int { return int(a.version) - int(b.version) })
	return all, nil
}
