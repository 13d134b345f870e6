//go:build !linux

package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func ownExecutable() (string, error) { return os.Executable() }

func adoptOrphans() {}

// awaitPostmaster returns when the process is gone, within a second.
func awaitPostmaster(pid int, _ string) {
	for syscall.Kill(pid, 0) == nil {
		_ = pause(context.Background(), time.Second)
	}
}

// isPostmasterOf reports whether the process is alive and a PostgreSQL server on that data directory. A process id alone says
// nothing: after a power loss another program may have it.
func isPostmasterOf(pid int, data string) bool {
	output, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return false
	}
	command := strings.TrimSpace(string(output))
	program, _, _ := strings.Cut(command, " -D ")
	name := filepath.Base(program)
	// It may have been started by the link in postgres/tmp instead.
	return (name == "postgres" || name == "postmaster") && strings.Contains(command, filepath.Dir(data)+"/")
}

// endProgramsIn waits for nothing here: there is no way to tell which programs work in a directory. What is left of an
// earlier attempt makes this one fail, and another start works.
func endProgramsIn(string) {}
