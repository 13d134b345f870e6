package journal_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"erp.internal/platform/change"
	"erp.internal/platform/journal"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
)

func TestJournal_Append(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	j := journal.New(db, zap.NewNop())
	whole := change.Event{
		Kind: "grant.given", Subject: change.Subject{Kind: "grant", ID: 1}, User: 2, Place: place.Place{Organization: 3, Department: 4}, Reason: `be"cause`,
		Fields: append(change.Between(
			change.Values{change.Public("role", "a"), change.Personal("name", "b")},
			change.Values{change.Public("role", "c"), change.Personal("name", "d")},
		), change.Secret("token")),
	}
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		return j.Append(ctx, change.Origin{
			Actor: change.Actor{Kind: change.User, ID: 7}, Operation: "give-grant", RequestID: "r-1", SessionID: 8, Address: "2001:db8::1",
		}, []change.Event{whole, thing(9)})
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		return j.Append(ctx, change.Origin{Operation: "none"}, []change.Event{thing(10)})
	}); err != nil {
		t.Fatal(err)
	}
	got := texts(t, db, `SELECT concat_ws('|', actor_kind, coalesce(actor_id, -1), coalesce(request_id, '-'), coalesce(session_id, -1), coalesce(host(address), '-'), operation,
		kind, subject_kind, subject_id, coalesce(user_id, -1), coalesce(organization_id, -1), coalesce(department_id, -1),
		coalesce(reason, '-'), coalesce(public::text, '-'), coalesce(personal::text, '-')) FROM journal.entries ORDER BY id`)
	want := []string{
		`user|7|r-1|8|2001:db8::1|give-grant|grant.given|grant|1|2|3|4|be"cause|{"role": ["a", "c"], "token": []}|{"name": ["b", "d"]}`,
		`user|7|r-1|8|2001:db8::1|give-grant|thing.changed|thing|9|-1|-1|-1|-|-|-`,
		`|-1|-|-1|-|none|thing.changed|thing|10|-1|-1|-1|-|-|-`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := number(t, db, "SELECT count(DISTINCT (xid, at)) FROM journal.entries"); n != 2 {
		t.Errorf("%d transactions, want 2", n)
	}
}

func TestJournal_Append_many(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	j := journal.New(db, zap.NewNop())
	const all = 20_000
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		events := make([]change.Event, all)
		for i := range events {
			events[i] = thing(int64(i))
			events[i].Fields = change.Between(nil, change.Values{change.Public("name", strings.Repeat("x", i%50)), change.Personal("n", i)})
		}
		return j.Append(ctx, change.Origin{Operation: "import"}, events)
	}); err != nil {
		t.Fatal(err)
	}
	right := fmt.Sprintf(`SELECT count(*) FROM (SELECT subject_id, row_number() OVER (ORDER BY id) - 1 AS place, personal FROM journal.entries) e
		WHERE subject_id = place AND personal = jsonb_build_object('n', jsonb_build_array(NULL, place)) AND place < %d`, all)
	if n := number(t, db, right); n != all {
		t.Errorf("%d are as they were, want %d, in their order", n, all)
	}
}

// What cannot be kept fails the change.
func TestJournal_Append_fails(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	j := journal.New(db, zap.NewNop())
	bad := thing(1)
	bad.Fields = change.Between(nil, change.Values{change.Public("x", math.NaN())})
	zero := thing(1)
	zero.Fields = change.Between(nil, change.Values{change.Public("x", "a\x00b")})
	for name, tc := range map[string]struct {
		origin change.Origin
		event  change.Event
	}{
		"a value that JSON cannot hold":     {change.Origin{}, bad},
		"a value that Postgres cannot hold": {change.Origin{}, zero},
		"an address that is none":           {change.Origin{Address: "here"}, thing(1)},
	} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			if err := execIn(ctx, db, "CREATE TABLE public.changed ()"); err != nil {
				t.Fatal(err)
			}
			return j.Append(ctx, tc.origin, []change.Event{thing(2), tc.event})
		})
		if err == nil || errors.Is(err, pg.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
		if n := number(t, db, "SELECT count(*) FROM journal.entries") + number(t, db, "SELECT count(*) FROM pg_tables WHERE tablename = 'changed'"); n != 0 {
			t.Errorf("%s: something is stored", name)
		}
	}
}

// tables are the journal's table and its partitions.
func tables(t *testing.T, db *pg.DB) []string {
	t.Helper()
	return texts(t, db, "SELECT relid::regclass::text FROM pg_partition_tree('journal.entries') ORDER BY relid::regclass::text")
}

const month = "(SELECT 'journal.entries_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM'))"

// filled returns a journal of which the partition of this month and entries_other have rows.
func filled(t *testing.T) *pg.DB {
	t.Helper()
	db := fresh(t)
	present := texts(t, db, "SELECT "+month)[0]
	record(t, db, 1)
	run(t, db, "ALTER TABLE journal.entries DETACH PARTITION "+present)
	record(t, db, 2) // which finds none
	if n := number(t, db, "SELECT count(*) FROM journal.entries_other"); n != 1 {
		t.Fatalf("%d rows without a partition of their own", n)
	}
	// It is put back as that of another time, so that both have rows.
	run(t, db, "ALTER TABLE "+present+" DISABLE TRIGGER ALL")
	run(t, db, "UPDATE "+present+" SET at = '2020-02-02Z'")
	run(t, db, "ALTER TABLE "+present+" ENABLE TRIGGER ALL")
	run(t, db, "ALTER TABLE journal.entries ATTACH PARTITION "+present+" FOR VALUES FROM ('2020-02-01Z') TO ('2020-03-01Z')")
	if number(t, db, "SELECT count(*) FROM journal.entries WHERE at < '2020-03-01Z'") != 1 {
		t.Fatal("the rows are not there")
	}
	return db
}

func TestJournal_keeps_itself(t *testing.T) {
	t.Parallel()
	db := filled(t)
	dump := func() []string {
		return texts(t, db, "SELECT tableoid::regclass || e::text FROM journal.entries e ORDER BY 1")
	}
	before := dump()
	columns := texts(t, db, "SELECT attname::text FROM pg_attribute WHERE attrelid = 'journal.entries'::regclass AND attnum > 0")
	const say = "the journal"
	refused := func(sql string, says string) {
		t.Helper()
		err := exec(t, db, sql)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", sql, err)
		}
		if diff := cmp.Diff(before, dump()); diff != "" {
			t.Fatalf("%s: %s", sql, diff)
		}
	}
	all := tables(t, db)
	if len(all) != 6 {
		t.Fatalf("the tables are %v", all)
	}
	const row = "(actor_kind, operation, kind, subject_kind, subject_id"
	for _, table := range all {
		if n := number(t, db, "SELECT count(*) FROM "+table); n > 0 {
			refused("DELETE FROM "+table, say)
			for _, column := range columns {
				switch column {
				case "id":
					refused("UPDATE "+table+" SET id = DEFAULT", say)
				case "personal", "public":
					refused("UPDATE "+table+" SET "+column+` = '{"a": 1}'`, say)
				case "address":
					refused("UPDATE "+table+" SET address = '192.0.2.1'", say)
				case "at":
					refused("UPDATE "+table+" SET at = at + interval '1 second'", say)
				case "xid":
					refused("UPDATE "+table+" SET xid = pg_current_xact_id()", say)
				case "actor_kind", "operation", "kind", "subject_kind", "request_id", "reason":
					refused("UPDATE "+table+" SET "+column+" = 'x'", say)
				default:
					refused("UPDATE "+table+" SET "+column+" = 77", say)
				}
			}
			refused("UPDATE "+table+" SET personal = NULL, reason = 'x'", say)
			refused("UPDATE "+table+" SET at = '2031-01-01Z'", say) // into another partition
		}
		refused("TRUNCATE "+table, say)
		refused("TRUNCATE "+table+" CASCADE", say)
	}
	refused("INSERT INTO journal.entries "+row+", at) VALUES ('', '', '', '', 1, now() - interval '1 microsecond')", say)
	refused("INSERT INTO journal.entries "+row+", at) VALUES ('', '', '', '', 1, '2020-02-02Z')", say)
	refused("INSERT INTO journal.entries "+row+", xid) VALUES ('', '', '', '', 1, '1')", say)
	refused("INSERT INTO journal.entries_other "+row+", xid) VALUES ('', '', '', '', 1, '1')", say)
	refused("INSERT INTO journal.entries "+row+", id) VALUES ('', '', '', '', 1, 1)", "non-DEFAULT")
	refused("INSERT INTO journal.entries "+row+", xid) VALUES ('', '', '', '', 1, NULL)", "")
	refused(`WITH forged AS (SELECT set_config('search_path', 'pretended,pg_catalog', true))
		INSERT INTO journal.entries `+row+`, at) SELECT '', '', '', '', 1, '2020-02-02Z' FROM forged`, say)
}

func TestJournal_personal_can_be_erased(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	j := journal.New(db, zap.NewNop())
	event := thing(1)
	event.Reason = "because"
	event.Fields = change.Between(nil, change.Values{change.Public("code", "a"), change.Personal("name", "b")})
	if err := db.InTx(t.Context(), func(ctx context.Context) error { return j.Append(ctx, change.Origin{}, []change.Event{event}) }); err != nil {
		t.Fatal(err)
	}
	rest := "SELECT (to_jsonb(e) - 'personal')::text FROM journal.entries e"
	before := texts(t, db, rest)
	run(t, db, "UPDATE journal.entries SET personal = NULL WHERE subject_id = 1")
	run(t, db, "UPDATE journal.entries SET personal = NULL WHERE subject_id = 1") // nothing is there any more
	if n := number(t, db, "SELECT count(*) FROM journal.entries WHERE personal IS NULL"); n != 1 || !slices.Equal(texts(t, db, rest), before) {
		t.Errorf("%d are erased; the rest is %v, want %v", n, texts(t, db, rest), before)
	}
	if err := exec(t, db, `UPDATE journal.entries SET personal = '{"name": [null, "b"]}'`); err == nil {
		t.Error("it can be put back")
	}
}

func TestJournal_Prepare(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	j := journal.New(db, zap.NewNop())
	prepare := func() {
		t.Helper()
		if err := j.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	coming := texts(t, db, `SELECT 'journal.entries_' || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n), 'YYYY_MM') FROM generate_series(0, 3) n`)
	want := append([]string{"journal.entries"}, append(slices.Clone(coming), "journal.entries_other")...)
	slices.Sort(want)
	described := func() []string {
		return texts(t, db, `SELECT relid::regclass || ' ' || coalesce(pg_get_expr(c.relpartbound, c.oid), '') || ' ' || (SELECT string_agg(tgname, ',' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid)
			FROM pg_partition_tree('journal.entries') JOIN pg_class c ON c.oid = relid ORDER BY relid::regclass::text`)
	}
	same := func(when string, want, got []string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	same("at first", want, tables(t, db))
	whole := described()
	for _, d := range whole {
		if !strings.HasSuffix(d, " entries_dated,entries_kept,entries_not_emptied") {
			t.Errorf("a partition that does not keep itself: %s", d)
		}
	}
	prepare()
	same("again", whole, described())

	run(t, db, "DROP TABLE "+coming[2])
	if err := db.InTx(t.Context(), func(ctx context.Context) error { // whatever the session's time zone is
		return errors.Join(execIn(ctx, db, "SET LOCAL timezone = 'Pacific/Auckland'"), j.Prepare(ctx))
	}); err != nil {
		t.Fatal(err)
	}
	same("a month that was missing", whole, described())

	run(t, db, "DROP TABLE "+coming[0])
	run(t, db, "DROP TABLE "+coming[3])
	record(t, db, 1)
	same("where the row is", []string{"journal.entries_other"}, texts(t, db, "SELECT tableoid::regclass::text FROM journal.entries"))
	prepare()
	same("a month that has rows elsewhere", slices.DeleteFunc(slices.Clone(want), func(s string) bool { return s == coming[0] }), tables(t, db))
	record(t, db, 2)
	if n := number(t, db, "SELECT count(*) FROM journal.entries_other"); n != 2 {
		t.Errorf("%d rows are in entries_other", n)
	}
}

// A long read of the journal does not block writers that need a new partition.
func TestJournal_Prepare_does_not_wait(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	j := journal.New(db, zap.NewNop())
	last := texts(t, db, "SELECT max(relid::regclass::text) FROM pg_partition_tree('journal.entries') WHERE relid <> 'journal.entries_other'::regclass")[0]
	run(t, db, "DROP TABLE "+last)
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := execIn(ctx, db, "SELECT count(*) FROM journal.entries"); err != nil {
			t.Fatal(err)
		}
		return j.Prepare(t.Context())
	})
	if !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if err := j.Prepare(t.Context()); err != nil || !slices.Contains(tables(t, db), last) {
		t.Errorf("afterwards: %v, %v", err, tables(t, db))
	}
}

// A poll reads what is new by its transaction's number, and no month that is past, whichever kind of plan it has.
func TestJournal_plan_of_a_poll(t *testing.T) {
	t.Parallel()
	db := fresh(t)
	run(t, db, "CREATE TABLE journal.entries_2020_02 PARTITION OF journal.entries FOR VALUES FROM ('2020-02-01Z') TO ('2020-03-01Z')")
	run(t, db, "ALTER TABLE journal.entries DISABLE TRIGGER ALL")
	const rows = "INSERT INTO journal.entries (actor_kind, operation, kind, subject_kind, subject_id, xid, at) SELECT '', 'x', 'thing.changed', 'thing', n, (n / 120 + 1)::text::xid8, "
	run(t, db, rows+"'2020-02-02Z' FROM generate_series(1, 30000) n")
	run(t, db, rows+"now() - interval '1 second' * (n / 100) FROM generate_series(1, 60000) n") // within minutes: the worst case for an index by time
	run(t, db, "ALTER TABLE journal.entries ENABLE TRIGGER ALL")
	run(t, db, "ANALYZE journal.entries")
	record(t, db, 1)
	conn, err := pgx.Connect(t.Context(), db.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), "PREPARE see (text, text[]) AS "+journal.See); err != nil {
		t.Fatal(err)
	}
	present := strings.TrimPrefix(texts(t, db, "SELECT "+month)[0], "journal.")
	for _, mode := range []string{"force_custom_plan", "force_generic_plan", "auto"} {
		if _, err := conn.Exec(t.Context(), "SET plan_cache_mode = "+mode); err != nil {
			t.Fatal(err)
		}
		lines, err := conn.Query(t.Context(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE see(pg_current_snapshot()::text, NULL)")
		if err != nil {
			t.Fatal(err)
		}
		all, err := pgx.CollectRows(lines, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(all, "\n")
		if strings.Contains(plan, "entries_2020_02") || !strings.Contains(plan, "Subplans Removed: 1") {
			t.Errorf("%s: it reads what is long past:\n%s", mode, plan)
		}
		if strings.Contains(plan, "Seq Scan on "+present) || !strings.Contains(plan, present+"_xid_idx on "+present) {
			t.Errorf("%s: it does not read by the transactions' numbers:\n%s", mode, plan)
		}
	}
}
