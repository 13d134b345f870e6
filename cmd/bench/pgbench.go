package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// pgbench is contender (a): the database alone, with clients that do nothing but ask. "" where it is missing.
type pgbench string

// findPgbench searches the directory of the server's programs, then PATH.
//
// Errors: one line that says how to get it; the others can be measured without.
func findPgbench(db *database) (pgbench, error) {
	if db.programs != "" {
		if path, err := exec.LookPath(filepath.Join(db.programs, "pgbench")); err == nil {
			return pgbench(path), nil
		}
	}
	path, err := exec.LookPath("pgbench")
	if err != nil {
		return "", errors.New("pgbench is missing, and with it contender (a): install PostgreSQL's client programs (Debian: postgresql, Red Hat: postgresql-contrib)")
	}
	return pgbench(path), nil
}

var tps = regexp.MustCompile(`(?m)^tps = ([0-9.]+) \(without initial connection time\)`)

// run returns the transactions per second, 0 when the time was over before the first one.
func (p pgbench) run(ctx context.Context, dir, databaseURL string, op operation, connections int, duration time.Duration) (float64, error) {
	script := filepath.Join(dir, op.name+".pgbench")
	statement := strings.NewReplacer("$1", ":v1", "$2", ":v2").Replace(op.statement)
	if err := os.WriteFile(script, []byte(op.variables+"\n"+statement+";\n"), 0o600); err != nil {
		return 0, fmt.Errorf("write a script for pgbench: %w", err)
	}
	database, err := url.Parse(databaseURL)
	if err != nil {
		return 0, errors.New("-db is no URL") //nolint:err113 // without the password that err would show
	}
	password, _ := database.User.Password()
	database.User = url.User(database.User.Username())
	cmd := exec.CommandContext(ctx, string(p),
		"--no-vacuum", "--protocol=prepared", "--file="+script, "--define=v2="+description,
		"--client="+strconv.Itoa(connections), "--jobs="+strconv.Itoa(min(connections, runtime.NumCPU())),
		"--time="+strconv.Itoa(int(duration.Seconds())), database.String())
	cmd.Env = append(environment(), "PGPASSWORD="+password)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return 0, fmt.Errorf("pgbench failed: %w: %s", err, line)
	}
	found := tps.FindSubmatch(output)
	if found == nil { // pgbench counts its connecting as well
		return 0, nil
	}
	return strconv.ParseFloat(string(found[1]), 64)
}
