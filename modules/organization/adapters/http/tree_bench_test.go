package http_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"erp.internal/migrations"
	"erp.internal/modules/organization"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// treeSizes are the numbers of departments in a small and in a large tree.
var treeSizes = []int{100, 10_000}

// plant stores an organization with so many departments in a new database: their ids are 1 to n, ten of them are at the top, and
// each has ten below it, while there are more.
func plant(tb testing.TB, db *pg.DB, departments int) {
	tb.Helper()
	for _, statement := range []string{
		"INSERT INTO organization.organizations (name) VALUES ('A')",
		fmt.Sprintf(`INSERT INTO organization.departments (organization_id, parent_id, name, code, sort_order)
			SELECT 1, nullif((n - 1) / 10, 0), '심장내과 제' || n || '병동', 'D' || n, n * 1000 FROM generate_series(1, %d) n`, departments),
		"ANALYZE organization.departments",
	} {
		if _, err := db.Exec(tb.Context(), pg.ChangesOnce("plant", squirrel.Expr(statement))); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkMove moves a department between two parents of a small and of a large tree.
func BenchmarkMove(b *testing.B) {
	for _, departments := range treeSizes {
		b.Run(fmt.Sprint(departments), func(b *testing.B) {
			db := pgtest.New(b, migrations.Files)
			plant(b, db, departments)
			c := apitest.On(b, db, organization.Module(), apitest.Open())
			for i := 0; b.Loop(); i++ {
				request(b, c, "POST", fmt.Sprintf("/departments/%d/move", departments), fmt.Sprintf(`{"parent_id":%d,"position":3}`, 1+i%2))
			}
		})
	}
}

// BenchmarkCreate creates departments below one of a small and of a large tree.
func BenchmarkCreate(b *testing.B) {
	for _, departments := range treeSizes {
		b.Run(fmt.Sprint(departments), func(b *testing.B) {
			db := pgtest.New(b, migrations.Files)
			plant(b, db, departments)
			c := apitest.On(b, db, organization.Module(), apitest.Open())
			for i := 0; b.Loop(); i++ {
				request(b, c, "POST", "/departments", fmt.Sprintf(`{"organization_id":1,"parent_id":%d,"name":"X"}`, 1+i%10))
			}
		})
	}
}

// request is Client.Do without the check against the contract.
func request(b *testing.B, c *apitest.Client, method, path, body string) {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(body))
	if r.Host = "127.0.0.1:8000"; body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	c.API.Handler().ServeHTTP(w, r)
	if w.Code >= http.StatusBadRequest {
		b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
}

// BenchmarkTree reads a tree of 10,000 departments: by a handler that does no more than SELECT and encode by hand, when it is
// new, and when it was asked before.
func BenchmarkTree(b *testing.B) {
	const departments = 10_000
	db := pgtest.New(b, migrations.Files)
	plant(b, db, departments)
	c := apitest.On(b, db, organization.Module(), apitest.Open())
	b.Run("by hand", func(b *testing.B) {
		for b.Loop() {
			if err := treeByHand(b.Context(), db, io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("new", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			request(b, c, "PUT", "/departments/1", fmt.Sprintf(`{"name":"제%d병동"}`, i))
			b.StartTimer()
			request(b, c, "GET", "/organizations/1/tree", "")
		}
	})
	b.Run("asked before", func(b *testing.B) {
		for b.Loop() {
			request(b, c, "GET", "/organizations/1/tree", "")
		}
	})
}

// byHand is a department as treeByHand reads it.
type byHand struct {
	id, organization, order int64
	parent                  *int64
	name                    string
	code                    *string
	created, updated        time.Time
}

func treeByHand(ctx context.Context, db *pg.DB, w io.Writer) error {
	all, err := pg.All(ctx, db, pg.ReadsOnce("read by hand", squirrel.Expr(`SELECT id, organization_id, parent_id, name, code, sort_order, created_at, updated_at
		FROM organization.departments WHERE live_organization_id = 1 ORDER BY parent_id, sort_order, id`)), func(d *byHand) []any {
		return []any{&d.id, &d.organization, &d.parent, &d.name, pg.NullText(&d.code), &d.order, &d.created, &d.updated}
	})
	if err != nil {
		return err
	}
	children := map[int64][]*byHand{}
	for i := range all {
		parent := int64(0)
		if all[i].parent != nil {
			parent = *all[i].parent
		}
		children[parent] = append(children[parent], &all[i])
	}
	var text []byte
	var write func(of int64)
	write = func(of int64) {
		text = append(text, '[')
		for i, d := range children[of] {
			if i > 0 {
				text = append(text, ',')
			}
			text = append(text, `{"id":`...)
			text = strconv.AppendInt(text, d.id, 10)
			text = append(text, `,"organization_id":`...)
			text = strconv.AppendInt(text, d.organization, 10)
			text = append(text, `,"parent_id":`...)
			if d.parent == nil {
				text = append(text, "null"...)
			} else {
				text = strconv.AppendInt(text, *d.parent, 10)
			}
			text = append(text, `,"name":`...)
			text = strconv.AppendQuote(text, d.name)
			text = append(text, `,"code":`...)
			if d.code == nil {
				text = append(text, "null"...)
			} else {
				text = strconv.AppendQuote(text, *d.code)
			}
			text = append(text, `,"sort_order":`...)
			text = strconv.AppendInt(text, d.order, 10)
			text = append(text, `,"created_at":"`...)
			text = d.created.AppendFormat(text, time.RFC3339Nano)
			text = append(text, `","updated_at":"`...)
			text = d.updated.AppendFormat(text, time.RFC3339Nano)
			text = append(text, `","children":`...)
			write(d.id)
			text = append(text, '}')
		}
		text = append(text, ']')
	}
	write(0)
	_, err = w.Write(text)
	return err
}
