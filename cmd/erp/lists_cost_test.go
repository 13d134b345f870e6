package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"

	"erp.internal/migrations"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

const (
	costlyPage = 20   // items of each page
	mostRead   = 2500 // rows and index entries that a page may read: some hundred for the places of a scope, and none for what it does not answer
)

// Each list in each order, with each filter and in each scope reads what its page holds, not what its table does. What sorts or
// scans more than a page reads more than that.
func TestLists_readWhatAPageHolds(t *testing.T) {
	t.Parallel()
	settings := pgtest.Settings(pgtest.URL(t, migrations.Files))
	settings.PoolSize = 1 // so that the connection which reads is the one that reports what was read
	db, err := pg.Open(t.Context(), settings, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	w := newWorldOn(t, db)
	fillLists(t, w)
	readers := map[string]apitest.Token{"everywhere": w.root}
	_, readers["a hospital"] = w.somebody(t, everywhere, "auditor", hospitalA)
	several, email := w.user(t, everywhere)
	for n := range 50 {
		w.exec(t, fmt.Sprintf(`INSERT INTO access.grants (user_id, role_id, organization_id, department_id)
			SELECT %d, 3, organization_id, id FROM organization.departments WHERE id = %d`, several, 1000+n*39))
	}
	readers["50 departments"] = w.SignIn(t, email, somePassword)
	w.exec(t, "ANALYZE")
	hospital := w.places[hospitalA].organization

	since := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	filters := map[string][]string{
		"users": {"", "is_active=false", "is_active=true", fmt.Sprintf("organization_id=%d", hospital), "department_id=1500", "id=5,6,7",
			"created_since=" + since, "updated_since=" + since, "without_department=true", "never_signed_in=true", "last_sign_in_before=" + since, "within=department:1500",
			fmt.Sprintf("within=organization:%d", hospital), "role_id=4", "role_id=150",
			"employee_number=N5000", "employment=on_leave", "employment=left", "employment=employed"},
		"departments":   {"", fmt.Sprintf("organization_id=%d", 100), "parent_id=1500", "id=1500,1501", "within=department:1050", "within=organization:100"},
		"organizations": {"", "id=5,6,7"},
		"grants":        {"", "user_id=500", "role_id=104", "granted_by=1", "state=ended", "state=scheduled", "state=expired", "effect=in_force", "department_id=1500"},
		"changes": {"", "actor_id=7", "actor_id=8", "actor_kind=user", "actor_kind=system", "actor_kind=operator", "actor_kind=nobody", "kind=role.changed", "kind=role.", "kind=user.",
			"kind=user.changed", "kind=role.changed&actor_id=7", "subject_kind=role", "subject_kind=user&subject_id=1500", "user_id=1500", fmt.Sprintf("organization_id=%d", hospital)},
	}
	sorts := map[string][]string{
		"users":         {"id", "email", "full_name", "employee_number", "created_at", "updated_at", "last_sign_in_at"},
		"departments":   {"id", "name", "code", "sort_order", "created_at", "updated_at"},
		"organizations": {"id", "name", "created_at", "updated_at"},
		"grants":        {"id"},
		"changes":       {"at"},
	}
	for list, filters := range filters {
		for scope, who := range readers {
			if list == "changes" && scope == "50 departments" { // nobody may read them for a department
				continue
			}
			for _, filter := range filters {
				for _, sort := range sorts[list] {
					for _, order := range []string{"", "-"} {
						query := fmt.Sprintf("/%s/?limit=%d&sort=%s%s&%s", list, costlyPage, order, sort, filter)
						w.reads(t, scope, who, strings.TrimSuffix(query, "&"))
					}
				}
			}
		}
	}
}

// reads checks what the first page and the next one read.
func (w *world) reads(t *testing.T, scope string, who apitest.Token, path string) {
	t.Helper()
	w.As(t, who, "GET", path, "").Want(t, 200) // what is held in memory from now on
	for range 2 {
		before := w.read(t)
		answer := w.As(t, who, "GET", path, "").Want(t, 200)
		if read := w.read(t) - before; read > mostRead {
			t.Errorf("%s, in %s: %d rows and index entries are read for %d items", path, scope, read, len(answer.List))
		}
		next := regexp.MustCompile(`^<([^>]*)>`).FindStringSubmatch(answer.Header.Get("Link"))
		if next == nil {
			return
		}
		link, err := url.Parse(next[1])
		if err != nil {
			t.Fatal(err)
		}
		path = link.RequestURI()
	}
}

// read returns how many rows and index entries were read of the modules' tables.
func (w *world) read(t *testing.T) int64 {
	t.Helper()
	w.exec(t, "SELECT pg_stat_force_next_flush()")
	n, err := pg.One(t.Context(), w.DB, pg.Reads("test", squirrel.Expr(`SELECT
		(SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE schemaname IN ('identity', 'organization', 'access', 'journal')) +
		(SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname IN ('identity', 'organization', 'access', 'journal'))`)).With(), pg.Int, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// fillLists fills the lists: users in 2,000 of 20,000 departments of 200 organizations, grants, of which few are scheduled, expired or
// ended, and changes, of which few are of some actors and kinds.
func fillLists(t *testing.T, w *world) {
	t.Helper()
	for _, sql := range []string{
		// Autovacuum would look at tables that are half filled, and what it then says of them would decide on plans.
		`DO $$ DECLARE filled regclass; BEGIN
			FOR filled IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('identity', 'organization', 'access', 'journal') LOOP
				EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', filled);
			END LOOP;
		END $$`,
		"INSERT INTO organization.organizations (id, name) SELECT n, 'Organization ' || n FROM generate_series(100, 2099) n",
		`INSERT INTO organization.departments (id, organization_id, parent_id, name, code, sort_order, created_at, updated_at)
			SELECT n, 100 + (n - 1000) % 200, CASE WHEN n >= 1400 THEN 1000 + (n - 1000) % 400 END, 'Department ' || md5(n::text), 'C' || n, n, now() - n % 9973 * interval '1 hour', now() - n % 9967 * interval '1 hour' FROM generate_series(1000, 20999) n`,
		fmt.Sprintf(`INSERT INTO identity.users (id, email, email_digest, full_name, employee_number, employee_number_key, employment,
				organization_id, department_id, is_active, created_at, updated_at, last_sign_in_at)
			SELECT n, CASE WHEN n %% 7 > 0 THEN md5(n::text) || '@example.org' END, CASE WHEN n %% 7 > 0 THEN sha256(n::text::bytea) END, 'User ' || md5(n::text || 'x'),
				'N' || n, 'n' || n, CASE n %% 1000 WHEN 1 THEN 'on_leave' WHEN 2 THEN 'left' ELSE 'employed' END,
				CASE n %% 5 WHEN 0 THEN %d ELSE 100 + (n * 7 %% 2000) %% 200 END, CASE WHEN n %% 5 > 0 THEN 1000 + n * 7 %% 2000 END, n %% 500 > 0,
				now() - n %% 9973 * interval '1 hour', now() - n %% 9967 * interval '1 hour',
				CASE WHEN n %% 700 = 0 THEN '-infinity' WHEN n %% 300 = 0 THEN now() - interval '1 year' ELSE now() - n %% 1000 * interval '1 minute' END
			FROM generate_series(1000, 30999) n`, w.places[hospitalA].organization),
		"INSERT INTO access.roles (id, name) SELECT n, 'role ' || n FROM generate_series(100, 199) n",
		`INSERT INTO access.grants (user_id, role_id, organization_id, department_id)
			SELECT id, CASE WHEN id % 2 = 0 THEN 4 ELSE 100 + id % 100 END, organization_id, department_id FROM identity.users WHERE id >= 1000 ORDER BY id`,
		`INSERT INTO access.grants (user_id, role_id, valid_from, valid_until)
			SELECT 1000, 4, now() + interval '1 year', NULL FROM generate_series(1, 5) UNION ALL SELECT 1000, 4, NULL, now() + interval '1 s' FROM generate_series(1, 5)`,
		"UPDATE access.grants SET ended_at = now() WHERE id % 1000 = 0",
		"ALTER TABLE journal.entries DISABLE TRIGGER ALL", // they are dated
		fmt.Sprintf(`INSERT INTO journal.entries (at, actor_kind, actor_id, operation, kind, subject_kind, subject_id, user_id, organization_id)
			SELECT now() - n * interval '1 s', actor, CASE actor WHEN 'user' THEN CASE WHEN n %% 8000 = 1 THEN 7 ELSE 8 END END, 'x', kind, split_part(kind, '.', 1), n, n, CASE n %% 5 WHEN 0 THEN %d ELSE 100 + n %% 200 END
			FROM generate_series(1, 30000) n, LATERAL (SELECT CASE WHEN n %% 10000 = 2 THEN 'operator' WHEN n %% 10 = 5 THEN 'system' ELSE 'user' END AS actor,
				CASE n %% 6000 WHEN 5 THEN 'role.changed' WHEN 6 THEN 'role.created' ELSE 'user.changed' END AS kind) of`, w.places[hospitalA].organization),
		"ALTER TABLE journal.entries ENABLE TRIGGER ALL",
		"VACUUM (ANALYZE)",
	} {
		w.exec(t, sql)
	}
}
