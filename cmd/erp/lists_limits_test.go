package main

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"erp.internal/platform/await"
)

// Lists that do not end leave requests for one object as they are, and end when their clients go.
func TestLists_starveNobody(t *testing.T) {
	t.Parallel()
	database := onDatabase(t)
	p, root := withRoot(t, database, "DATABASE_POOL_SIZE=8", "DATABASE_LIST_TIMEOUT=60s", "DATABASE_STATEMENT_TIMEOUT=120s", "REQUESTS_PER_USER=0")
	me := p.askAs(root, "GET", "/auth/me", "").body["id"]
	user := fmt.Sprintf("/users/%v", me)
	if a := p.askAs(root, "GET", user, ""); a.status != 200 { // what decides is held in memory from now on
		t.Fatalf("%d %v", a.status, a.body)
	}
	address := strings.TrimPrefix(database, "DATABASE_URL=")
	lock(t, address, "access.grants")
	waiting := func(n int) func() bool {
		return func() bool {
			return execute(t, address, "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == n
		}
	}
	var clients []net.Conn
	for n := range 8 { // each another list: equal ones are read once
		clients = append(clients, dial(t, p.address, fmt.Sprintf("GET /grants?limit=%d", 1+n)+" HTTP/1.1\r\nHost: localhost\r\nAuthorization: "+root+"\r\n\r\n"))
	}
	await.That(t, "half of the connections have a list", waiting(4))
	for range 50 {
		if a := p.askAs(root, "GET", user, ""); a.status != 200 {
			t.Fatalf("beside eight lists: %d %v", a.status, a.body)
		}
	}
	if !waiting(4)() {
		t.Error("a list has ended by itself")
	}
	for _, client := range clients {
		_ = client.Close()
	}
	await.That(t, "the lists of clients who went have ended", waiting(0))
}
