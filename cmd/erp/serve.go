package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"runtime/debug"
	"syscall"

	"go.uber.org/zap"

	"erp.internal/platform/background"
	"erp.internal/platform/change"
	"erp.internal/platform/health"
	"erp.internal/platform/httpx"
	"erp.internal/platform/metrics"
)

// starts is the operation of what the server changes before it serves.
const starts = "erp serve"

type serveCommand struct {
	Open bool `help:"Take whoever does not sign in for the system administrator, to try frontends of the old skeleton; on a loopback address only."`
}

// Help says more than the one line.
func (serveCommand) Help() string {
	return "Without DATABASE_URL it runs on a PostgreSQL of its own below DATA_DIR. It ends on SIGTERM or Ctrl-C, after the requests under way; a second one ends it at once."
}

// Run serves until a signal comes or something it needs ends.
func (o serveCommand) Run(c console) (err error) {
	s, err := load(c)
	if err != nil {
		return err
	}
	if s.open = o.Open; s.open && !s.http.Loopback() {
		return usageError{fmt.Errorf("--open: HTTP_ADDR %s can be reached from other machines: set a loopback address, such as 127.0.0.1:8000, or leave --open out", s.http.Addr)}
	}
	log := s.logger(c)
	if s.open {
		log = log.With(zap.Bool("open", true))
		log.Warn("--open: everybody who reaches this address may do everything", zap.String("address", s.http.Addr))
	}

	collectLess(c)
	stayWithin(c, log)
	// The addresses come first: one that is taken must not be found out after the database was migrated.
	server, err := httpx.Listen(c.ctx, "HTTP_ADDR", s.http.Addr, s.http.MaxConnections, log)
	if err != nil {
		return err
	}
	s.http.ListensAt(server.Addr())
	admin, err := listenAdmin(c.ctx, s, log)
	if err != nil {
		return err
	}
	db, err := openDatabase(c.ctx, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close(context.Background())) }()

	var api *httpx.API
	var ready *health.Health
	var figures *metrics.Metrics
	var tasks tasks
	var makers administration
	if err := assemble(graph(s, db.DB, log, db.checks()...), &api, &ready, &figures, &tasks, &makers.identity, &makers.access); err != nil {
		return err
	}
	starting := change.With(c.ctx, change.Origin{Actor: change.Actor{Kind: change.System}, Operation: starts})
	if err := renewEmailKeys(starting, makers, log); err != nil {
		return err
	}
	first, err := ensureFirst(starting, s, db, makers, log)
	if err != nil {
		return err
	}
	defer background.Start(context.WithoutCancel(c.ctx), log, tasks.All)()
	server.Serve(api.Handler())
	admin.Serve(httpx.OnlyAt(s.http.AdminAddr, figures.Handler()))
	log.Info("ready", zap.String("address", server.Addr()), zap.String("admin_address", admin.Addr()))
	fmt.Fprint(c.out, banner(s, first))
	debug.FreeOSMemory() // what the start took and a server that waits does not need
	reserved := reserve()
	defer runtime.KeepAlive(reserved)

	cause := wait(c.ctx, db, server, admin)
	log.Info("ending")
	ready.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), s.http.ShutdownTimeout)
	defer cancel()
	err = errors.Join(cause, server.Stop(ctx), admin.Stop(ctx))
	log.Info("ended")
	return err
}

// wait returns nil when a signal came, else what made going on impossible.
func wait(ctx context.Context, db *database, servers ...*httpx.Server) error {
	failed := make(chan error, len(servers))
	for _, s := range servers {
		go func() { failed <- <-s.Failed() }()
	}
	select {
	case <-ctx.Done():
		return nil
	case <-db.ended():
		return fmt.Errorf("the embedded database ended: see postgres.log in DATA_DIR: %w", db.own.Err())
	case err := <-failed:
		return err
	}
}

// listenAdmin takes ADMIN_ADDR, or, where its default is taken, another port: a second server on one machine need not
// be told of it.
func listenAdmin(ctx context.Context, s settings, log *zap.Logger) (*httpx.Server, error) {
	admin, err := httpx.Listen(ctx, "ADMIN_ADDR", s.http.AdminAddr, httpx.AdminConnections, log)
	if !errors.Is(err, syscall.EADDRINUSE) || s.http.AdminAddr != httpx.DefaultAdminAddr {
		return admin, err
	}
	log.Warn("the default of ADMIN_ADDR is in use: another port was taken", zap.String("default", httpx.DefaultAdminAddr))
	host, _, _ := net.SplitHostPort(httpx.DefaultAdminAddr)
	return httpx.Listen(ctx, "ADMIN_ADDR", net.JoinHostPort(host, "0"), httpx.AdminConnections, log)
}

// banner says where everything is.
func banner(s settings, first firstAdministrator) string {
	at := s.http.PublicURL
	docs := "switched off"
	if s.http.Docs {
		docs = at + "/docs   " + at + "/redoc"
	}
	return fmt.Sprintf(`
  %s %s

    API      %s/
    Docs     %s
    Console  %s/frontend/
%s
`, s.about.Name, s.about.Version, at, docs, at, first.line())
}
