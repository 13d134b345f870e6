package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"erp.internal/postgres/embedded"
)

// startThrowaway runs PostgreSQL from the installed programs on data that goes with it.
func startThrowaway(ctx context.Context) (server, func() error, error) {
	dir, err := os.MkdirTemp("", "erp-pgtest-data-")
	if err != nil {
		return server{}, nil, fmt.Errorf("make a directory for the data: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // PostgreSQL runs as another user than root
		return server{}, nil, fmt.Errorf("make a directory for the data: %w", err)
	}
	started, err := embedded.Start(ctx, embedded.Options{DataDir: filepath.Join(dir, "data"), StartParameters: speed})
	if err != nil {
		return server{}, nil, errors.Join(err, os.RemoveAll(dir))
	}
	stop := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return errors.Join(started.Stop(ctx), os.RemoveAll(dir))
	}
	return server{URL: started.SuperuserURL(), Description: "a throwaway " + started.Description()}, stop, nil
}
