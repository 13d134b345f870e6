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
	Down   migrateDown   `cmd:"" help:"Undo the last N migrations; what they added is lost."`
	Status migrateStatus `cmd:"" help:"Print where the database stands and what is pending."`
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
	N int `arg:"" help:"How many."`
}

// Run undoes the last migrations.
func (d migrateDown) Run(c console) error {
	if d.N < 1 {
		return usageError{errors.New("migrate down takes how many migrations to undo, at least 1")}
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

// Run prints where the database stands.
func (migrateStatus) Run(c console) error {
	m, err := migrator(c)
	if err != nil {
		return err
	}
	return printState(c, m)
}

// migrator works on the database that DATABASE_URL names; the embedded one is migrated by every start.
func migrator(c console) (migrate.Migrator, error) {
	s, err := load(c)
	if err != nil {
		return migrate.Migrator{}, err
	}
	if err := s.needDatabase(); err != nil {
		return migrate.Migrator{}, err
	}
	log := s.logger(c)
	db, err := pg.Open(c.ctx, s.database, log) // says in one line what is wrong with the address
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
