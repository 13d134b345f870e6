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
	"erp.internal/platform/search"
)

// startOperation is the journal's operation of changes at the start of the server.
const startOperation = "erp serve"

type serveCommand struct {
	Open bool `help:"Treat callers who are not signed in as the system administrator, to try frontends of the old skeleton; only on a loopback address."`
}

// Help is the detailed help.
func (serveCommand) Help() string {
	return "Without DATABASE_URL it runs a PostgreSQL of its own in DATA_DIR. SIGTERM or Ctrl-C ends the server after the requests under way; a second signal ends it at once."
}

// Run serves until a signal comes or until the database or a listener fails.
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
		log.Warn("--open: everyone who can connect to this address may do everything", zap.String("address", s.http.Addr))
	}

	setGCPercent(c)
	setMemoryLimit(c, log)
	// Listen first, so that an address in use is an error before the database is migrated.
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
	var metrics *metrics.Metrics
	var tasks tasks
	var admins administration
	var indexes *search.Indexes
	if err := assemble(graph(s, db.DB, log, db.checks()...), &api, &ready, &metrics, &tasks, &indexes, &admins.identity, &admins.access); err != nil {
		return err
	}
	starting := change.With(c.ctx, change.Origin{Actor: change.Actor{Kind: change.System}, Operation: startOperation})
	if err := renewEmailKeys(starting, admins, log); err != nil {
		return err
	}
	if err := indexes.Prepare(starting); err != nil {
		return err
	}
	first, err := ensureFirst(starting, s, db, admins, log)
	if err != nil {
		return err
	}
	defer background.Start(context.WithoutCancel(c.ctx), log, tasks.All)()
	server.Serve(api.Handler())
	admin.Serve(httpx.OnlyAt(s.http.AdminAddr, metrics.Handler()))
	log.Info("ready", zap.String("address", server.Addr()), zap.String("admin_address", admin.Addr()))
	fmt.Fprint(c.out, banner(s, first))
	debug.FreeOSMemory() // the memory of the start, which an idle server does not need
	ballast := heapBallast()
	defer runtime.KeepAlive(ballast)

	cause := wait(c.ctx, db, server, admin)
	log.Info("shutting down")
	ready.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), s.http.ShutdownTimeout)
	defer cancel()
	err = errors.Join(cause, server.Stop(ctx), admin.Stop(ctx))
	log.Info("stopped")
	return err
}

// wait returns nil after a signal, or the error that ends the server.
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

// listenAdmin listens on ADMIN_ADDR, or on another port if the default is in use, so that a second server on a machine
// starts without settings.
func listenAdmin(ctx context.Context, s settings, log *zap.Logger) (*httpx.Server, error) {
	admin, err := httpx.Listen(ctx, "ADMIN_ADDR", s.http.AdminAddr, httpx.AdminConnections, log)
	if !errors.Is(err, syscall.EADDRINUSE) || s.http.AdminAddr != httpx.DefaultAdminAddr {
		return admin, err
	}
	log.Warn("the default of ADMIN_ADDR is in use: listening on another port", zap.String("default", httpx.DefaultAdminAddr))
	host, _, _ := net.SplitHostPort(httpx.DefaultAdminAddr)
	return httpx.Listen(ctx, "ADMIN_ADDR", net.JoinHostPort(host, "0"), httpx.AdminConnections, log)
}

// banner lists the URLs of the server.
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
