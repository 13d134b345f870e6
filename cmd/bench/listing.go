package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"
)

const (
	listingName     = "listing"
	listingDatabase = "erp_bench_listing"

	listings       = 300 // of each kind, to each reader
	listingsWarmup = 20
	listingsWithin = 10 * time.Second // slow ones are measured less often

	listingTarget = 3.0 // a scoped first page's time divided by that of one without a scope
)

// listing is how long lists of users take that are cut to what a reader may see.
type listing struct {
	kinds []listingKind
	plans string // of the statements, with -explain
}

// listingKind is one list, asked for by a reader of everything and by one of a few departments.
type listingKind struct {
	title  string
	query  string
	where  string // the same in SQL, to check the answers
	order  string
	target float64 // 0 for none
	total  bool    // asked for

	everywhere, scoped []time.Duration
}

func listingKinds() []listingKind {
	first := "limit=" + strconv.Itoa(listLimit)
	return []listingKind{
		{title: "first page", query: first, where: "true", order: "id", target: listingTarget},
		{title: "sort=email", query: first + "&sort=email", where: "true", order: "email, id"},
		{title: "q=7f", query: first + "&q=7f", where: "(email ILIKE '%7f%' OR full_name ILIKE '%7f%')", order: "id"},
		{title: "count=true", query: first + "&count=true", where: "true", order: "id", total: true},
	}
}

// reader is a caller who lists users.
type reader struct {
	caller
	departments []int64 // the only ones that they may see; nil for all
}

// measureListing fills a database of its own and lists its users on a server of its own.
func (c *contest) measureListing(ctx context.Context) (err error) {
	fmt.Fprintf(c.progress, "listing: %d users\n", listedUsers)
	side, err := c.db.createSide(ctx, listingDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	all, few, err := c.fillListing(ctx, side)
	if err != nil {
		return err
	}
	if err := c.db.settle(ctx); err != nil {
		return err
	}
	c.listing.kinds = listingKinds()
	if err := c.listUsers(ctx, side, all, few); err != nil || !c.explain {
		return err
	}
	c.listing.plans, err = c.explainListing(ctx, side, few)
	return err
}

// listUsers measures each kind, both readers in turn on one connection.
func (c *contest) listUsers(ctx context.Context, side *sideDatabase, all, few reader) error {
	erp, err := startErp(ctx, c.options, c.dir, "DATABASE_URL="+side.url)
	if err != nil {
		return err
	}
	defer erp.stop()
	client := newClient(erp.addr, 1)
	defer client.CloseIdleConnections()
	all.client, few.client = client, client
	for n := range c.listing.kinds {
		kind := &c.listing.kinds[n]
		for _, r := range []reader{all, few} {
			if err := kind.check(ctx, side.conn, r); err != nil {
				return err
			}
		}
		if err := kind.measure(ctx, all, few); err != nil {
			return err
		}
		fmt.Fprintf(c.progress, "  %-12s everywhere %s  scoped %s\n", kind.title, median(kind.everywhere), median(kind.scoped))
	}
	return nil
}

// check compares an answer with what the database holds.
func (k *listingKind) check(ctx context.Context, conn *pgx.Conn, r reader) error {
	var response fasthttp.Response
	if err := r.list(k, &response); err != nil {
		return err
	}
	var users []struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(response.Body(), &users); err != nil {
		return fmt.Errorf("list users, %s: no list: %w", k.title, err)
	}
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	from := " FROM identity.users WHERE deleted_at IS NULL AND ($1::bigint[] IS NULL OR department_id = ANY($1)) AND " + k.where
	rows, _ := conn.Query(ctx, "SELECT id"+from+" ORDER BY "+k.order+" LIMIT $2", r.departments, listLimit)
	want, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	if !slices.Equal(ids, want) {
		return fmt.Errorf("list users, %s: not those %d users who are the first but %d", k.title, len(want), len(ids))
	}
	if !k.total {
		return nil
	}
	var total string
	if err := conn.QueryRow(ctx, "SELECT count(*)::text"+from, r.departments).Scan(&total); err != nil {
		return fmt.Errorf("count users: %w", err)
	}
	if counted := string(response.Header.Peek("X-Total-Count")); counted != total {
		return fmt.Errorf("list users: %s were counted, and there are %s", counted, total)
	}
	return nil
}

func (k *listingKind) measure(ctx context.Context, all, few reader) error {
	begun := time.Now()
	for n := -listingsWarmup; n < listings; n++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if n > listingsWarmup && time.Since(begun) > listingsWithin {
			return nil
		}
		if n == 0 {
			k.everywhere, k.scoped = nil, nil
		}
		turns := []func() error{
			func() error { return all.time(k, &k.everywhere) },
			func() error { return few.time(k, &k.scoped) },
		}
		if n%2 == 0 {
			slices.Reverse(turns) // neither is always the one behind the other
		}
		for _, turn := range turns {
			if err := turn(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r reader) list(k *listingKind, response *fasthttp.Response) error {
	if err := r.send(http.MethodGet, "/users/?"+k.query, nil, response); err != nil {
		return err
	}
	if response.StatusCode() != http.StatusOK {
		return fmt.Errorf("list users, %s: %w", k.title, refused(response.StatusCode(), response.Body(), nil))
	}
	return nil
}

func (r reader) time(k *listingKind, took *[]time.Duration) error {
	var response fasthttp.Response
	begun := time.Now()
	err := r.list(k, &response)
	*took = append(*took, time.Since(begun))
	return err
}

func (l *listing) print(out io.Writer, verdict func(bool) string) {
	t := table(out, fmt.Sprintf("list %d of %d users", listLimit, listedUsers), "all", fmt.Sprintf("in %d departments", readDepartments), "ratio", "target", "")
	for _, k := range l.kinds {
		everywhere, scoped := median(k.everywhere), median(k.scoped)
		ratio := scoped.Seconds() / everywhere.Seconds()
		target, met := "", ""
		if k.target > 0 {
			target, met = fmt.Sprintf("<= %.2f", k.target), verdict(ratio <= k.target)
		}
		t.row(k.title, milliseconds(everywhere), milliseconds(scoped), number("%.2f", ratio), target, met)
	}
	t.end()
	fmt.Fprint(out, l.plans)
}
