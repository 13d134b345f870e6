package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// fetch reads what a server says of itself at its address for operators.
func fetch(ctx context.Context, server *process, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+server.admin+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask %s for %s: %w", server.name, path, err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask %s for %s: %w", server.name, path, err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read from
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d to %s", server.name, answer.StatusCode, path)
	}
	return io.ReadAll(answer.Body)
}

// figure reads one number out of what fetch gave.
func figure(ctx context.Context, server *process, path string, of ...*regexp.Regexp) ([]float64, error) {
	content, err := fetch(ctx, server, path)
	if err != nil {
		return nil, err
	}
	var figures []float64
	for _, pattern := range of {
		found := pattern.FindSubmatch(content)
		if found == nil {
			return nil, fmt.Errorf("%s of %s does not hold %s", path, server.name, pattern)
		}
		number, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", path, server.name, err)
		}
		figures = append(figures, number)
	}
	return figures, nil
}

var (
	mallocs    = regexp.MustCompile(`(?m)^# Mallocs = (\d+)`)
	totalAlloc = regexp.MustCompile(`(?m)^# TotalAlloc = (\d+)`)
	maxConns   = regexp.MustCompile(`(?m)^db_connections_max (\S+)`)
)

// allocated is how many objects a server has allocated since its start, and how many bytes they had.
func allocated(ctx context.Context, server *process) (objects, bytes float64, err error) {
	figures, err := figure(ctx, server, "/debug/pprof/heap?debug=1", mallocs, totalAlloc)
	if err != nil {
		return 0, 0, err
	}
	return figures[0], figures[1], nil
}

// poolSize is how many connections to the database the server may use: the other one gets as many.
func poolSize(ctx context.Context, erp *process) (int, error) {
	figures, err := figure(ctx, erp, "/metrics", maxConns)
	if err != nil {
		return 0, err
	}
	return int(figures[0]), nil
}

// profile repeats the load of each operation on each server and writes CPU and allocation profiles.
func (c *contest) profile(ctx context.Context, bare, erp *process) error {
	if err := os.MkdirAll(c.profiles, 0o755); err != nil { //nolint:gosec // to be read by anyone
		return fmt.Errorf("-profiles: %w", err)
	}
	var all []contestant
	for _, op := range operations(c.rows) {
		all = append(all, contestant{bare, op}, contestant{erp, op.signedIn(c.token)})
	}
	for _, one := range all {
		if !c.wants(one.op.name) {
			continue
		}
		for kind, path := range map[string]string{"cpu": "profile", "allocs": "allocs"} {
			if err := c.profileOne(ctx, one.server, one.op, kind, path); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *contest) profileOne(ctx context.Context, server *process, op operation, kind, path string) error {
	defer server.forgetLog()
	failed := make(chan error, 1)
	go func() {
		_, err := load(ctx, server.addr, op, c.connections, c.duration+2*time.Second)
		failed <- err
	}()
	content, err := fetch(ctx, server, fmt.Sprintf("/debug/pprof/%s?seconds=%d", path, int(c.duration.Seconds())))
	if loadErr := <-failed; loadErr != nil {
		return loadErr
	}
	if err != nil {
		return err
	}
	name := filepath.Join(c.profiles, fmt.Sprintf("%s-%s-%s.pprof", server.name, op.name, kind))
	if err := os.WriteFile(name, content, 0o644); err != nil { //nolint:gosec // to be read by anyone
		return fmt.Errorf("-profiles: %w", err)
	}
	return nil
}
