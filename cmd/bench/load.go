package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// answerTimeout is how long an answer may take before the run fails.
const answerTimeout = 20 * time.Second

// load sends requests for a while, each connection its next one as soon as it has its answer, and gives how many were
// answered and in what time.
//
// Errors: the first answer of another status than the operation's, or that makes no sense; the context's.
func load(ctx context.Context, addr string, op operation, connections int, duration time.Duration) (answers int, took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	var over atomic.Bool // cheaper to ask than the context
	defer context.AfterFunc(ctx, func() { over.Store(true) })()

	var all sync.WaitGroup
	counts, errs := make([]int, connections), make([]error, connections)
	begun := time.Now()
	for n := range connections {
		all.Go(func() {
			if counts[n], errs[n] = connection(addr, op, &over); errs[n] != nil {
				over.Store(true)
			}
		})
	}
	all.Wait()
	took = time.Since(begun)
	for _, count := range counts {
		answers += count
	}
	for _, err := range errs { // one says enough
		if err != nil {
			return 0, 0, err
		}
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return 0, 0, ctx.Err()
	}
	return answers, took, nil
}

// newClient makes a client that keeps its connections and sends nothing twice.
func newClient(addr string, connections int) *fasthttp.HostClient {
	return &fasthttp.HostClient{
		Addr: addr, MaxConns: connections, MaxConnWaitTimeout: answerTimeout, MaxIdemponentCallAttempts: 1, NoDefaultUserAgentHeader: true,
		ReadTimeout: answerTimeout, WriteTimeout: answerTimeout,
		Dial: func(addr string) (net.Conn, error) { return net.DialTimeout("tcp", addr, answerTimeout) },
	}
}

// connection sends requests on one kept-alive connection until it is over, and gives how many were answered.
func connection(addr string, op operation, over *atomic.Bool) (answers int, err error) {
	client := newClient(addr, 1)
	defer client.CloseIdleConnections()
	chance := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) //nolint:gosec // chance that need not be unpredictable
	var request fasthttp.Request
	var response fasthttp.Response
	request.SetRequestURI("http://" + addr + "/")
	for ; !over.Load(); answers++ {
		op.prepare(&request, chance)
		if err := client.Do(&request, &response); err != nil {
			return 0, fmt.Errorf("%s: %s did not answer: %w", op.title, addr, err)
		}
		if status := response.StatusCode(); status != op.status {
			return 0, fmt.Errorf("%s: %s answered %d instead of %d: %.200s", op.title, addr, status, op.status, response.Body())
		}
		if answers > 0 {
			continue
		}
		if err := op.check(&request, response.Body()); err != nil {
			return 0, fmt.Errorf("%s: %s answered nonsense: %w", op.title, addr, err)
		}
	}
	return answers, nil
}
