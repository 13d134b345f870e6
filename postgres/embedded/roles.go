package embedded

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The roles besides roleName, which owns the database and nothing else: a statement that an attacker runs as it must not
// bypass triggers and the like.
const (
	superuserName  = "erp_superuser"
	conversionName = "erp_conversion" // there only while the data of an earlier version are brought over
)

// superuserPassword is made of the password of roleName, so that there is one secret to keep and to copy.
func superuserPassword(password string) string {
	mac := hmac.New(sha256.New, []byte(password))
	mac.Write([]byte(superuserName))
	return hex.EncodeToString(mac.Sum(nil))
}

// arrange returns the database to a role that is no superuser, and lets roles sign in by SCRAM-SHA-256 only. It does what
// is left of that, on new data and on those of earlier versions, where roleName was the superuser and passwords went in
// clear text; killed at any moment, it goes on at the next start.
func (c *cluster) arrange(port int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := c.superuser(ctx, port)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return c.giveAway(ctx, tx) }); err != nil {
		return err
	}
	if err := c.demandScram(ctx, conn); err != nil {
		return err
	}
	return disconnectOthers(ctx, conn)
}

// superuser signs in as superuserName. Where that is still to come, roleName, which initdb made, is given that name: the
// database system's own objects are its, so it stays the superuser.
func (c *cluster) superuser(ctx context.Context, port int) (*pgx.Conn, error) {
	password := superuserPassword(c.keeper.job.Password)
	conn, err := pgx.Connect(ctx, roleURL(superuserName, password, port))
	var server *pgconn.PgError
	if err == nil || !errors.As(err, &server) || server.Code != "28P01" {
		return conn, err
	}
	former, err := pgx.Connect(ctx, roleURL(roleName, c.keeper.job.Password, port))
	if err != nil {
		return nil, err
	}
	defer func() { _ = former.Close(ctx) }()
	var super bool
	if err := former.QueryRow(ctx, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&super); err != nil {
		return nil, err
	}
	if !super {
		return nil, fmt.Errorf("the role %s cannot sign in; give it the password that it had, or restore the copy of DATA_DIR", superuserName)
	}
	// A role cannot be renamed by itself.
	err = runAll(ctx, former, "SET password_encryption = 'scram-sha-256'", "DROP ROLE IF EXISTS "+conversionName,
		fmt.Sprintf("CREATE ROLE %s SUPERUSER LOGIN PASSWORD '%s'", conversionName, password))
	if err != nil {
		return nil, err
	}
	conversion, err := pgx.Connect(ctx, roleURL(conversionName, password, port))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conversion.Close(ctx) }()
	err = pgx.BeginFunc(ctx, conversion, func(tx pgx.Tx) error {
		return runAll(ctx, tx, "SET LOCAL password_encryption = 'scram-sha-256'",
			fmt.Sprintf("ALTER ROLE %s RENAME TO %s", roleName, superuserName),
			fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'", superuserName, password),
			fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", roleName, c.keeper.job.Password))
	})
	if err != nil {
		return nil, err
	}
	c.keeper.note("the database was given to a role that is no superuser")
	return pgx.Connect(ctx, roleURL(superuserName, password, port))
}

// giveAway makes roleName the owner of the database and of all that is in it.
func (c *cluster) giveAway(ctx context.Context, tx pgx.Tx) error {
	var exists, scram bool
	err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE rolname = $1) > 0, coalesce(bool_and(rolpassword LIKE 'SCRAM-SHA-256$%'), true)
		FROM pg_authid WHERE rolname IN ($1, $2)`, roleName, superuserName).Scan(&exists, &scram)
	if err != nil {
		return err
	}
	statements := []string{"SET LOCAL password_encryption = 'scram-sha-256'", "DROP ROLE IF EXISTS " + conversionName}
	if !exists {
		statements = append(statements, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", roleName, c.keeper.job.Password))
	}
	if !scram { // hashed by an earlier PostgreSQL's default
		statements = append(statements, fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'", roleName, c.keeper.job.Password),
			fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'", superuserName, superuserPassword(c.keeper.job.Password)))
	}
	return runAll(ctx, tx, append(statements, fmt.Sprintf("ALTER DATABASE %s OWNER TO %s", databaseName, roleName), ownAll)...)
}

// ownAll is for what an earlier version made, and for what an administrator restored as the superuser. What belongs to
// an extension, or to a table as its sequence, is left to that.
const ownAll = `DO $$
DECLARE
	alter_owner text;
BEGIN
	FOR alter_owner IN
		WITH ours AS (
			SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		), dependent AS (
			SELECT classid, objid FROM pg_depend WHERE deptype IN ('a', 'i', 'e') AND refobjsubid >= 0 AND
				(deptype = 'e' OR refclassid = 'pg_class'::regclass AND classid = 'pg_class'::regclass)
		)
		SELECT format('ALTER SCHEMA %I OWNER TO ` + roleName + `', nspname)
			FROM ours JOIN pg_namespace USING (oid, nspname) WHERE nspowner <> '` + roleName + `'::regrole AND nspname <> 'public'
		UNION ALL
		SELECT format('ALTER %s %s OWNER TO ` + roleName + `', CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, c.oid::regclass)
			FROM pg_class AS c JOIN ours ON ours.oid = relnamespace
			WHERE relowner <> '` + roleName + `'::regrole AND relkind IN ('r', 'p', 'v', 'm', 'S')
				AND NOT EXISTS (SELECT FROM dependent WHERE classid = 'pg_class'::regclass AND objid = c.oid)
		UNION ALL
		SELECT format('ALTER ROUTINE %s OWNER TO ` + roleName + `', p.oid::regprocedure)
			FROM pg_proc AS p JOIN ours ON ours.oid = pronamespace
			WHERE proowner <> '` + roleName + `'::regrole AND NOT EXISTS (SELECT FROM dependent WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
		UNION ALL
		SELECT format('ALTER TYPE %s OWNER TO ` + roleName + `', t.oid::regtype)
			FROM pg_type AS t JOIN ours ON ours.oid = typnamespace LEFT JOIN pg_class AS c ON c.oid = typrelid
			WHERE typowner <> '` + roleName + `'::regrole AND (typtype IN ('e', 'd') OR relkind = 'c')
				AND NOT EXISTS (SELECT FROM dependent WHERE classid = 'pg_type'::regclass AND objid = t.oid)
	LOOP
		EXECUTE alter_owner;
	END LOOP;
END
$$`

// clearText is a line of pg_hba.conf that lets a role sign in with its password in clear text.
var clearText = regexp.MustCompile(`(?m)^([ \t]*(?:local|host\w*)[ \t].*[ \t])password[ \t]*$`)

// demandScram changes pg_hba.conf, which initdb wrote as the library asked, once every role can sign in by what it then
// says.
func (c *cluster) demandScram(ctx context.Context, conn *pgx.Conn) error {
	path := filepath.Join(c.data(), "pg_hba.conf")
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !clearText.Match(content) {
		return nil
	}
	if err := writeDurably(path, string(clearText.ReplaceAll(content, []byte("${1}scram-sha-256")))); err != nil {
		return err
	}
	return runAll(ctx, conn, "SELECT pg_reload_conf()")
}

// disconnectOthers ends the connection that the library leaves open after its health check, and which would count
// against max_connections and keep the database from being a template.
func disconnectOthers(ctx context.Context, conn *pgx.Conn) error {
	for {
		// Not with its own timeout: that looks every 100 ms only.
		ended, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
		if err != nil || ended.RowsAffected() == 0 {
			return err
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}

// runAll runs statements on a connection or in a transaction.
func runAll(ctx context.Context, on interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
}, statements ...string,
) error {
	for _, sql := range statements {
		if _, err := on.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
