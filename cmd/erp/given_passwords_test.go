package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"erp.internal/platform/pg"
)

// ageGiven lets a given password be older than it is.
func (w *world) ageGiven(t *testing.T, user int64, by time.Duration) {
	t.Helper()
	statement := pg.Changes("test", squirrel.Expr("UPDATE identity.credentials SET given_at = given_at - make_interval(secs => $2) WHERE user_id = $1"))
	if _, err := w.DB.Exec(t.Context(), statement.With(user, by.Seconds())); err != nil {
		t.Fatal(err)
	}
}

// ASVS 6.4.1: a given password ends, with the sessions that it opened; the answer does not say so, the record does.
func TestGivenPassword_ends(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.As(t, w.root, "GET", "/auth/me", "").ID()
	for name, give := range map[string]func(id int64){
		"at creation": func(int64) {},
		"later": func(id int64) {
			w.As(t, w.root, "PUT", fmt.Sprintf("/users/%d", id), fmt.Sprintf(`{"password":%q}`, somePassword)).Want(t, 200)
		},
	} {
		id, email := w.user(t, ward)
		give(id)
		w.ageGiven(t, id, 71*time.Hour)
		body := fmt.Sprintf(`{"email":%q,"password":%q}`, email, somePassword)
		opened := w.Do(t, "POST", "/auth/login", body).Want(t, 200)
		until, err := time.Parse(time.RFC3339Nano, opened.Object["expires_at"].(string))
		if left := time.Until(until); err != nil || left > time.Hour {
			t.Errorf("%s: the session lasts %s, longer than the password", name, left)
		}
		who := w.SignIn(t, email, somePassword)
		w.As(t, who, "GET", "/auth/me", "").Want(t, 200)
		w.ageGiven(t, id, time.Hour)
		w.As(t, who, "GET", "/auth/me", "").Want(t, 401, "code", "identity.session_over")
		over, wrong := w.Do(t, "POST", "/auth/login", body).Want(t, 401), w.Do(t, "POST", "/auth/login", strings.Replace(body, somePassword, "wrong", 1)).Want(t, 401)
		if over.Object["code"] != wrong.Object["code"] || over.Object["detail"] != wrong.Object["detail"] {
			t.Errorf("%s: %s is not answered like %s", name, over.Body, wrong.Body)
		}
		record := w.As(t, w.root, "GET", fmt.Sprintf("/users/%d/sign-ins", id), "").Want(t, 200).List
		if record[0]["outcome"] != "wrong_password" || record[1]["outcome"] != "password_expired" || record[2]["outcome"] != "signed_in" || record[2]["made_by"] != float64(me) {
			t.Errorf("%s: the record holds %v", name, record)
		}
	}
	// One that its owner chose does not end.
	id, email := w.user(t, ward)
	w.settled(t, email)
	w.ageGiven(t, id, 1000*time.Hour)
	w.SignIn(t, email, chosenPassword)
}

// Whose code was redeemed, and why one was refused, is in the record.
func TestReset_theRecordNamesWhoStartedIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.deed(t, "")
	redeem := things["a reset code"](t, d)
	w.As(t, w.root, "DELETE", fmt.Sprintf("/grants/%d", d.grant), "").Want(t, 204)
	if redeem() {
		t.Error("the code is taken")
	}
	w.grant(t, d.maker, d.role, hospitalA)
	if !redeem() {
		t.Error("the code is not taken, though who started it may again")
	}
	record := w.As(t, w.root, "GET", fmt.Sprintf("/users/%d/sign-ins", d.user), "").Want(t, 200).List
	if record[1]["outcome"] != "code_withdrawn" || record[0]["outcome"] != "code_redeemed" || record[0]["made_by"] != float64(d.maker) {
		t.Errorf("the record holds %v", record)
	}
}

// A given password is as good as its giver, whose own may be a given one; passwords that two users gave each other open
// nothing.
func TestGivenPassword_ofAGiver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.deed(t, ""), w.deed(t, "")
	w.As(t, first.making, "PUT", fmt.Sprintf("/users/%d", second.user), fmt.Sprintf(`{"password":%q}`, givenPassword)).Want(t, 200)
	w.grant(t, second.user, second.role, ward)
	middle := w.SignIn(t, second.email, givenPassword)
	w.As(t, middle, "GET", "/auth/me", "").Want(t, 200)
	third := w.As(t, w.root, "POST", "/users", fmt.Sprintf(`{"email":"third@example.org",%s}`, w.places[ward].body())).Want(t, 201).ID()
	w.As(t, middle, "PUT", fmt.Sprintf("/users/%d", third), fmt.Sprintf(`{"password":%q}`, givenPassword)).Want(t, 403, "code", "identity.password_change_required")
	w.As(t, w.root, "POST", fmt.Sprintf("/users/%d/deactivate", first.maker), "").Want(t, 200)
	w.As(t, middle, "GET", "/auth/me", "").Want(t, 401)
}

// The operator is warned at each start when no administrator can sign in any more.
func TestGivenPassword_ofTheOnlyAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	warnings := func() int {
		core, logged := observer.New(zap.WarnLevel)
		if _, err := ensureFirst(t.Context(), settings{}, &database{}, administration{w.identity, w.access}, zap.New(core)); err != nil {
			t.Fatal(err)
		}
		return logged.FilterMessageSnippet("no system administrator can sign in").Len()
	}
	if warnings() != 0 {
		t.Error("it warns too early")
	}
	w.ageGiven(t, w.As(t, w.root, "GET", "/auth/me", "").ID(), 73*time.Hour)
	if warnings() != 1 {
		t.Error("it does not warn")
	}
	w.Do(t, "POST", "/auth/login", fmt.Sprintf(`{"email":"root@example.org","password":%q}`, rootPassword)).Want(t, 401)
}
