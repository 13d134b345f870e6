package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/pg/migrate"
	"erp.internal/postgres/pgtest"
)

var fileName = regexp.MustCompile(`^(\d{6})_([a-z][a-z0-9]*)_[a-z][a-z0-9_]*\.(up|down)\.sql$`)

// schemas are those that the names of the files name, each of a module or the journal's, with those whose tables its tables may
// refer to: those of the modules that the module's go.mod requires.
func schemas(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, name := range allFiles(t) {
		schema := moduleOf(name)
		if _, known := all[schema]; known {
			continue
		}
		if schema == "journal" {
			all[schema] = nil
			continue
		}
		text, err := os.ReadFile("../../modules/" + schema + "/go.mod")
		if err != nil {
			t.Fatalf("%s is of no module: %v", name, err)
		}
		all[schema] = requiredModules(string(text))
	}
	return all
}

var requiredModule = regexp.MustCompile(`(?m)^\s*(?:require )?erp\.internal/modules/(\w+) v\S+$`)

// requiredModules returns the modules that a go.mod requires, and not only because a third one does.
func requiredModules(goMod string) []string {
	var names []string
	for _, match := range requiredModule.FindAllStringSubmatch(goMod, -1) {
		names = append(names, match[1])
	}
	return names
}

func allFiles(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "*")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// upFiles are the names of the migrations, oldest first.
func upFiles(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "*.up.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d migrations, %v", len(names), err)
	}
	slices.Sort(names)
	return names
}

func moduleOf(name string) string { return strings.Split(name, "_")[1] }

func TestMigrations_names(t *testing.T) {
	t.Parallel()
	for _, name := range allFiles(t) {
		if !fileName.MatchString(name) {
			t.Errorf("%s is not named NNNNNN_<module>_<what>.{up,down}.sql", name)
		}
	}
	for i, name := range upFiles(t) {
		if number := fmt.Sprintf("%06d", i+1); !strings.HasPrefix(name, number) {
			t.Errorf("%s stands where %s is due: numbers are consecutive", name, number)
		}
		if _, err := fs.Stat(migrations.Files, strings.TrimSuffix(name, ".up.sql")+".down.sql"); err != nil {
			t.Errorf("%s has no down: %v", name, err)
		}
	}
	if all, up := len(allFiles(t)), len(upFiles(t)); all != 2*up {
		t.Errorf("%d files for %d migrations", all, up)
	}
}

// outside are the parts of SQL in which a name is none: comments, strings, and quoted bodies.
var outside = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'`)

var qualified = regexp.MustCompile(`(?i)(references\s+)?\b([a-z_][a-z0-9_]*)\.[a-z_]`)

// trespasses lists what a module's SQL names and must not.
func trespasses(schemas map[string][]string, module, sql string) []string {
	var found []string
	for _, match := range qualified.FindAllStringSubmatch(outside.ReplaceAllString(strings.ReplaceAll(sql, `"`, ""), " "), -1) {
		refers, schema := match[1] != "", strings.ToLower(match[2])
		_, isSchema := schemas[schema]
		switch {
		case schema == module, !isSchema && schema != "public": // an alias, NEW, pg_catalog
		case refers && slices.Contains(schemas[module], schema):
		default:
			found = append(found, match[0])
		}
	}
	return found
}

func TestMigrations_ownSchemaOnly(t *testing.T) {
	t.Parallel()
	known := schemas(t)
	for _, name := range allFiles(t) {
		sql, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if found := trespasses(known, moduleOf(name), string(sql)); len(found) > 0 {
			t.Errorf("%s names what is not of %s: %q", name, moduleOf(name), found)
		}
	}
	for sql, refused := range map[string]bool{ // the rule itself
		"CREATE TABLE identity.users (id bigint REFERENCES organization.organizations (id))": false,
		"UPDATE identity.users u SET name = 'access.x' WHERE u.id = 1 -- access.y":           false,
		"CREATE TABLE identity.users (id bigint REFERENCES access.roles (id))":               true,
		"ALTER TABLE organization.organizations ADD x int":                                   true,
		`DROP TABLE "access"."roles"`:                                                        true,
		"CREATE TABLE public.users (id int)":                                                 true,
		"INSERT INTO identity.users SELECT id FROM organization.organizations":               true,
	} {
		if found := trespasses(known, "identity", sql); (len(found) > 0) != refused {
			t.Errorf("%s: found %q", sql, found)
		}
	}
}

// upTo returns the first n migrations.
func upTo(t *testing.T, n int) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range allFiles(t) {
		number, err := strconv.Atoi(name[:6])
		if err != nil {
			t.Fatal(err)
		}
		if number > n {
			continue
		}
		sql, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: sql}
	}
	return files
}

// Every down undoes its up, and neither changes what is not its module's.
func TestMigrations_downUndoesUp(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	before := described(t, conn)
	for i, name := range upFiles(t) {
		m := migrate.New(url, upTo(t, i+1), zap.NewNop())
		do := func(err error) []string {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return described(t, conn)
		}
		after := do(m.Up(t.Context()))
		change := differences(before, after)
		if len(change) == 0 {
			t.Errorf("%s changes nothing that this test sees", name)
		}
		for _, line := range change {
			if !strings.HasPrefix(line[2:], moduleOf(name)+" ") {
				t.Errorf("%s changes what is not of %s: %s", name, moduleOf(name), line)
			}
		}
		if change := differences(before, do(m.Down(t.Context(), 1))); len(change) > 0 {
			t.Errorf("%s: after up and down there is a difference:\n%s", name, strings.Join(change, "\n"))
		}
		if change := differences(after, do(m.Up(t.Context()))); len(change) > 0 {
			t.Errorf("%s: the second up differs from the first:\n%s", name, strings.Join(change, "\n"))
		}
		before = after
	}
}

// Names that look the same and were stored before that was refused stay, the later one too, and no third one comes.
func TestMigrations_namesThatLookTheSame(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	if err := migrate.New(url, upTo(t, 8), zap.NewNop()).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	do := func(sql string) error {
		_, err := conn.Exec(t.Context(), sql)
		return err
	}
	const organization, department, role = `INSERT INTO organization.organizations (name) VALUES (U&'한빛%s')`,
		`INSERT INTO organization.departments (organization_id, name, code, sort_order) VALUES (1, '내과', U&'IM%s', 1)`,
		`INSERT INTO access.roles (name) VALUES (U&'member%s')`
	kinds := []string{organization, department, role}
	for _, kind := range kinds {
		for _, end := range []string{"", `\200d`, `\3164\3000`} {
			if err := do(fmt.Sprintf(kind, end)); err != nil && (kind != role || end != "") {
				t.Fatal(err)
			}
		}
	}
	if err := migrate.New(url, migrations.Files, zap.NewNop()).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds {
		if err := do(fmt.Sprintf(kind, `\200c`)); err == nil || !strings.Contains(err.Error(), "_seen_") {
			t.Errorf("a third one: %v", err)
		}
	}
	for _, sql := range []string{
		`UPDATE organization.organizations SET name = name, description = 'as it was'`,
		`UPDATE organization.departments SET code = code, name = '외과'`,
		`UPDATE access.roles SET name = name, description = 'as it was'`,
	} {
		if err := do(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if err := do(`UPDATE organization.organizations SET name = U&'한빛\180e' WHERE id = 2`); err == nil {
		t.Error("the later one takes another name that looks the same")
	}
	if err := do(`UPDATE organization.organizations SET name = '하늘' WHERE id = 2`); err != nil {
		t.Error(err)
	}
	if err := do(`INSERT INTO organization.organizations (name) VALUES (U&'하늘\2063')`); err == nil {
		t.Error("the later one's new name is not its alone")
	}
}

// Organizations and departments of before stay live when rows begin to stay after they are deleted. Going back leaves those
// that were deleted meanwhile deleted.
func TestMigrations_deletedPlaces(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	if err := migrate.New(url, upTo(t, 20), zap.NewNop()).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	do := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	refused := func(sql, constraint string) {
		t.Helper()
		var violated *pgconn.PgError
		if _, err := conn.Exec(t.Context(), sql); !errors.As(err, &violated) || violated.ConstraintName != constraint {
			t.Errorf("%s: %v, want a violation of %s", sql, err, constraint)
		}
	}
	do(`INSERT INTO organization.organizations (name) VALUES ('한빛병원'), ('하늘의원')`)
	do(`INSERT INTO organization.departments (organization_id, parent_id, name, code, sort_order) VALUES (1, NULL, '내과', 'IM', 1), (1, 1, '심장내과', 'CARD', 1)`)
	do(`INSERT INTO identity.users (email, email_digest, organization_id, department_id) VALUES ('alice@example.com', 'a', 1, 2)`)
	do(`INSERT INTO access.grants (user_id, role_id, organization_id, department_id) VALUES (1, 4, 1, 2), (1, 4, 2, NULL)`)
	do(`UPDATE access.grants SET ended_at = now() WHERE id = 2`)
	m := migrate.New(url, upTo(t, 23), zap.NewNop())
	if err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused(`UPDATE organization.organizations SET deleted_at = now() WHERE id = 1`, "departments_organization_fk")
	refused(`UPDATE organization.departments SET deleted_at = now() WHERE id = 1`, "departments_parent_fk")
	refused(`UPDATE organization.departments SET deleted_at = now() WHERE id = 2`, "users_department_fk")
	do(`UPDATE identity.users SET department_id = NULL`)
	refused(`UPDATE organization.departments SET deleted_at = now() WHERE id = 2`, "grants_department_fk")
	do(`UPDATE access.grants SET ended_at = now() WHERE id = 1`)
	do(`UPDATE organization.departments SET deleted_at = now() WHERE id = 2`)
	do(`UPDATE organization.organizations SET deleted_at = now() WHERE id = 2`)
	do(`INSERT INTO organization.organizations (name) VALUES ('하늘의원')`)
	do(`INSERT INTO organization.departments (organization_id, name, code, sort_order) VALUES (1, '다른 심장내과', 'CARD', 1)`)
	refused(`INSERT INTO organization.departments (organization_id, parent_id, name, sort_order) VALUES (1, 2, '아래', 1)`, "departments_parent_fk")
	refused(`INSERT INTO access.grants (user_id, role_id, organization_id) VALUES (1, 4, 2)`, "grants_organization_fk")
	if err := m.Down(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	var organizations, departments []int64
	err = conn.QueryRow(t.Context(), `SELECT (SELECT array_agg(id ORDER BY id) FROM organization.organizations), (SELECT array_agg(id ORDER BY id) FROM organization.departments)`).
		Scan(&organizations, &departments)
	if err != nil || !slices.Equal(organizations, []int64{1, 3}) || !slices.Equal(departments, []int64{1, 3}) {
		t.Errorf("after going back there are the organizations %v and the departments %v, %v", organizations, departments, err)
	}
}

// differences lists the lines that only one of two sorted descriptions has.
func differences(before, after []string) []string {
	var lines []string
	for _, line := range before {
		if _, there := slices.BinarySearch(after, line); !there {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range after {
		if _, there := slices.BinarySearch(before, line); !there {
			lines = append(lines, "+ "+line)
		}
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Compare(a[2:], b[2:]) })
	return lines
}

// described returns the schema, a line for each thing, which begins with the name of its schema.
func described(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), description)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// The numbers of objects, and of columns that follow dropped ones, are left out, since each up gives others, and so is what belongs to golang-migrate.
const description = `
WITH ours AS (
	SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relations AS (
	SELECT c.*, nspname FROM pg_class c JOIN ours n ON n.oid = relnamespace WHERE relname !~ '^schema_migrations'
)
SELECT concat_ws(' ', s, kind, name, what) FROM (
	SELECT nspname, 'schema', '', concat_ws(' ', nspowner::regrole, nspacl::text) FROM ours JOIN pg_namespace USING (oid, nspname)
	UNION ALL SELECT nspname, 'relation', relname, concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity, relacl::text, reloptions::text,
		CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END, pg_get_partkeydef(oid)) FROM relations
	UNION ALL SELECT nspname, 'column', relname || '.' || attname, concat_ws(' ', row_number() OVER (PARTITION BY attrelid ORDER BY attnum), format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
		attcollation::regcollation, attacl::text, pg_get_expr(adbin, adrelid))
		FROM relations r JOIN pg_attribute ON attrelid = r.oid AND attnum > 0 AND NOT attisdropped
		LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE relkind <> 'S'
	UNION ALL SELECT nspname, 'constraint', coalesce(relname || '.', '') || conname, pg_get_constraintdef(c.oid) || ' ' || convalidated
		FROM pg_constraint c JOIN ours n ON n.oid = connamespace LEFT JOIN pg_class r ON r.oid = conrelid WHERE relname IS DISTINCT FROM 'schema_migrations'
	UNION ALL SELECT nspname, 'index', relname, pg_get_indexdef(oid) FROM relations WHERE relkind IN ('i', 'I')
	UNION ALL SELECT nspname, 'sequence', relname, concat_ws(' ', format_type(seqtypid, NULL), seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle)
		FROM relations r JOIN pg_sequence ON seqrelid = r.oid
	UNION ALL SELECT nspname, 'trigger', relname || '.' || tgname, pg_get_triggerdef(t.oid) || ' ' || tgenabled::text
		FROM pg_trigger t JOIN relations r ON r.oid = tgrelid WHERE NOT tgisinternal
	UNION ALL SELECT nspname, 'policy', relname || '.' || polname, concat_ws(' ', polcmd, polpermissive, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
		FROM pg_policy JOIN relations r ON r.oid = polrelid
	UNION ALL SELECT nspname, 'function', p.oid::regprocedure::text, concat_ws(' ', prokind, pg_get_function_result(p.oid), provolatile, prosecdef, prosrc, proconfig::text, proacl::text)
		FROM pg_proc p JOIN ours n ON n.oid = pronamespace
	UNION ALL SELECT nspname, 'type', typname, concat_ws(' ', typtype, format_type(typbasetype, typtypmod), typnotnull, typdefault,
		(SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
		FROM pg_type t JOIN ours n ON n.oid = typnamespace WHERE typname !~ '^_?schema_migrations'
	UNION ALL SELECT nspname, 'extension', extname, extversion FROM pg_extension JOIN ours n ON n.oid = extnamespace
	UNION ALL SELECT split_part(identity, '.', 1), 'comment', type || ' ' || identity, description
		FROM pg_description d, pg_identify_object(classoid, objoid, objsubid)
		WHERE coalesce(schema, identity) IN (SELECT nspname FROM ours) AND (schema IS NOT NULL OR type = 'schema') AND identity <> 'public'
) AS lines (s, kind, name, what)`
