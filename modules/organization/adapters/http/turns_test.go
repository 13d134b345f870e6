package http_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"erp.internal/migrations"
	"erp.internal/modules/organization"
	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/postgres/pgtest"
)

// Who waits for one organization's tree keeps no connection from the others.
func TestDepartments_waitingForATreeTakesNoConnection(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, migrations.Files)
	c := apitest.On(t, db, organization.Module(), apitest.Open())
	busy := c.Do(t, "POST", "/organizations/", `{"name":"서울병원"}`).Want(t, http.StatusCreated).ID()
	other := c.Do(t, "POST", "/organizations/", `{"name":"부산병원"}`).Want(t, http.StatusCreated).ID()
	department := func(organization int64, name string) int64 {
		return c.Do(t, "POST", "/departments/", fmt.Sprintf(`{"organization_id":%d,"name":%q}`, organization, name)).Want(t, http.StatusCreated).ID()
	}
	inBusy, inOther := department(busy, "내과"), department(other, "외과")

	outside, err := pgx.Connect(t.Context(), db.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close(context.WithoutCancel(t.Context()))
	tx, err := outside.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT id FROM organization.organizations WHERE id = $1 FOR UPDATE", busy); err != nil {
		t.Fatal(err)
	}
	// Each of these wants the lock, whichever way.
	wants := []struct {
		method, path, body string
		status             int
	}{
		{"POST", fmt.Sprintf("/departments/%d/move", inBusy), `{"parent_id":null,"position":0}`, http.StatusOK},
		{"PUT", fmt.Sprintf("/departments/%d", inBusy), `{"parent_id":null}`, http.StatusOK},
		{"POST", "/departments", fmt.Sprintf(`{"organization_id":%d,"name":"안과"}`, busy), http.StatusCreated},
		{"PUT", fmt.Sprintf("/organizations/%d", busy), `{"description":"x"}`, http.StatusOK},
		{"DELETE", fmt.Sprintf("/organizations/%d", busy), "", http.StatusConflict},
	}
	var waiting sync.WaitGroup
	var begun, ended atomic.Int64
	for i := range 40 {
		waiting.Go(func() {
			begun.Add(1)
			want := wants[i%len(wants)]
			c.Do(t, want.method, want.path, want.body).Want(t, want.status)
			ended.Add(1)
		})
	}
	await.That(t, "they wait", func() bool { return begun.Load() == 40 && db.Stat().AcquiredConns() > 0 })
	for i := range 50 {
		c.Do(t, "GET", fmt.Sprintf("/departments/%d", inOther), "").Want(t, http.StatusOK)
		c.Do(t, "POST", fmt.Sprintf("/departments/%d/move", inOther), fmt.Sprintf(`{"parent_id":null,"position":%d}`, i%2)).Want(t, http.StatusOK)
		await.That(t, "one connection waits, and no more", func() bool { return db.Stat().AcquiredConns() == 1 })
	}
	if n := ended.Load(); n > 0 {
		t.Errorf("%d of those that wait were answered", n)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	waiting.Wait()
}
