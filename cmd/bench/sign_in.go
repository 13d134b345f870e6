package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"erp.internal/cmd/bench/report"
)

const (
	signInUsers    = 200 // each is tried once with a wrong password, which is far from locking the account
	signInsAtOnce  = 1000
	sparedFiles    = 100 // open files that are no connections to the server
	userPassword   = "not-known-by-heart"
	wrongPassword  = "not-known-by-hands" //nolint:gosec // nobody's
	memorySampling = 20 * time.Millisecond

	refusalTarget = 5.0 // percent that an unknown email may take longer or shorter than a known one
)

// hashMemory is what one password's hash takes at the default cost, in bytes.
const hashMemory = 19 << 20

// openRequest is what a connection and its request take while they wait for an answer, stack and buffers, in bytes.
const openRequest = 32 << 10

// heapGrowth is how large the server lets its heap grow, compared with what is live (GOGC=200).
const heapGrowth = 3

// reserved is what the server keeps in its heap without touching it, in bytes: see cmd/erp/memory.go.
const reserved = 8 << 20

// signIns is what signing in takes.
type signIns struct {
	known, unknown []time.Duration // until a wrong password was refused
	statuses       map[int]int     // of those at once, by status; 0 of those that were not answered
	idle, peak     int64           // resident memory in bytes, 0 where it cannot be told
}

// measureSignIns measures on a server of its own: no other one would take so many failures from one address.
func (b *bench) measureSignIns(ctx context.Context, s *report.Section) error {
	erp, err := startOpenErp(ctx, b.options, b.dir, "DATABASE_URL="+b.db.url, "SIGN_IN_ATTEMPTS_PER_ADDRESS=100000")
	if err != nil {
		return err
	}
	defer erp.stop()
	if err := pause(ctx, b.idle); err != nil {
		return err
	}
	found := signIns{}
	found.idle = residentOf(erp.cmd.Process.Pid)
	client := newClient(erp.addr, 1)
	defer client.CloseIdleConnections()
	if err := createUsers(ctx, client); err != nil {
		return err
	}
	if err := b.db.settle(ctx); err != nil {
		return err
	}
	if err := found.refuse(ctx, client); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "  %-12s known %s  unknown %s\n", "refusal", report.Median(found.known), report.Median(found.unknown))
	if err := found.atOnce(erp); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "  %-12s %d at once, by status: %v\n", "sign-in", signInsAtOnce, found.statuses)
	found.report(s)
	return ctx.Err()
}

// knownEmail and unknownEmail are equally long.
func knownEmail(n int) string   { return fmt.Sprintf("one-of-us-%04d@example.com", n) }
func unknownEmail(n int) string { return fmt.Sprintf("a-strange-%04d@example.com", n) }

func createUsers(ctx context.Context, client *fasthttp.HostClient) error {
	for n := range signInUsers {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		status, answer, err := post(client, "/users", map[string]string{"email": knownEmail(n), "password": userPassword})
		if err != nil || status != http.StatusCreated {
			return fmt.Errorf("create a user: %w", refused(status, answer, err))
		}
	}
	return nil
}

// refuse tries a wrong password on each user and, in turn, on as many emails that are nobody's.
func (s *signIns) refuse(ctx context.Context, client *fasthttp.HostClient) error {
	for n := range signInUsers {
		tries := []func() error{
			func() error { return timeRefusal(client, knownEmail(n), &s.known) },
			func() error { return timeRefusal(client, unknownEmail(n), &s.unknown) },
		}
		if n%2 == 1 {
			slices.Reverse(tries) // neither is always the one behind the other
		}
		for _, try := range tries {
			if err := try(); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func timeRefusal(client *fasthttp.HostClient, email string, took *[]time.Duration) error {
	begun := time.Now()
	status, answer, err := login(client, email, wrongPassword)
	*took = append(*took, time.Since(begun))
	if err != nil || status != http.StatusUnauthorized {
		return fmt.Errorf("sign in with a wrong password: %w", refused(status, answer, err))
	}
	return nil
}

// atOnce lets many sign in at the same time, on as many connections as this process may open, and watches the server's
// memory meanwhile.
func (s *signIns) atOnce(erp *process) error {
	connections, err := mostConnections(signInsAtOnce)
	if err != nil {
		return err
	}
	client := newClient(erp.addr, connections)
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	statuses := make([]int, signInsAtOnce)
	for n := range statuses {
		all.Go(func() { statuses[n], _, _ = login(client, knownEmail(n%signInUsers), userPassword) })
	}
	answered := make(chan struct{})
	go func() {
		all.Wait()
		close(answered)
	}()
	s.peak = peakUntil(answered, erp.cmd.Process.Pid)
	s.statuses = map[int]int{}
	for _, status := range statuses {
		s.statuses[status]++
	}
	return nil
}

// mostConnections is how many of so many clients can have a connection of their own.
func mostConnections(clients uint64) (int, error) {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return 0, fmt.Errorf("read the limit of open files: %w", err)
	}
	if files.Cur <= sparedFiles {
		return 0, fmt.Errorf("too few open files are allowed: raise ulimit -n above %d", sparedFiles)
	}
	return int(min(files.Cur-sparedFiles, clients)), nil //nolint:gosec // no more than so many clients
}

// peakUntil is the most resident memory that a process was seen with.
func peakUntil(done <-chan struct{}, pid int) int64 {
	ticks := time.NewTicker(memorySampling)
	defer ticks.Stop()
	for peak := int64(0); ; {
		peak = max(peak, residentOf(pid))
		select {
		case <-done:
			return max(peak, residentOf(pid))
		case <-ticks.C:
		}
	}
}

// bound is the most memory that the settings imply: each core computes one hash, every request waits on a connection of
// its own, and garbage is collected when the heap has grown to a multiple of what is live.
func (s *signIns) bound() int64 {
	return heapGrowth*(s.idle+int64(runtime.GOMAXPROCS(0))*hashMemory+signInsAtOnce*openRequest) + (heapGrowth-1)*reserved
}

// others is how many were answered with a status that nobody expects, or not at all.
func (s *signIns) others() int {
	n := signInsAtOnce
	for _, status := range expectedStatuses() {
		n -= s.statuses[status]
	}
	return n
}

// expectedStatuses are what a sign-in may be answered: done, refused, too many, and too busy.
func expectedStatuses() []int {
	return []int{http.StatusOK, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable}
}

// signIn returns the token of a new session of the administrator.
func signIn(client *fasthttp.HostClient) (token string, err error) {
	status, answer, err := login(client, adminEmail, adminPassword)
	if err != nil || status != http.StatusOK {
		return "", fmt.Errorf("sign in: %w", refused(status, answer, err))
	}
	var session struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(answer, &session); err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	return session.AccessToken, nil
}

func login(client *fasthttp.HostClient, email, password string) (status int, answer []byte, err error) {
	return post(client, "/auth/login", map[string]string{"email": email, "password": password})
}

// post sends a body as JSON; a status of 0 is no answer.
func post(client *fasthttp.HostClient, path string, body map[string]string) (status int, answer []byte, err error) {
	content, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	var request fasthttp.Request
	var response fasthttp.Response
	request.SetRequestURI("http://" + client.Addr + path)
	request.Header.SetMethod(http.MethodPost)
	request.Header.SetContentType("application/json")
	request.SetBody(content)
	if err := client.Do(&request, &response); err != nil {
		return 0, nil, err
	}
	return response.StatusCode(), response.Body(), nil
}

// refused is why something was not done: err, or the answer.
func refused(status int, answer []byte, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("answered %d: %.200s", status, answer)
}

// report writes what signing in takes.
func (s *signIns) report(section *report.Section) {
	known, unknown := report.Median(s.known), report.Median(s.unknown)
	difference := 100 * (unknown.Seconds()/known.Seconds() - 1)
	t := section.Table("sign-in", "known email", "unknown", "difference", "target", "")
	t.Row(fmt.Sprintf("wrong password, %d each", signInUsers),
		report.Number("%.1f ms", known.Seconds()*1e3), report.Number("%.1f ms", unknown.Seconds()*1e3), report.Number("%+.1f%%", difference),
		fmt.Sprintf("< %.0f%%", refusalTarget), t.Verdict("refusal", math.Abs(difference) < refusalTarget))

	titles, counts := []string{fmt.Sprintf("%d sign-ins at once", signInsAtOnce)}, []string{"answered"}
	for _, status := range expectedStatuses() {
		titles, counts = append(titles, fmt.Sprint(status)), append(counts, fmt.Sprint(s.statuses[status]))
	}
	t = section.Table(append(titles, "other", "target", "")...)
	t.Row(append(counts, fmt.Sprint(s.others()), "no other", t.Verdict("at once", s.others() == 0))...)

	if s.idle == 0 { // no /proc
		return
	}
	t = section.Table("and resident meanwhile", "idle before", "peak", "target", "")
	t.Row("erp serve", mebibytes(s.idle), mebibytes(s.peak), "<= "+mebibytes(s.bound()), t.Verdict("memory", s.peak <= s.bound()))
}
