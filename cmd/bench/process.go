package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// How long a server may take to become ready, and to end.
const (
	startTimeout = 20 * time.Minute // a server fills what a million rows are searched by before it is ready
	endTimeout   = 30 * time.Second
)

// process is a server that was started here.
type process struct {
	name  string
	addr  string // host:port of its API
	admin string // host:port of its profiles
	log   string // file that holds its stderr
	cmd   *exec.Cmd
	ended chan struct{}
	took  time.Duration // from its start to the first answer that it is ready
}

// The first administrator of each database.
const (
	adminEmail    = "bench@example.com"
	adminPassword = "as-good-as-any-other" //nolint:gosec // of databases that are thrown away
)

// startErp runs the server on the settings given and waits until it is ready.
//
// Errors: one line with the last one of its log.
func startErp(ctx context.Context, o options, dir string, settings ...string) (*process, error) {
	return runErp(ctx, o, "erp", dir, settings, "serve")
}

// startOpenErp is startErp for a server that lets those do everything who do not sign in.
func startOpenErp(ctx context.Context, o options, dir string, settings ...string) (*process, error) {
	return runErp(ctx, o, "erp-open", dir, settings, "serve", "--open")
}

func runErp(ctx context.Context, o options, name, dir string, settings []string, args ...string) (*process, error) {
	p, err := newProcess(name, dir)
	if err != nil {
		return nil, err
	}
	p.cmd = exec.Command(o.erp, args...)
	p.cmd.Env = append(environment(), "HTTP_ADDR="+p.addr, "ADMIN_ADDR="+p.admin, "ADMIN_EMAIL="+adminEmail, "ADMIN_PASSWORD="+adminPassword)
	p.cmd.Env = append(p.cmd.Env, settings...)
	p.cmd.Env = append(p.cmd.Env, o.environ...)
	return p, p.start(ctx, "/readyz")
}

// startBare runs contender (b), which is this program, and waits until it is ready.
//
// Errors: as startErp.
func startBare(ctx context.Context, dir, url string, pool int) (*process, error) {
	p, err := newProcess(bareCommand, dir)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own executable: %w", err)
	}
	p.cmd = exec.Command(self, bareCommand, "-addr", p.addr, "-admin", p.admin, "-pool", fmt.Sprint(pool))
	p.cmd.Env = append(environment(), "DATABASE_URL="+url) // where no process list shows the password
	return p, p.start(ctx, "/organizations/1")
}

// environment is what any program needs, and nothing that changes how it runs.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
}

func newProcess(name, dir string) (*process, error) {
	p := &process{name: name, log: filepath.Join(dir, name+".log"), ended: make(chan struct{})}
	for _, addr := range []*string{&p.addr, &p.admin} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close() //nolint:errcheck // frees the port
		*addr = l.Addr().String()
	}
	return p, nil
}

// start runs the command and waits until the path is answered with 200. After an error the process has ended.
func (p *process) start(ctx context.Context, readyPath string) error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("make a log: %w", err)
	}
	defer log.Close() //nolint:errcheck // the process has its own
	p.cmd.Dir = filepath.Dir(p.log)
	p.cmd.Stderr = log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us, who then end it
	begun := time.Now()
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its log
		close(p.ended)
	}()
	if err := p.untilReady(ctx, begun, "http://"+p.addr+readyPath); err != nil {
		p.stop()
		return err
	}
	return nil
}

func (p *process) untilReady(ctx context.Context, begun time.Time, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("ask %s: %w", p.name, err)
		}
		if answer, err := client.Do(request); err == nil {
			p.took = time.Since(begun)
			_ = answer.Body.Close() // only its status is read
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready in time: %s", p.name, p.lastWords())
		case <-p.ended:
			return fmt.Errorf("%s ended by itself: %s", p.name, p.lastWords())
		case <-time.After(time.Millisecond):
		}
	}
}

// lastWords is the last line of the log.
func (p *process) lastWords() string {
	content, _ := os.ReadFile(p.log)
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	return strings.TrimSpace(string(lines[len(lines)-1]))
}

// forgetLog empties the log, which would else fill the disk.
func (p *process) forgetLog() { _ = os.Truncate(p.log, 0) }

// stop ends the process and waits for its end; a nil process has ended.
func (p *process) stop() {
	if p == nil || p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(endTimeout):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}
