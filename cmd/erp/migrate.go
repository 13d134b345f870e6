package main

import (
	"errors"
	"fmt"

	"erp.internal/migrations"
	"erp.internal/platform/pg"
	"erp.internal/platform/pg/migrate"
)

type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"Apply every pending migration."`
	Down   migrateDown   `cmd:"" help:"Undo the last N migrations; the data in what they added is lost."`
	Status migrateStatus `cmd:"" help:"Print the version of the schema and the pending migrations."`
}

type migrateUp struct{}

// Run applies every pending migration.
func (migrateUp) Run(c console) error {
	m, err := migrator(c)
	if err != nil {
		return err
	}
	if err := m.Up(c.ctx); err != nil {
		return err
	}
	return printState(c, m)
}

type migrateDown struct {
	N int `arg:"" help:"The number of migrations."`
}

// Run undoes the last migrations.
func (d migrateDown) Run(c console) error {
	if d.N < 1 {
		return usageError{errors.New("migrate down needs the number of migrations to undo, at least 1")}
	}
	m, err := migrator(c)
	if err != nil {
		return err
	}
	if err := m.Down(c.ctx, d.N); err != nil {
		return err
	}
	return printState(c, m)
}

type migrateStatus struct{}

// Run prints the version of the schema.
func (migrateStatus) Run(c console) error {
	m, err := migrator(c)
	if err != nil {
		return err
	}
	return printState(c, m)
}

// migrator works on the database in DATABASE_URL; the embedded one is migrated by every start.
func migrator(c console) (migrate.Migrator, error) {
	s, err := load(c)
	if err != nil {
		return migrate.Migrator{}, err
	}
	if err := s.needDatabase(); err != nil {
		return migrate.Migrator{}, err
	}
	log := s.logger(c)
	db, err := pg.Open(c.ctx, s.database, log) // its error explains in one line what is wrong with DATABASE_URL
	if err != nil {
		return migrate.Migrator{}, err
	}
	defer db.Close()
	return migrate.New(db.URL(), migrations.Files, log), nil
}

func printState(c console, m migrate.Migrator) error {
	state, err := m.State(c.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "version %d of %d\n", state.Version, state.Latest)
	for _, name := range state.Pending {
		fmt.Fprintln(c.out, "pending "+name)
	}
	if len(state.Pending) > 0 {
		return nil
	}
	return state.Current()
}
