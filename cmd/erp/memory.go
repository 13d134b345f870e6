package main

import (
	"runtime/debug"
	"slices"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"go.uber.org/zap"
)

// collectLess lets the heap, which is small, grow to three times of what is in use before garbage is collected, unless
// GOGC says otherwise: it costs some MiB under load and saves a part of each request's time.
func collectLess(c console) {
	if !c.sets("GOGC") {
		debug.SetGCPercent(200)
	}
}

// reserve is memory that nobody ever touches, so that the system gives none for it. To the garbage collector it is in use:
// without it the heap is so small that garbage would be collected every 1,500 requests or so, which takes a twentieth of
// their time.
func reserve() []byte { return make([]byte, 8<<20) }

// stayWithin keeps the heap below what the container may use, since the kernel ends a process that goes beyond it: garbage
// is collected sooner as the heap comes near to it. GOMEMLIMIT says otherwise.
func stayWithin(c console, log *zap.Logger) {
	if limit, ok := memoryLimit(c, memlimit.FromCgroup); ok {
		debug.SetMemoryLimit(limit)
		log.Info("garbage is collected sooner near the container's memory limit", zap.Int64("bytes", limit))
	}
}

// memoryLimit is nine tenths of the control group's limit: the rest is for what is no heap, such as stacks, and for what
// the kernel holds for connections. There is none without a limit, or where GOMEMLIMIT is set.
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

// sets says whether a variable is set in the environment.
func (c console) sets(name string) bool {
	return slices.ContainsFunc(c.environ, func(pair string) bool { return strings.HasPrefix(pair, name+"=") })
}
