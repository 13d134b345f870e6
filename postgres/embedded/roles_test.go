package embedded

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const insufficientPrivilege = "42501"

// One statement does not pass what the database holds for itself, and no password goes over the wire.
func TestRoles(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	server := start(t, options(dir))
	mustBeArranged(t, dir, server)
	execute(t, server.URL(), "CREATE SCHEMA own CREATE TABLE notes (text text)")
}

// mustBeArranged reports whether the server's role is no superuser and owns what it works with.
func mustBeArranged(t *testing.T, dir string, server *Server) {
	t.Helper()
	conn := connect(t, server.URL())
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range []string{"SET session_replication_role = replica", "SET ROLE " + superuserName, "CREATE ROLE another SUPERUSER", "SELECT pg_read_file('/etc/passwd')"} {
		var refused *pgconn.PgError
		if _, err := conn.Exec(t.Context(), sql); !errors.As(err, &refused) || refused.Code != insufficientPrivilege {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if got := ask[string](t, server.URL(), "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"); got != roleName {
		t.Errorf("the database is owned by %s", got)
	}
	if got := ask[string](t, server.SuperuserURL(), `SELECT string_agg(concat_ws(' ', rolname, rolsuper, left(rolpassword, 14)), ', ' ORDER BY rolname) FROM pg_authid WHERE rolcanlogin`); got != "erp f SCRAM-SHA-256$, erp_superuser t SCRAM-SHA-256$" {
		t.Errorf("the roles are %s", got)
	}
	if got := ask[string](t, server.SuperuserURL(), "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"); got != "scram-sha-256" {
		t.Errorf("roles sign in by %s", got)
	}
	hba, err := os.ReadFile(filepath.Join(dir, "postgres", "data", "pg_hba.conf"))
	if err != nil || clearText.Match(hba) {
		t.Errorf("pg_hba.conf: %v\n%s", err, hba)
	}
	at, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	password, _ := at.User.Password()
	at.User = url.UserPassword(superuserName, password)
	if _, err := pgx.Connect(t.Context(), at.String()); err == nil {
		t.Error("the superuser has the password of the server's role")
	}
}

// Data of earlier versions, where the server's role was the superuser, are brought over, also where that was
// interrupted after any of its steps.
func TestRoles_ofEarlierVersions(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]func(t *testing.T, first *Server){
		"not begun": func(*testing.T, *Server) {},
		"killed before the renaming": func(t *testing.T, first *Server) {
			t.Helper()
			execute(t, first.URL(), "CREATE ROLE erp_conversion SUPERUSER LOGIN PASSWORD 'another'")
		},
		"killed after the renaming": rename,
		"killed before objects followed": func(t *testing.T, first *Server) {
			t.Helper()
			rename(t, first)
			execute(t, first.SuperuserURL(), "DROP ROLE erp_conversion; ALTER DATABASE erp OWNER TO erp")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			first := start(t, options(dir))
			execute(t, first.URL(), `CREATE SCHEMA kept; CREATE DOMAIN kept.code AS text; CREATE TYPE kept.kind AS ENUM ('a');
				CREATE TABLE kept.notes (id bigint GENERATED ALWAYS AS IDENTITY, n serial, text kept.code); INSERT INTO kept.notes (text) VALUES ('환자');
				CREATE TABLE versions (n int); CREATE SEQUENCE kept.alone; CREATE VIEW kept.seen AS SELECT text FROM kept.notes;
				CREATE FUNCTION kept.one(int) RETURNS int LANGUAGE sql AS 'SELECT 1'`)
			asBefore(t, dir, first)
			step(t, first)
			stop(t, first)

			second := start(t, options(dir))
			mustBeArranged(t, dir, second)
			if got := ask[string](t, second.URL(), "SELECT text FROM kept.seen"); got != "환자" {
				t.Errorf("found %q", got)
			}
			execute(t, second.URL(), `ALTER TABLE kept.notes ADD COLUMN more int; INSERT INTO kept.notes (text) VALUES ('a'); DROP TABLE versions;
				CREATE OR REPLACE FUNCTION kept.one(int) RETURNS int LANGUAGE sql AS 'SELECT 2'; DROP SCHEMA kept CASCADE`)
			stop(t, second)
			mustBeArranged(t, dir, start(t, options(dir)))
		})
	}
}

// asBefore makes of new data what an earlier version would have made: roleName is what initdb made, and owns everything.
func asBefore(t *testing.T, dir string, server *Server) {
	t.Helper()
	at, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	password, _ := at.User.Password()
	execute(t, server.SuperuserURL(), "CREATE ROLE helper SUPERUSER LOGIN PASSWORD '"+password+"'")
	at.User = url.UserPassword("helper", password)
	execute(t, at.String(), "REASSIGN OWNED BY erp TO erp_superuser; ALTER DATABASE erp OWNER TO erp_superuser; DROP ROLE erp; "+
		"ALTER ROLE erp_superuser RENAME TO erp; ALTER ROLE erp PASSWORD '"+password+"'")
	execute(t, server.URL(), "DROP ROLE helper")
	path := filepath.Join(dir, "postgres", "data", "pg_hba.conf")
	hba, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(hba), "scram-sha-256", "password")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// rename is the one transaction of the conversion.
func rename(t *testing.T, server *Server) {
	t.Helper()
	at, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	password, _ := at.User.Password()
	super, err := url.Parse(server.SuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	superPassword, _ := super.User.Password()
	execute(t, server.URL(), "CREATE ROLE erp_conversion SUPERUSER LOGIN PASSWORD '"+superPassword+"'")
	at.User = url.UserPassword(conversionName, superPassword)
	execute(t, at.String(), "ALTER ROLE erp RENAME TO erp_superuser; ALTER ROLE erp_superuser PASSWORD '"+superPassword+"'; CREATE ROLE erp LOGIN PASSWORD '"+password+"'")
}
