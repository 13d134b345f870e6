package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"erp.internal/cmd/bench/report"
)

const (
	idleDatabase = "erp_bench_idle"

	idleServers   = 10
	untilTheyRest = 15 * time.Second // servers without requests rest after 10
	idleMeasured  = 20 * time.Second
	askedEvery    = time.Second
)

// idleness is what servers on one database use of the machine while nothing happens.
type idleness struct {
	servers int
	asked   bool // each of them once a second

	cpu, database   float64 // of a core
	largest, own    int64   // the most resident memory of a server in bytes, and the part that is not of the program's file
	databaseMemory  int64   // of all of PostgreSQL's processes
	databaseUnknown bool
}

// measureIdle measures one server and ten, on a database of their own.
func (b *bench) measureIdle(ctx context.Context, s *report.Section) (err error) {
	fmt.Fprintf(b.progress, "idle: 1 and %d servers\n", idleServers)
	side, err := b.db.createSide(ctx, idleDatabase)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, side.drop()) }()
	asker, err := side.enrol(ctx, "asker", 1)
	if err != nil {
		return err
	}
	var all []*idleness
	for _, n := range []int{1, idleServers} {
		for _, asked := range []bool{false, true} {
			i := &idleness{servers: n, asked: asked}
			if err := b.leaveIdle(ctx, side, asker[0].token, i); err != nil {
				return err
			}
			all = append(all, i)
		}
	}
	reportIdle(s, all)
	return nil
}

// leaveIdle observes fresh servers.
func (b *bench) leaveIdle(ctx context.Context, side *sideDatabase, token string, i *idleness) error {
	var servers []*process
	defer func() {
		for _, server := range servers {
			server.stop()
		}
	}()
	for n := range i.servers {
		dir := filepath.Join(b.dir, "idle-"+strconv.Itoa(n))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make a directory: %w", err)
		}
		server, err := startErp(ctx, b.options, dir, "DATABASE_URL="+side.url)
		if err != nil {
			return err
		}
		servers = append(servers, server)
	}
	return b.observe(ctx, servers, token, i)
}

// observe watches the servers, of which each is asked once a second or not at all.
func (b *bench) observe(ctx context.Context, servers []*process, token string, i *idleness) error {
	if err := b.db.settle(ctx); err != nil {
		return err
	}
	watched, stop := context.WithCancel(ctx)
	defer stop()
	if i.asked {
		for _, server := range servers {
			go askNowAndThen(watched, server, token)
		}
	}
	if err := pause(ctx, untilTheyRest); err != nil {
		return err
	}
	cpu := func() (sum time.Duration) {
		for _, server := range servers {
			sum += cpuOf(server.cmd.Process.Pid)
		}
		return sum
	}
	begun, ours, database := time.Now(), cpu(), cpuOfTree(b.db.postmaster)
	if err := pause(ctx, idleMeasured); err != nil {
		return err
	}
	took := time.Since(begun).Seconds()
	i.cpu, i.database = (cpu()-ours).Seconds()/took, (cpuOfTree(b.db.postmaster)-database).Seconds()/took
	for _, server := range servers {
		i.largest = max(i.largest, residentOf(server.cmd.Process.Pid))
		i.own = max(i.own, anonymousOf(server.cmd.Process.Pid))
	}
	i.databaseMemory, i.databaseUnknown = proportionalOfTree(b.db.postmaster)
	return nil
}

// askNowAndThen sends requests in a session.
func askNowAndThen(ctx context.Context, server *process, token string) {
	client := newClient(server.addr, 1)
	defer client.CloseIdleConnections()
	asker := caller{client, token}
	for pause(ctx, askedEvery) == nil {
		_ = asker.expect(http.StatusOK, http.MethodGet, "/auth/me", nil, nil) // the answer does not matter
	}
}

// proportionalOfTree is the memory of a process and its children in bytes, shared pages counted once; unknown where it cannot be
// told.
func proportionalOfTree(pid int) (bytes int64, unknown bool) {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range processes {
		child, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if s, ok := readStat(child); !ok || s.parent != pid && child != pid {
			continue
		}
		content, err := os.ReadFile(path + "/smaps_rollup")
		if err != nil {
			return 0, true
		}
		_, after, _ := strings.Cut(string(content), "\nPss:")
		line, _, _ := strings.Cut(after, "\n")
		kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(line, "kB")), 10, 64)
		bytes += kib << 10
	}
	return bytes, bytes == 0
}

func reportIdle(s *report.Section, all []*idleness) {
	t := s.Table("idle", "CPU of erp serve", "of PostgreSQL", "resident, the largest", "without the program's file", "memory of PostgreSQL", "target", "")
	for _, i := range all {
		name := fmt.Sprintf("%d servers", i.servers)
		if i.servers == 1 {
			name = "1 server"
		}
		if i.asked {
			name += ", each asked once a second"
		}
		memory := mebibytes(i.databaseMemory)
		if i.databaseUnknown {
			memory = "?"
		}
		s.Record(report.ID{Name: name, Of: report.Erp, Kind: report.Resident}, float64(i.largest)/(1<<20))
		target, verdict := "", ""
		if !i.asked {
			target, verdict = "< "+mebibytes(int64(idleTarget)), t.Verdict(name, i.largest < idleTarget)
		}
		t.Row(name, share(i.cpu), share(i.database), mebibytes(i.largest), mebibytes(i.own), memory, target, verdict)
	}
}

// share is a part of a core.
func share(of float64) string { return fmt.Sprintf("%.2f %%", 100*of) }
