// Command erp is the server and its tools. `erp --help` lists them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"erp.internal/platform/logging"
	"erp.internal/platform/pg"
	"erp.internal/postgres/embedded"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

type commands struct {
	Serve       serveCommand       `cmd:"" help:"Run the server."`
	Migrate     migrateCommand     `cmd:"" help:"Migrate the schema of the database to this program's version, or back."`
	Admin       adminCommand       `cmd:"" help:"Create administrators."`
	OpenAPI     openapiCommand     `cmd:"" name:"openapi" help:"Print the OpenAPI document."`
	Healthcheck healthcheckCommand `cmd:"" help:"Check that a running server is ready, for containers."`
	Docs        docsCommand        `cmd:"" help:"Print a table of the documentation, as Markdown."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// console is the environment and the output of a command.
type console struct {
	ctx      context.Context
	environ  []string
	out, err io.Writer
}

func main() {
	embedded.RunKeeperIfAsked() // this process may have been started as the keeper of the embedded database
	pg.IgnoreEnvironment()
	os.Exit(run(console{ctx: untilSignal(), environ: os.Environ(), out: logging.Visible(os.Stdout), err: logging.Visible(os.Stderr)}, os.Args[1:]))
}

// untilSignal returns a context that ends with the first SIGINT or SIGTERM. A second signal ends the process at once, since
// the default handler is restored before the context ends.
func untilSignal() context.Context {
	ctx, end := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals)
		select {
		case second := <-signals: // it came before signal.Stop
			_ = syscall.Kill(os.Getpid(), second.(syscall.Signal)) //nolint:forcetypeassert // signals of Unix are
		default:
			end()
		}
	}()
	return ctx
}

// run runs a command and returns its exit code.
func run(c console, args []string) int {
	var all commands
	exited := -1
	parser, err := kong.New(&all,
		kong.Name("erp"),
		kong.Description("Manages organizations, departments, users, roles and grants. Settings come from the environment: see docs/settings.md."),
		kong.UsageOnError(), kong.Writers(c.out, c.err), kong.Exit(func(code int) { exited = code }),
		kong.Bind(c),
	)
	if err != nil {
		return fail(c.err, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help was printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(c.err, "erp: %v; see erp --help\n", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		return fail(c.err, err)
	}
	return exitDone
}

// fail writes an error, one line for each of several joined errors, and returns the exit code.
func fail(out io.Writer, err error) int {
	for line := range strings.Lines(strings.TrimSpace(err.Error())) {
		fmt.Fprintln(out, "erp: "+strings.TrimSpace(line))
	}
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// usageError is a wrong use of a command that the parser of its flags does not detect.
type usageError struct{ error }
