package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
)

// This file holds what a request may still do whose authority ends after it was let in, while it waits.

// delayed sends a request that waits for a user's row, lets something happen meanwhile, and gives the request's answer.
func (w *world) delayed(t *testing.T, user int64, send func() apitest.Answer, meanwhile func()) apitest.Answer {
	t.Helper()
	outside, err := pgx.Connect(t.Context(), w.DB.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close(context.WithoutCancel(t.Context()))
	tx, err := outside.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT id FROM identity.users WHERE id = $1 FOR UPDATE", user); err != nil {
		t.Fatal(err)
	}
	answers := make(chan apitest.Answer, 1)
	go func() { answers <- send() }()
	await.That(t, "the request waits for the row", func() bool {
		var waiting int
		err := tx.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting)
		return err == nil && waiting == 1
	})
	meanwhile()
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	return <-answers
}

// CWE-367: who takes a stolen account back by another password leaves no code behind that the thief was just starting.
func TestReset_startedByASessionThatEndsMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, end := range map[string]func(d *deed){
		"a change of the password": func(d *deed) {
			owner := w.SignIn(t, d.makerEmail, chosenPassword)
			w.As(t, owner, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":"another one of mine"}`, chosenPassword)).Want(t, 204)
		},
		"an administrator": func(d *deed) {
			w.As(t, w.root, "DELETE", fmt.Sprintf("/users/%d/sessions", d.maker), "").Want(t, 204)
		},
		"a deactivation": func(d *deed) {
			w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", d.maker), "").Want(t, 200)
		},
	} {
		d := w.deed(t, "")
		a := w.delayed(t, d.user, func() apitest.Answer {
			return w.As(t, d.making, "POST", fmt.Sprintf("/users/%d/password-reset", d.user), "")
		}, func() { end(d) })
		if a.Status != 401 {
			t.Errorf("ended by %s: %d %s", name, a.Status, a.Body)
		}
	}
}

// CWE-367: nobody keeps a user's account who gave its password and is dismissed while they change it.
func TestGivenPassword_changedByAGiverWhoIsDeactivatedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.deed(t, "")
	d.givenLater(t)
	posing := w.SignIn(t, d.email, givenPassword)
	a := w.delayed(t, d.user, func() apitest.Answer {
		return w.As(t, posing, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, givenPassword, chosenPassword))
	}, func() {
		w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", d.maker), "").Want(t, 200)
	})
	a.Want(t, 422, "code", "validation_failed")
	w.Do(t, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, d.email, chosenPassword)).Want(t, 401)
}
