package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

const (
	readersDatabase = "erp_bench_readers"

	longGrants       = 1_000
	longReason       = 10_000 // characters of three bytes each
	largeTree        = 18_600 // departments
	readersHold      = 15 * time.Second
	readersBytes     = 300 // that a slow reader takes in a second
	quietEvery       = 50 * time.Millisecond
	readersPerSecond = time.Second
)

// crowd is clients that ask for a long answer at once and take it slowly, and what that does to the server.
type crowd struct {
	title   string
	path    string
	readers int
	users   int // whose sessions they use

	before, peak, after int64 // resident, in bytes
	statuses            map[int]int
	size                int64           // of the answer
	quiet               []time.Duration // what another user's GET takes meanwhile
}

func crowds() []*crowd {
	const page, tree = "/grants/?limit=1000", "/organizations/1/tree"
	return []*crowd{
		{title: "60 of the longest page, one user", path: page, readers: 60, users: 1},
		{title: "60 of the longest page, 10 users", path: page, readers: 60, users: 10},
		{title: "20 of the largest tree, one user", path: tree, readers: 20, users: 1},
		{title: "20 of the largest tree, 20 users", path: tree, readers: 20, users: 20},
		{title: "60 of the largest tree, 20 users", path: tree, readers: 60, users: 20},
	}
}

// measureReaders fills a database of its own and lets slow clients read from a fresh server for each crowd.
func (b *bench) measureReaders(ctx context.Context, s *report.Section) (err error) {
	fmt.Fprintf(b.progress, "readers: %d grants with reasons of %d characters, a tree of %d departments\n", longGrants, longReason, largeTree)
	side, err := b.db.createSide(ctx, readersDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	users, err := b.fillReaders(ctx, side)
	if err != nil {
		return err
	}
	all := crowds()
	for _, crowd := range all {
		if err := b.db.settle(ctx); err != nil {
			return err
		}
		if err := b.slowly(ctx, side, crowd, users); err != nil {
			return err
		}
		fmt.Fprintf(b.progress, "  %-34s %d -> %d MiB, %v\n", crowd.title, crowd.before>>20, crowd.peak>>20, crowd.statuses)
	}
	reportReaders(s, all)
	return nil
}

// fillReaders makes users who may see everything, the last of whom is the quiet one.
func (b *bench) fillReaders(ctx context.Context, side *sideDatabase) ([]enrolled, error) {
	erp, err := startErp(ctx, b.options, b.dir, "DATABASE_URL="+side.url) // which makes the roles and the administrator
	if err != nil {
		return nil, err
	}
	erp.stop()
	users, err := side.enrol(ctx, "reader", 21)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.id
	}
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"INSERT INTO organization.organizations (id, name) VALUES (1, 'Readers')", nil},
		{`INSERT INTO organization.departments (id, organization_id, parent_id, name, code, sort_order)
			SELECT n, 1, CASE WHEN n > 100 THEN n % 100 + 1 END, repeat('가', 200) || n, 'D' || n, n FROM generate_series(1, $1::int) n`, []any{largeTree}},
		{`INSERT INTO access.grants (user_id, role_id) SELECT id, (SELECT id FROM access.roles WHERE name = 'auditor') FROM unnest($1::bigint[]) AS id`, []any{ids}},
		{`INSERT INTO access.grants (user_id, role_id, organization_id, reason)
			SELECT $1, (SELECT id FROM access.roles WHERE name = 'member'), 1,
				(SELECT string_agg(chr(44032 + (random() * 11000)::int), '') FROM generate_series(1, $2::int) WHERE n > 0)
			FROM generate_series(1, $3::int) n`, []any{ids[0], longReason, longGrants}},
		{"VACUUM (ANALYZE)", nil},
	} {
		if _, err := side.conn.Exec(ctx, step.statement, step.args...); err != nil {
			return nil, fmt.Errorf("fill the database of readers: %w", err)
		}
	}
	return users, nil
}

// slowly lets a crowd read, and a quiet user ask for one object meanwhile.
func (b *bench) slowly(ctx context.Context, side *sideDatabase, crowd *crowd, users []enrolled) error {
	erp, err := startErp(ctx, b.options, b.dir, "DATABASE_URL="+side.url)
	if err != nil {
		return err
	}
	defer erp.stop()
	if err := pause(ctx, b.idle); err != nil {
		return err
	}
	pid := erp.cmd.Process.Pid
	crowd.before, crowd.statuses = residentOf(pid), map[int]int{}
	client := newClient(erp.addr, 1)
	defer client.CloseIdleConnections()
	quiet := caller{client, users[len(users)-1].token}

	reading, stop := context.WithTimeout(ctx, readersHold)
	defer stop()
	var all sync.WaitGroup
	var mu sync.Mutex
	for n := range crowd.readers {
		all.Go(func() {
			status, size := slowReader(reading, erp.addr, crowd.path, users[n%crowd.users].token)
			mu.Lock()
			defer mu.Unlock()
			crowd.statuses[status]++
			crowd.size = max(crowd.size, size)
		})
	}
	for reading.Err() == nil {
		var answer fasthttp.Response
		begun := time.Now()
		if err := quiet.send(http.MethodGet, "/organizations/1", nil, &answer); err != nil {
			return err
		}
		crowd.quiet = append(crowd.quiet, time.Since(begun))
		crowd.peak = max(crowd.peak, residentOf(pid))
		_ = pause(reading, quietEvery)
	}
	all.Wait()
	if err := pause(ctx, b.idle); err != nil {
		return err
	}
	crowd.after = residentOf(pid)
	return nil
}

// slowReader asks and takes a little in each second. It gives the answer's status and size, 0 when none began.
func slowReader(ctx context.Context, addr, path, token string) (status int, size int64) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return 0, 0
	}
	defer conn.Close() //nolint:errcheck // nobody waits for the rest
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4 << 10) // a slow client's kernel takes no more than it
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path, token)
	answer, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
	if err != nil {
		return 0, 0
	}
	defer answer.Body.Close() //nolint:errcheck // it would read the rest
	for pause(ctx, readersPerSecond) == nil {
		if _, err := io.CopyN(io.Discard, answer.Body, readersBytes); err != nil {
			break
		}
	}
	return answer.StatusCode, answer.ContentLength
}

func reportReaders(s *report.Section, crowds []*crowd) {
	t := s.Table("slow readers", "each answer", "resident before", "peak", "after", "answers begun", "GET by id of another user: median", "slowest")
	for _, r := range crowds {
		slowest := time.Duration(0)
		for _, took := range r.quiet {
			slowest = max(slowest, took)
		}
		t.Row(r.title, mebibytes(r.size), mebibytes(r.before), mebibytes(r.peak), mebibytes(r.after), fmt.Sprintf("%d of %d", r.statuses[http.StatusOK], r.readers), milliseconds(report.Median(r.quiet)), milliseconds(slowest))
	}
}
