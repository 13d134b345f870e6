package pgtest

import (
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestNew(t *testing.T) {
	t.Parallel()
	one, other := New(t, marks), New(t, marks)
	ask[string](t, one.URL(), "INSERT INTO marks VALUES ('one') RETURNING text")
	if n := ask[int](t, other.URL(), "SELECT count(*) FROM marks"); n != 0 {
		t.Errorf("the other database has %d marks", n)
	}
	if n := ask[int](t, one.URL(), "SELECT count(*) FROM marks"); n != 1 {
		t.Errorf("the database has %d marks of its own", n)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	if n := ask[int](t, Empty(t), "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"); n != 0 {
		t.Errorf("it has %d tables", n)
	}
}

func TestURL_goesWithTheTest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ empty, inUse bool }{
		"when it is cloned": {},
		"when it is empty":  {empty: true},
		"when it is in use": {inUse: true},
	}
	for name, test := range tests {
		var database string
		t.Run(name, func(t *testing.T) {
			url := URL(t, marks)
			if test.empty {
				url = Empty(t)
			}
			database = ask[string](t, url, "SELECT current_database()")
			if test.inUse { // by somebody who does not let go
				if _, err := pgx.Connect(t.Context(), url); err != nil {
					t.Fatal(err)
				}
			}
		})
		if ask[bool](t, running(t).URL, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database) {
			t.Errorf("%s: %s is still there", name, database)
		}
	}
}

func TestURL_makesTheTemplateOnce(t *testing.T) {
	t.Parallel()
	server := running(t)
	hash, err := hashOf(marks)
	if err != nil {
		t.Fatal(err)
	}
	template := "erp_template_" + hash
	oid := func() int {
		return ask[int](t, server.URL, "SELECT oid::bigint FROM pg_database WHERE datname = $1", template)
	}
	var all sync.WaitGroup
	for range 5 { // as other processes would: this one forgets that it knows
		all.Go(func() {
			ready.Delete(server.URL + template)
			if name, err := templateOf(t.Context(), server, marks); err != nil || name != template {
				t.Errorf("got %s, %v", name, err)
			}
		})
	}
	all.Wait()
	before := oid()
	ready.Delete(server.URL + template)
	URL(t, marks)
	if oid() != before {
		t.Error("it was made again")
	}
	if ask[bool](t, server.URL, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", template+"_unfinished") {
		t.Error("an unfinished template was left")
	}
}
