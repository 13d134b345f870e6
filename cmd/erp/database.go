package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/health"
	"erp.internal/platform/pg"
	"erp.internal/platform/pg/migrate"
	"erp.internal/postgres/embedded"
)

// database is an open database whose schema is current.
type database struct {
	*pg.DB
	migrator migrate.Migrator
	own      *embedded.Server // nil when DATABASE_URL is set
}

// openDatabase opens the database in DATABASE_URL, or the embedded one.
//
// Errors: one line that says what to do.
func openDatabase(ctx context.Context, s settings, log *zap.Logger) (*database, error) {
	db := &database{}
	if s.database.URL == "" {
		own, err := embedded.Start(ctx, embedded.Options{DataDir: s.storage.DataDir, User: s.storage.User, Repository: s.storage.Repository, Logger: log})
		if err != nil {
			return nil, err
		}
		log.Info("embedded database", zap.String("server", own.Description()), zap.String("data_dir", s.storage.DataDir))
		db.own, s.database.URL = own, pg.URL(own.URL())
	}
	if err := db.open(ctx, s, log); err != nil {
		return nil, errors.Join(err, db.close(context.WithoutCancel(ctx)))
	}
	return db, nil
}

func (db *database) open(ctx context.Context, s settings, log *zap.Logger) error {
	var err error
	if db.DB, err = pg.Open(ctx, s.database, log); err != nil {
		return err
	}
	db.migrator = migrate.New(db.URL(), migrations.Files, log)
	if s.storage.autoMigrate(db.own != nil) {
		return db.migrator.Up(ctx)
	}
	err = db.current(ctx)
	if db.own != nil && errors.Is(err, migrate.ErrBehind) { // erp migrate works only on DATABASE_URL
		return fmt.Errorf("%w: on the embedded database set AUTO_MIGRATE=true, or leave it out", migrate.ErrBehind)
	}
	return err
}

// current checks that the schema is the one that this program was built for.
func (db *database) current(ctx context.Context) error {
	state, err := db.migrator.State(ctx)
	if err != nil {
		return err
	}
	return state.Current()
}

// checks are the readiness checks of the database.
func (db *database) checks() []health.Check {
	return []health.Check{{Name: "database", Run: db.Ready}, {Name: "migrations", Run: func(ctx context.Context) error {
		state, err := db.migrator.StateOf(ctx, db.DB)
		if err != nil {
			return err
		}
		return state.Current()
	}}}
}

// ended is closed when the embedded database ends by itself; it is nil, and blocks, when there is none.
func (db *database) ended() <-chan struct{} {
	if db.own == nil {
		return nil
	}
	return db.own.Done()
}

func (db *database) close(ctx context.Context) error {
	if db.DB != nil {
		db.Close()
	}
	if db.own == nil {
		return nil
	}
	select {
	case <-db.own.Done(): // it ended by itself: wait has returned the reason
		return nil
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := db.own.Stop(ctx); err != nil {
		return fmt.Errorf("stop the embedded database: %w", err)
	}
	return nil
}
