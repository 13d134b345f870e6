package main

import (
	"runtime/debug"
	"slices"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"go.uber.org/zap"
)

// setGCPercent lets the heap, which is small, grow to three times the live heap before garbage is collected, unless GOGC is
// set: it costs some MiB under load and saves a part of each request's time.
func setGCPercent(c console) {
	if !c.sets("GOGC") {
		debug.SetGCPercent(200)
	}
}

// heapBallast is memory that is never touched, so the system allocates none for it. For the garbage collector it is live:
// without it the heap is so small that garbage would be collected about every 1,500 requests, which takes a twentieth of
// their time.
func heapBallast() []byte { return make([]byte, 8<<20) }

// setMemoryLimit keeps the heap below the memory limit of the container, since the kernel kills a process that exceeds it:
// garbage is collected more often near the limit. GOMEMLIMIT overrides it.
func setMemoryLimit(c console, log *zap.Logger) {
	if limit, ok := memoryLimit(c, memlimit.FromCgroup); ok {
		debug.SetMemoryLimit(limit)
		log.Info("garbage is collected more often near the container's memory limit", zap.Int64("bytes", limit))
	}
}

// memoryLimit returns 90 % of the control group's limit: the rest is for memory outside of the heap, such as stacks and the
// kernel's buffers for connections. It is false without a limit, or if GOMEMLIMIT is set.
func memoryLimit(c console, group memlimit.Provider) (int64, bool) {
	if c.sets("GOMEMLIMIT") {
		return 0, false
	}
	limit, err := memlimit.ApplyRatio(group, 0.9)()
	if err != nil || limit == 0 || limit > 1<<62 { // no control group, or one without a limit
		return 0, false
	}
	return int64(limit), true
}

// sets reports whether a variable is set in the environment.
func (c console) sets(name string) bool {
	return slices.ContainsFunc(c.environ, func(pair string) bool { return strings.HasPrefix(pair, name+"=") })
}
