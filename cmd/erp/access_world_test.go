package main

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/fx"

	"erp.internal/migrations"
	"erp.internal/modules/access"
	"erp.internal/modules/identity"
	"erp.internal/platform/authn"
	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/pg"
	"erp.internal/postgres/pgtest"
)

// world is two hospitals on a server with every module, and people who may do different things in them.
type world struct {
	*apitest.Client
	identity *identity.Administrators
	access   *access.Administrators
	root     apitest.Token                     // of a system administrator
	emails   map[apitest.Token]string          // of those who can sign in again
	spare    map[apitest.Token][]apitest.Token // further sessions of those who cannot
	made     int                               // what was made, for names of their own
	places   map[place]*spot
}

// place is where something is: hospital A has a ward, which has a room, and another ward; hospital B has one ward.
type place string

const (
	everywhere place = "the system"
	hospitalA  place = "hospital A"
	ward       place = "the ward"
	room       place = "a room of the ward"
	otherWard  place = "another ward"
	hospitalB  place = "hospital B"
	wardOfB    place = "a ward of B"
)

// above says what a place is a part of.
var above = map[place]place{room: ward, ward: hospitalA, otherWard: hospitalA, wardOfB: hospitalB, hospitalA: everywhere, hospitalB: everywhere}

// spot is a place's organization and department; 0 where it has none.
type spot struct{ organization, department int64 }

// body returns the members of a request's body that say where something is.
func (s spot) body() string {
	switch {
	case s.department != 0:
		return fmt.Sprintf(`"organization_id":%d,"department_id":%d`, s.organization, s.department)
	case s.organization != 0:
		return fmt.Sprintf(`"organization_id":%d`, s.organization)
	default:
		return `"organization_id":null`
	}
}

const rootPassword = "correct horse battery"

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOn(t, pgtest.New(t, migrations.Files))
}

// newWorldOn is newWorld on a database that holds nothing yet.
func newWorldOn(t *testing.T, db *pg.DB) *world {
	t.Helper()
	w := &world{}
	w.serve(t, db)
	if _, _, err := w.identity.EnsureFirst(t.Context(), identity.Administrator{Email: "root@example.org", Password: rootPassword}); err != nil {
		t.Fatal(err)
	}
	w.root = w.SignIn(t, "root@example.org", rootPassword)
	a, b := w.organization(t, "A"), w.organization(t, "B")
	w.places = map[place]*spot{everywhere: {}, hospitalA: {a, 0}, hospitalB: {b, 0}}
	w.places[ward] = &spot{a, w.department(t, a, 0)}
	w.places[room] = &spot{a, w.department(t, a, w.places[ward].department)}
	w.places[otherWard] = &spot{a, w.department(t, a, 0)}
	w.places[wardOfB] = &spot{b, w.department(t, b, 0)}
	return w
}

// replica is another server on the same database.
func (w *world) replica(t *testing.T) *world {
	t.Helper()
	other := *w
	other.serve(t, pgtest.Again(t, w.DB))
	return &other
}

// opened is a replica that takes everybody for the system administrator.
func (w *world) opened(t *testing.T) *world {
	t.Helper()
	other := *w
	other.serve(t, pgtest.Again(t, w.DB), fx.Decorate(authn.OpenTo))
	return &other
}

func (w *world) serve(t *testing.T, db *pg.DB, options ...fx.Option) {
	t.Helper()
	s, err := load(console{})
	if err != nil {
		t.Fatal(err)
	}
	s.identity.Hashing.MemoryKiB, s.identity.Hashing.Time = 8, 1 // hashes that take no time
	s.identity.App.AddressAttempts = 10_000
	w.Client = apitest.On(t, db, modules(), fx.Supply(s.identity), fx.Populate(&w.identity, &w.access), fx.Options(options...))
}

// name returns one that nothing else has.
func (w *world) name() string {
	w.made++
	return fmt.Sprintf("made-%04d", w.made)
}

func (w *world) organization(t *testing.T, name string) int64 {
	t.Helper()
	return w.As(t, w.root, "POST", "/organizations", fmt.Sprintf(`{"name":%q}`, name)).Want(t, 201).ID()
}

// department makes one; a parent of 0 is the top.
func (w *world) department(t *testing.T, organization, parent int64) int64 {
	t.Helper()
	body := fmt.Sprintf(`{"organization_id":%d,"name":%q}`, organization, w.name())
	if parent != 0 {
		body = fmt.Sprintf(`{"organization_id":%d,"parent_id":%d,"name":%q}`, organization, parent, w.name())
	}
	return w.As(t, w.root, "POST", "/departments", body).Want(t, 201).ID()
}

const somePassword = "not known by heart"

// user makes one somewhere, and gives their email.
func (w *world) user(t *testing.T, at place) (id int64, email string) {
	t.Helper()
	email = w.name() + "@example.org"
	body := fmt.Sprintf(`{"email":%q,"password":%q,%s}`, email, somePassword, w.places[at].body())
	return w.As(t, w.root, "POST", "/users", body).Want(t, 201).ID(), email
}

// role returns the id of a role by its name.
func (w *world) role(t *testing.T, name string) int64 {
	t.Helper()
	for _, role := range w.As(t, w.root, "GET", "/roles/?q="+name, "").Want(t, 200).List {
		if role["name"] == name {
			return int64(role["id"].(float64))
		}
	}
	t.Fatalf("there is no role %s", name)
	return 0
}

// grant lets a user have a role somewhere; more are members of the body, each with a comma before it.
func (w *world) grant(t *testing.T, user, role int64, at place, more ...string) int64 {
	t.Helper()
	body := fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s%s}`, user, role, w.places[at].body(), strings.Join(more, ""))
	return w.As(t, w.root, "POST", "/grants", body).Want(t, 201).ID()
}

// somebody makes a user at home in a place, who has a role in another, and signs them in.
func (w *world) somebody(t *testing.T, home place, role string, at place) (id int64, who apitest.Token) {
	t.Helper()
	id, email := w.user(t, home)
	if role != "" {
		w.grant(t, id, w.role(t, role), at)
	}
	return id, w.SignIn(t, email, somePassword)
}

const chosenPassword = "chosen by its owner"

// settled signs a user of the world in who then chooses a password: chosenPassword.
func (w *world) settled(t *testing.T, email string) apitest.Token {
	t.Helper()
	who := w.SignIn(t, email, somePassword)
	w.As(t, who, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, somePassword, chosenPassword)).Want(t, 204)
	return who
}

// eventually waits for an answer with a status.
func (w *world) eventually(t *testing.T, status int, who apitest.Token, method, path, body string) {
	t.Helper()
	await.That(t, fmt.Sprintf("%s %s answers %d", method, path, status), func() bool { return w.As(t, who, method, path, body).Status == status })
}
