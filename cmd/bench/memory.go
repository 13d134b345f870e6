package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

const (
	memoryDatabase = "erp_bench_memory"

	openConnections   = 10_000
	rememberedUsers   = 100_000 // each with a session of their own
	rememberingAtOnce = 16
	usersAtOnce       = 10_000 // that are stored by one statement
)

// weight is what a server takes with so many of something, and without.
type weight struct {
	what             string
	count            int
	resident, before int64 // in bytes
	live, liveBefore int64 // of the heap, after garbage was collected
}

// loader gives a server so many of something.
type loader func(ctx context.Context, erp *process, side *sideDatabase, n int) (undo func(), err error)

// measureMemory measures what open connections and sessions cost a server, each from a fresh one.
func (b *bench) measureMemory(ctx context.Context, s *report.Section) (err error) {
	connections, err := mostConnections(openConnections)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "memory: %d connections, %d sessions\n", connections, rememberedUsers)
	side, err := b.db.createSide(ctx, memoryDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	var weights []*weight
	for _, measured := range []struct {
		weight
		load loader
	}{
		{weight{what: "open connections", count: connections}, openIdle},
		{weight{what: "users with a session", count: rememberedUsers}, remember},
	} {
		w := measured.weight
		if err := b.weigh(ctx, side, &w, measured.load); err != nil {
			return err
		}
		fmt.Fprintf(b.progress, "  %-20s %d -> %d MiB\n", w.what, w.before>>20, w.resident>>20)
		weights = append(weights, &w)
	}
	reportMemory(s, weights)
	return nil
}

func (b *bench) weigh(ctx context.Context, side *sideDatabase, w *weight, load loader) error {
	erp, err := startErp(ctx, b.options, b.dir, "DATABASE_URL="+side.url, "HTTP_MAX_CONNECTIONS="+strconv.Itoa(3*openConnections))
	if err != nil {
		return err
	}
	defer erp.stop()
	if err := pause(ctx, b.idle); err != nil {
		return err
	}
	if w.liveBefore, err = erp.liveHeap(ctx); err != nil {
		return err
	}
	w.before = residentOf(erp.cmd.Process.Pid)
	undo, err := load(ctx, erp, side, w.count)
	if err != nil {
		return err
	}
	defer undo()
	if err := pause(ctx, b.idle); err != nil {
		return err
	}
	w.resident = residentOf(erp.cmd.Process.Pid)
	w.live, err = erp.liveHeap(ctx)
	return err
}

// openIdle opens connections, each of which has had an answer.
func openIdle(ctx context.Context, erp *process, _ *sideDatabase, n int) (undo func(), err error) {
	conns := make([]net.Conn, 0, n)
	undo = func() {
		for _, conn := range conns {
			_ = conn.Close() // nothing is under way on it
		}
	}
	for range n {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", erp.addr)
		if err != nil {
			undo()
			return nil, fmt.Errorf("open a connection: %w", err)
		}
		conns = append(conns, conn)
		fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if err := readAnswer(conn); err != nil {
			undo()
			return nil, fmt.Errorf("ask on a connection: %w", err)
		}
	}
	return undo, nil
}

func readAnswer(conn net.Conn) error {
	answer, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// remember lets users ask for something, each in a session of their own, so that the server caches session and grants.
func remember(ctx context.Context, erp *process, side *sideDatabase, n int) (undo func(), err error) {
	client := newClient(erp.addr, rememberingAtOnce)
	for from := 0; from < n && err == nil; from += usersAtOnce {
		users, failed := side.enrol(ctx, "remembered-"+strconv.Itoa(from), min(usersAtOnce, n-from))
		if failed != nil {
			return nil, failed
		}
		err = askAll(client, users)
	}
	return client.CloseIdleConnections, err
}

// askAll sends a request of each user. They have no permission, which the server must look up to know.
func askAll(client *fasthttp.HostClient, users []enrolled) error {
	var all sync.WaitGroup
	errs := make([]error, rememberingAtOnce)
	for n := range errs {
		all.Go(func() {
			for i := n; i < len(users) && errs[n] == nil; i += rememberingAtOnce {
				errs[n] = caller{client, users[i].token}.expect(http.StatusForbidden, http.MethodGet, "/organizations/1", nil, nil)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// liveHeap is how much of the server's heap is live after a garbage collection, in bytes.
func (p *process) liveHeap(ctx context.Context) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.admin+"/debug/pprof/heap?gc=1&debug=1", nil)
	if err != nil {
		return 0, fmt.Errorf("ask for the heap: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("ask for the heap: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if bytes, is := strings.CutPrefix(lines.Text(), "# HeapAlloc = "); is {
			return strconv.ParseInt(bytes, 10, 64)
		}
	}
	return 0, errors.New("the profile does not say how large the heap is")
}

func reportMemory(s *report.Section, weights []*weight) {
	t := s.Table("memory of erp serve", "resident before", "with them", "each", "live heap, each")
	for _, w := range weights {
		name := fmt.Sprintf("%d %s", w.count, w.what)
		s.Record(report.ID{Name: name, Of: report.Erp, Kind: report.Resident}, float64(w.resident)/(1<<20))
		t.Row(name, mebibytes(w.before), mebibytes(w.resident), w.each(w.resident-w.before), w.each(w.live-w.liveBefore))
	}
}

func (w *weight) each(bytes int64) string {
	return fmt.Sprintf("%.1f KiB", float64(bytes)/float64(w.count)/1024)
}
