package httpx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// readTimeout is how long a whole request may take to arrive.
const readTimeout = 30 * time.Second

// Server listens on one address.
type Server struct {
	server   *http.Server
	listener *connections
	failed   chan error
}

// Listen opens addr, the value of the setting called name, for at most so many connections at once. Requests are answered
// from Serve on.
//
// Errors: an address that is in use or not of this machine, in one line that names the setting.
func Listen(ctx context.Context, name, addr string, most int, log *zap.Logger) (*Server, error) {
	listener, err := listen(ctx, addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s: %s is in use by another program: stop it or set another address: %w", name, addr, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s: %s needs more rights than this process has: set a port above 1023", name, addr)
	case err != nil:
		return nil, fmt.Errorf("%s: %s cannot be listened on: set an address of this machine", name, addr)
	}
	errorLog, err := zap.NewStdLogAt(log, zap.WarnLevel)
	if err != nil {
		return nil, fmt.Errorf("prepare the server's log: %w", err)
	}
	if possible := maxSockets(most); possible < most {
		log.Warn("the limit of open files is lower than the limit of connections: raise it (ulimit -n)", zap.String("setting", name), zap.Int("wanted", most), zap.Int("most", possible))
		most = possible
	}
	connections := limitConnections(listener, most, log)
	return &Server{
		listener: connections,
		failed:   make(chan error, 1),
		server: &http.Server{
			// Each phase of a connection has a timeout, so that slow clients cannot block the server (slowloris). The listener
			// enforces how fast a client must read its answer: see progress.go.
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       readTimeout,
			IdleTimeout:       idleTimeout,
			ConnState:         connections.onState,
			MaxHeaderBytes:    32 << 10,
			ErrorLog:          errorLog,
		},
	}, nil
}

// Addr is the address listened on, with the real port if the setting said 0.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Serve answers requests with the handler until Stop; it returns at once.
func (s *Server) Serve(handler http.Handler) {
	s.server.Handler = handler
	go func() {
		if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
}

// Failed receives the error when the server ends without Stop.
func (s *Server) Failed() <-chan error { return s.failed }

// Stop accepts no more connections, waits for the requests under way, and cuts off those that still run when ctx ends.
//
// Errors: requests that were cut off.
func (s *Server) Stop(ctx context.Context) error {
	if err := s.server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests that did not end in time were cut off: %w", err), s.server.Close())
	}
	return nil
}
