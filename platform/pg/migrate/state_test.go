package migrate_test

import (
	"errors"
	"slices"
	"testing"

	"erp.internal/platform/pg/migrate"
	"erp.internal/postgres/pgtest"
)

func TestState(t *testing.T) {
	t.Parallel()
	all := []string{"000001_shop_journal", "000002_shop_desks", "000003_shop_chairs"}
	tests := map[string]struct {
		applied int
		then    string
		want    migrate.State
		is      error
		says    []string
	}{
		"when nothing is applied": {
			want: migrate.State{Latest: 3, Pending: all},
			is:   migrate.ErrBehind, says: []string{"version 0", "3 is needed", "erp migrate up", "AUTO_MIGRATE=true"},
		},
		"when it is behind": {
			applied: 2,
			want:    migrate.State{Version: 2, Latest: 3, Applied: 2, Pending: all[2:]},
			is:      migrate.ErrBehind, says: []string{"version 2", "3 is needed", "erp migrate up", "AUTO_MIGRATE=true"},
		},
		"when it is current": {
			applied: 3,
			want:    migrate.State{Version: 3, Latest: 3, Applied: 3},
		},
		"when everything was undone": {
			applied: 3, then: "DELETE FROM schema_migrations",
			want: migrate.State{Latest: 3, Pending: all},
			is:   migrate.ErrBehind, says: []string{"version 0"},
		},
		"when it is newer": {
			applied: 3, then: "UPDATE schema_migrations SET version = 5",
			want: migrate.State{Version: 5, Latest: 3, Applied: 3},
			is:   migrate.ErrNewer, says: []string{"version 5", "up to 3", "use the newer program", "erp migrate down 2"},
		},
		"when another tool left it dirty": {
			applied: 2, then: "UPDATE schema_migrations SET dirty = true",
			want: migrate.State{Version: 2, Latest: 3, Applied: 2, Pending: all[2:], Dirty: true},
			is:   migrate.ErrDirty, says: []string{"version 2", "UPDATE public.schema_migrations SET dirty = false"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Empty(t)
			if test.applied > 0 {
				up(t, url, first(test.applied))
			}
			if test.then != "" {
				execute(t, url, test.then)
			}
			got := stateOf(t, url, three())
			if got.Version != test.want.Version || got.Latest != test.want.Latest || got.Applied != test.want.Applied ||
				got.Dirty != test.want.Dirty || !slices.Equal(got.Pending, test.want.Pending) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			err := got.Current()
			if !errors.Is(err, test.is) {
				t.Fatalf("got %v, want %v", err, test.is)
			}
			if test.is != nil {
				oneLine(t, err, test.says...)
			}
			if test.is == nil || errors.Is(err, migrate.ErrBehind) {
				return
			}
			m := migrator(url, three())
			for _, err := range []error{m.Up(t.Context()), m.Down(t.Context(), 1)} { // both refuse, with the same line
				if !errors.Is(err, test.is) || err.Error() != got.Current().Error() {
					t.Errorf("got %q, want %q", err, got.Current())
				}
			}
		})
	}
}

func TestMigrator_State_changesNothing(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	stateOf(t, url, three())
	if ask[bool](t, connect(t, url), "SELECT to_regclass('public.schema_migrations') IS NOT NULL") {
		t.Error("it made the table of versions")
	}
}
