package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

// askAndLeave sends a request and closes the connection without an answer.
func askAndLeave(ctx context.Context, addr, path, token string) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		_ = pause(ctx, time.Millisecond)
		return
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path, token)
	_ = pause(ctx, time.Duration(rand.IntN(2000))*time.Microsecond) //nolint:gosec // chance that need not be unpredictable
	_ = conn.Close()                                                // nobody reads from it
}

// measureTails sends the same number of requests a second on few and on many connections. Clients that send their next
// request when they have the answer to the last one would be a heavier load the more of them there are, and nothing else
// would be measured: eight times as many of them wait eight times as long.
func (b *bench) measureTails(ctx context.Context, s *report.Section) (err error) {
	side, err := b.db.createSide(ctx, readsDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	if err := fillWith(ctx, side.conn, b.rows); err != nil {
		return err
	}
	return b.withErp(ctx, side, func(erp *process) error {
		tokens, err := side.readers(ctx, "tails", manyConnections/4)
		if err != nil {
			return err
		}
		op := byID(b.rows).signedInAsAny(tokens)
		for n := range b.rounds {
			if err := b.tail(ctx, s, erp, op); err != nil {
				return err
			}
			fmt.Fprintf(b.progress, "reads: tails of round %d of %d\n", n+1, b.rounds)
		}
		b.reportTails(s)
		return nil
	})
}

// tail is one round: as fast as 32 clients can, then half as much on 32 and on 256 connections.
func (b *bench) tail(ctx context.Context, s *report.Section, erp *process, op operation) error {
	for _, connections := range []int{fewConnections, manyConnections} {
		full, err := load(ctx, erp.addr, op, connections, time.Second)
		if err == nil {
			full, err = load(ctx, erp.addr, op, connections, pacedDuration)
		}
		if err != nil {
			return err
		}
		recordTail(s, "as fast as they can", connections, full)
	}
	rate := s.Of(tailID("as fast as they can", fewConnections, report.Rate)) / 2
	for _, connections := range []int{fewConnections, manyConnections} {
		half, err := paced(ctx, erp.addr, op, connections, rate, pacedDuration)
		if err != nil {
			return err
		}
		recordTail(s, "half as many requests/s", connections, half)
		erp.forgetLog()
	}
	return nil
}

func tailID(name string, connections int, kind report.Kind) report.ID {
	return report.ID{Name: "GET organization, " + name, Group: "tails", Of: report.Erp, Connections: connections, Kind: kind}
}

func recordTail(s *report.Section, name string, connections int, of answers) {
	s.Record(tailID(name, connections, report.Rate), float64(len(of.each))/of.took.Seconds())
	s.Record(tailID(name, connections, report.P50), of.percentile(50))
	s.Record(tailID(name, connections, report.P99), of.percentile(99))
}

// paced sends requests at a rate, whether those before were answered or not, as far as there are connections. The time of each
// begins when it was due.
func paced(ctx context.Context, addr string, op operation, connections int, rate float64, duration time.Duration) (answers, error) {
	interval := time.Duration(float64(connections) / rate * float64(time.Second))
	var all sync.WaitGroup
	each, errs := make([][]time.Duration, connections), make([]error, connections)
	begun := time.Now()
	for n := range connections {
		all.Go(func() {
			each[n], errs[n] = pacedConnection(ctx, addr, op, begun.Add(interval*time.Duration(n)/time.Duration(connections)), interval, begun.Add(duration))
		})
	}
	all.Wait()
	sum := answers{took: time.Since(begun)}
	for n := range connections {
		sum.each = append(sum.each, each[n]...)
	}
	return sum, errors.Join(errs...)
}

func pacedConnection(ctx context.Context, addr string, op operation, due time.Time, interval time.Duration, end time.Time) (each []time.Duration, err error) {
	client := newClient(addr, 1)
	defer client.CloseIdleConnections()
	chance := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) //nolint:gosec // chance that need not be unpredictable
	var request fasthttp.Request
	var response fasthttp.Response
	request.SetRequestURI("http://" + addr + "/")
	for ; due.Before(end); due = due.Add(interval) {
		if err := pause(ctx, time.Until(due)); err != nil {
			return nil, err
		}
		op.prepare(&request, chance)
		if err := client.Do(&request, &response); err != nil {
			return nil, fmt.Errorf("%s: %s did not answer: %w", op.title, addr, err)
		}
		if response.StatusCode() != http.StatusOK {
			return nil, fmt.Errorf("%s: %w", op.title, refused(response.StatusCode(), response.Body(), nil))
		}
		each = append(each, time.Since(due))
	}
	return each, nil
}

func (b *bench) reportTails(s *report.Section) {
	t := s.Table("GET organization", "connections", "requests/s", "p50", "p99", "p99 at "+fmt.Sprint(manyConnections)+"/"+fmt.Sprint(fewConnections), "target", "")
	for _, name := range []string{"as fast as they can", "half as many requests/s"} {
		for _, connections := range []int{fewConnections, manyConnections} {
			of := func(kind report.Kind) float64 { return s.Of(tailID(name, connections, kind)) }
			ratio, target, met := "", "", ""
			if connections == manyConnections {
				times := of(report.P99) / s.Of(tailID(name, fewConnections, report.P99))
				if ratio = report.Number("%.2f", times); name != "as fast as they can" {
					target, met = fmt.Sprintf("<= %.0f", tailTarget), t.Verdict("p99 at many connections", times <= tailTarget)
				}
			}
			t.Row(name, fmt.Sprint(connections), report.Number("%.0f", of(report.Rate)), report.Number("%.2f ms", of(report.P50)), report.Number("%.2f ms", of(report.P99)), ratio, target, met)
		}
	}
}
