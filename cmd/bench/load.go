package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

// answerTimeout is how long an answer may take before the run fails.
const answerTimeout = 20 * time.Second

// answers are how long each request took until it was answered, and how long the load went on.
type answers struct {
	each []time.Duration
	took time.Duration
}

func (a *answers) add(b answers) { a.each, a.took = append(a.each, b.each...), a.took+b.took }

// percentile is in ms.
func (a *answers) percentile(p float64) float64 { return report.Percentile(a.each, p).Seconds() * 1e3 }

// load sends requests for a while, each connection its next one as soon as it has its answer, and gives what was answered.
//
// Errors: the first answer of another status than the operation's, or that makes no sense; the context's.
func load(ctx context.Context, addr string, op operation, connections int, duration time.Duration) (answers, error) {
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	var over atomic.Bool // cheaper to ask than the context
	defer context.AfterFunc(ctx, func() { over.Store(true) })()

	var all sync.WaitGroup
	each, errs := make([][]time.Duration, connections), make([]error, connections)
	begun := time.Now()
	for n := range connections {
		all.Go(func() {
			if each[n], errs[n] = connection(addr, op, &over); errs[n] != nil {
				over.Store(true)
			}
		})
	}
	all.Wait()
	took := time.Since(begun)
	for _, err := range errs { // the first says enough
		if err != nil {
			return answers{}, err
		}
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return answers{}, ctx.Err()
	}
	return answers{slices.Concat(each...), took}, nil
}

// newClient makes a client that keeps its connections and sends nothing twice.
func newClient(addr string, connections int) *fasthttp.HostClient {
	return &fasthttp.HostClient{
		Addr: addr, MaxConns: connections, MaxConnWaitTimeout: answerTimeout, MaxIdemponentCallAttempts: 1, NoDefaultUserAgentHeader: true,
		ReadTimeout: answerTimeout, WriteTimeout: answerTimeout,
		Dial: func(addr string) (net.Conn, error) { return net.DialTimeout("tcp", addr, answerTimeout) },
	}
}

// connection sends requests on one kept-alive connection until it is over, and gives how long each took.
func connection(addr string, op operation, over *atomic.Bool) (each []time.Duration, err error) {
	client := newClient(addr, 1)
	defer client.CloseIdleConnections()
	chance := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) //nolint:gosec // chance that need not be unpredictable
	var request fasthttp.Request
	var response fasthttp.Response
	request.SetRequestURI("http://" + addr + "/")
	for !over.Load() {
		op.prepare(&request, chance)
		begun := time.Now()
		if err := client.Do(&request, &response); err != nil {
			return nil, fmt.Errorf("%s: %s did not answer: %w", op.title, addr, err)
		}
		if status := response.StatusCode(); status != op.status {
			return nil, fmt.Errorf("%s: %s answered %d instead of %d: %.200s", op.title, addr, status, op.status, response.Body())
		}
		if each = append(each, time.Since(begun)); len(each) > 1 {
			continue
		}
		if err := op.check(&request, response.Body()); err != nil {
			return nil, fmt.Errorf("%s: %s answered nonsense: %w", op.title, addr, err)
		}
	}
	return each, nil
}
