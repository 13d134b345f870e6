package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// noiseCommand is the first argument of a process whose clients ask without a pause. It is a process of its own so that its
// clients and the ones that are measured do not wait for each other.
const noiseCommand = "noise"

// noise is what the clients of such a process ask for.
type noise struct {
	Addr   string
	Paths  []string // a client asks for one of them; {n} is another number each time
	Tokens []string // there is a client for each
}

// noisy is a process of noise.
type noisy struct {
	cmd     *exec.Cmd
	answers io.Reader
}

// startNoise starts the clients, which go on until stop.
func startNoise(n noise) (*noisy, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own executable: %w", err)
	}
	settings, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, noiseCommand)
	cmd.Env, cmd.Stdin = environment(), strings.NewReader(string(settings)) // where no process list shows the tokens
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}                   // Ctrl-C is for us, who then end it
	answers, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start clients: %w", err)
	}
	return &noisy{cmd, answers}, nil
}

// stop ends the clients and returns how many answers of each status they got; 0 stands for none.
func (n *noisy) stop() (map[int]int, error) {
	_ = n.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	statuses := map[int]int{}
	err := json.NewDecoder(n.answers).Decode(&statuses)
	if waitErr := n.cmd.Wait(); err == nil {
		err = waitErr
	}
	if err != nil {
		return nil, fmt.Errorf("clients ended: %w", err)
	}
	return statuses, nil
}

// runNoise is the process of startNoise.
func runNoise(ctx context.Context, in io.Reader, out io.Writer) error {
	var n noise
	if err := json.NewDecoder(bufio.NewReader(in)).Decode(&n); err != nil {
		return fmt.Errorf("read what to ask for: %w", err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var number atomic.Int64
	statuses := map[int]int{}
	for i, token := range n.Tokens {
		all.Go(func() {
			own := n.ask(ctx, n.Paths[i%len(n.Paths)], token, &number)
			mu.Lock()
			defer mu.Unlock()
			for status, count := range own {
				statuses[status] += count
			}
		})
	}
	all.Wait()
	return json.NewEncoder(out).Encode(statuses)
}

// ask sends requests until the context ends.
func (n noise) ask(ctx context.Context, path, token string, number *atomic.Int64) map[int]int {
	client := newClient(n.Addr, 1)
	defer client.CloseIdleConnections()
	statuses := map[int]int{}
	var request fasthttp.Request
	var response fasthttp.Response
	request.Header.SetMethod(http.MethodGet)
	request.Header.Set(fasthttp.HeaderAuthorization, "Bearer "+token)
	for ctx.Err() == nil {
		request.SetRequestURI("http://" + n.Addr + strings.ReplaceAll(path, "{n}", strconv.FormatInt(number.Add(1), 10)))
		if err := client.Do(&request, &response); err != nil {
			statuses[0]++
			continue
		}
		status := response.StatusCode()
		statuses[status]++
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			_ = pause(ctx, refusedPause)
		}
	}
	return statuses
}

// refusedPause is how long a client waits that the server has no time for.
const refusedPause = 100 * time.Millisecond
