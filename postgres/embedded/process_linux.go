package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ownExecutable is the running binary by a name that works for any user, even when the binary lies below a directory only root
// may enter, and after it was replaced or deleted (`go run`, an upgrade).
func ownExecutable() (string, error) { return "/proc/self/exe", nil }

// adoptOrphans makes this process the parent of the postmaster once pg_ctl has ended: its end is then known at once, and it is
// not left a zombie where the first process of a container reaps none.
func adoptOrphans() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// awaitPostmaster returns when the process is gone.
func awaitPostmaster(pid int, data string) {
	for {
		_, err := unix.Wait4(pid, nil, 0, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err == nil {
			return
		}
		break // not our child: adoptOrphans is not allowed here
	}
	for isPostmasterOf(pid, data) {
		_ = pause(context.Background(), time.Second)
	}
}

// endProgramsIn kills PostgreSQL's programs that work below a directory, and returns when they are gone. Only for data
// that may be thrown away.
func endProgramsIn(home string) {
	for programs := programsIn(home); len(programs) > 0; programs = programsIn(home) {
		for _, pid := range programs {
			_ = unix.Kill(pid, unix.SIGKILL)
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // where adoptOrphans made it ours
		}
		_ = pause(context.Background(), 5*time.Millisecond)
	}
}

// programsIn lists the processes of PostgreSQL's programs whose working directory is home or below.
func programsIn(home string) []int {
	var found []int
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		pid, err := strconv.Atoi(filepath.Base(process))
		works, failed := os.Readlink(filepath.Join(process, "cwd")) // fails for other users'
		if err != nil || failed != nil || works != home && !strings.HasPrefix(works, home+"/") {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		program, _, _ := bytes.Cut(command, []byte{0}) // empty for a zombie
		switch filepath.Base(string(program)) {
		case "initdb", "pg_ctl", "postgres", "postmaster":
			found = append(found, pid)
		}
	}
	return found
}

// isPostmasterOf reports whether the process is alive and a PostgreSQL server on that data directory. A process id alone says
// nothing: after a power loss another program may have it, in a container it is nearly always the same number.
func isPostmasterOf(pid int, data string) bool {
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return false
	}
	program, _, _ := bytes.Cut(command, []byte{0}) // empty for a zombie
	if name := filepath.Base(string(program)); name != "postgres" && name != "postmaster" {
		return false
	}
	works, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid)) // the postmaster works in its data directory
	if err != nil {
		return false
	}
	own, err := os.Stat(data)
	return err == nil && os.SameFile(works, own)
}
