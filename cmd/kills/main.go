// Command kills ends connections to the database and kills its processes under load, and holds the server to what it
// answered: nothing that was acknowledged is lost, and nothing that was denied is stored.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"erp.internal/postgres/embedded"
)

func main() {
	embedded.RunKeeperIfAsked() // this process may have been started to look after the database
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "kills:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("kills", flag.ContinueOnError)
	program := flags.String("erp", "bin/erp", "the server's program")
	duration := flags.Duration("for", 2*time.Minute, "how long")
	clients := flags.Int("clients", 16, "how many clients at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "erp-kills-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // PostgreSQL runs as another user than root
		return err
	}
	db, err := embedded.Start(ctx, embedded.Options{DataDir: filepath.Join(dir, "data")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Stop(context.WithoutCancel(ctx))) }()
	server, err := start(ctx, *program, dir, db.URL())
	if err != nil {
		return err
	}
	defer server.stop()

	under, cancel := context.WithTimeout(ctx, *duration)
	defer cancel()
	all := make([]*ledger, *clients)
	var load sync.WaitGroup
	for i := range all {
		all[i] = newLedger(server.url, i)
		load.Go(func() { all[i].keep(under) })
	}
	terminated, killed := disturb(under, db.URL())
	load.Wait()
	return settle(ctx, out, db.URL(), all, terminated, killed)
}

// server is the program under test, which lets everybody in.
type server struct {
	cmd *exec.Cmd
	url string
}

const addr = "127.0.0.1:18080"

func start(ctx context.Context, program, dir, url string) (*server, error) {
	log, err := os.Create(filepath.Join(dir, "erp.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the process has it
	program, err = filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "serve", "--open")
	cmd.Dir, cmd.Stderr = dir, log
	cmd.Env = append(os.Environ(), "DATABASE_URL="+url, "AUTO_MIGRATE=true", "HTTP_ADDR="+addr, "ADMIN_ADDR=127.0.0.1:0")
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	s := &server{cmd: cmd, url: "http://" + addr}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if status, _, err := ask(ctx, "GET", s.url+"/readyz", ""); err == nil && status == 200 {
			return s, nil
		}
	}
	s.stop()
	said, _ := os.ReadFile(log.Name())
	return nil, fmt.Errorf("the server does not become ready: %s", said)
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait() // what it said no longer matters
}

// settle compares what was answered with what is stored.
func settle(ctx context.Context, out io.Writer, url string, all []*ledger, terminated, killed int) error {
	conn, err := connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // only read from
	rows, err := conn.Query(ctx, "SELECT name, coalesce(description, '') FROM organization.organizations")
	if err != nil {
		return err
	}
	stored := map[string]string{}
	var name, description string
	if _, err := pgx.ForEachRow(rows, []any{&name, &description}, func() error { stored[name] = description; return nil }); err != nil {
		return err
	}
	var sum counts
	for _, l := range all {
		sum.add(l.against(stored))
	}
	fmt.Fprintf(out, "connections ended %d, processes killed %d\nacknowledged %d, denied %d, unknown %d (stored %d), other answers %d\nlost %d, stored though denied %d\n",
		terminated, killed, sum.acknowledged, sum.denied, sum.unknown, sum.unknownStored, sum.other, sum.lost, sum.stored)
	if sum.lost+sum.stored+sum.other > 0 || terminated+killed == 0 || sum.acknowledged == 0 {
		return errors.New("the server did not keep to what it answered, or nothing was tried")
	}
	return nil
}
