package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU time in /proc (USER_HZ, which is 100 on every Linux that Go runs on).
const tick = 10 * time.Millisecond

// stat is what /proc/<pid>/stat says of a process.
type stat struct {
	name   string
	parent int
	own    time.Duration // CPU time of the process
	reaped time.Duration // of its children that ended
}

// readStat reads a process's CPU time; false where there is no such process, or no /proc.
func readStat(pid int) (stat, bool) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, false
	}
	begin, end := bytes.IndexByte(content, '('), bytes.LastIndexByte(content, ')') // the name may hold anything
	if begin < 0 || end < begin {
		return stat{}, false
	}
	fields := strings.Fields(string(content[end+1:])) // from the third on, proc(5)
	if len(fields) < 15 {
		return stat{}, false
	}
	number := func(field int) int {
		n, _ := strconv.Atoi(fields[field-3])
		return n
	}
	return stat{
		name:   string(content[begin+1 : end]),
		parent: number(4),
		own:    time.Duration(number(14)+number(15)) * tick,
		reaped: time.Duration(number(16)+number(17)) * tick,
	}, true
}

// cpuOf is the CPU time that a process has used.
func cpuOf(pid int) time.Duration {
	s, _ := readStat(pid)
	return s.own
}

// cpuOfTree is the CPU time that a process and its children have used, also those that have ended.
func cpuOfTree(pid int) time.Duration {
	root, ok := readStat(pid)
	if !ok {
		return 0
	}
	sum := root.own + root.reaped
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range processes {
		child, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if s, ok := readStat(child); ok && s.parent == pid {
			sum += s.own
		}
	}
	return sum
}

// postmasterOf is the server process of a backend, 0 when it does not run on this machine.
func postmasterOf(backend int) int {
	s, ok := readStat(backend)
	if !ok || !strings.HasPrefix(s.name, "postgres") {
		return 0
	}
	return s.parent
}

// residentOf is the resident memory of a process in bytes, 0 where it cannot be told.
func residentOf(pid int) int64 { return memoryOf(pid, "VmRSS") }

// anonymousOf is that part of the resident memory which is not of the program's file, and so not shared.
func anonymousOf(pid int) int64 { return memoryOf(pid, "RssAnon") }

func memoryOf(pid int, line string) int64 {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(content), "\n"+line+":")
	after, _, _ = strings.Cut(after, "\n")
	kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(after, "kB")), 10, 64)
	return kib << 10
}
