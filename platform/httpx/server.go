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

// readTimeout is how long a body may take to arrive, and a request for which nobody reads one.
const readTimeout = 30 * time.Second

// Server listens on one address.
type Server struct {
	server   *http.Server
	listener *connections
	failed   chan error
}

// Listen takes the address that the setting called name gives, for at most so many connections at once, and answers
// nothing yet: see Serve.
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
	complaints, err := zap.NewStdLogAt(log, zap.WarnLevel)
	if err != nil {
		return nil, fmt.Errorf("prepare the server's log: %w", err)
	}
	if possible := mostSockets(most); possible < most {
		log.Warn("the process may open fewer files than there may be connections: raise its limit (ulimit -n)", zap.String("setting", name), zap.Int("wanted", most), zap.Int("most", possible))
		most = possible
	}
	connections := bounded(listener, most, log)
	return &Server{
		listener: connections,
		failed:   make(chan error, 1),
		server: &http.Server{
			// Each phase of a connection is bounded, so that slow clients cannot hold the server (slowloris). How fast an
			// answer must be taken is the listener's to say: see progress.go.
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       readTimeout,
			IdleTimeout:       idleTimeout,
			ConnState:         connections.note,
			MaxHeaderBytes:    32 << 10,
			ErrorLog:          complaints,
		},
	}, nil
}

// Addr is the address listened on, with the port that was free where the setting said 0.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Serve lets the handler answer requests until Stop; it returns at once.
func (s *Server) Serve(handler http.Handler) {
	s.server.Handler = handler
	go func() {
		if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
}

// Failed gives the error that ended the server by itself.
func (s *Server) Failed() <-chan error { return s.failed }

// Stop accepts no more, waits for the requests under way, and cuts off those that still run when ctx ends.
//
// Errors: requests that were cut off.
func (s *Server) Stop(ctx context.Context) error {
	if err := s.server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests that did not end in time were cut off: %w", err), s.server.Close())
	}
	return nil
}
