package main

import (
	"fmt"
	"testing"
	"time"

	"erp.internal/platform/await"
	"erp.internal/platform/httpx/apitest"
)

// This file holds what becomes of a thing that one person made for another, and that works later, when something happens
// to its maker, or to the one whom it is for. docs/adr/0013-authority-is-asked-at-use.md says why.

// deed is somebody who may make things for another person in hospital A, and that person.
type deed struct {
	*world
	maker, role, grant int64
	makerEmail         string
	making             apitest.Token
	user               int64
	email              string
}

const givenPassword = "chosen by somebody else"

// deed makes a new pair of people. The maker chose a password.
func (w *world) deed(t *testing.T, until string) *deed {
	t.Helper()
	d := &deed{world: w}
	d.role = w.As(t, w.root, "POST", "/roles", fmt.Sprintf(`{"name":%q,"permissions":["organization.read","department.read","role.read","user.read","user.create","user.update","user.reset_password","grant.create"]}`, w.name())).Want(t, 201).ID()
	d.maker, d.makerEmail = w.user(t, everywhere)
	d.grant = w.grant(t, d.maker, d.role, hospitalA, until)
	d.making = w.settled(t, d.makerEmail)
	d.user, d.email = w.user(t, ward)
	return d
}

// things are what the maker makes; each gives how it is tried afterwards: whether it works.
var things = map[string]func(t *testing.T, d *deed) func() bool{
	"a reset code": func(t *testing.T, d *deed) func() bool {
		t.Helper()
		code := d.As(t, d.making, "POST", fmt.Sprintf("/users/%d/password-reset", d.user), "").Want(t, 200).Object["code"]
		return func() bool {
			a := d.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":%q,"code":%q,"new_password":"taken with a code"}`, d.email, code))
			if a.Status != 204 {
				a.Want(t, 401, "code", "identity.code_refused")
			}
			return a.Status == 204
		}
	},
	"a password given at creation": func(t *testing.T, d *deed) func() bool {
		t.Helper()
		d.givenAtCreation(t)
		return d.signsIn(t)
	},
	"a password given later": func(t *testing.T, d *deed) func() bool {
		t.Helper()
		d.givenLater(t)
		return d.signsIn(t)
	},
	"a session opened with a password given at creation": func(t *testing.T, d *deed) func() bool {
		t.Helper()
		d.givenAtCreation(t)
		return d.goesOn(t, d.SignIn(t, d.email, givenPassword))
	},
	"a session opened with a password given later": func(t *testing.T, d *deed) func() bool {
		t.Helper()
		d.givenLater(t)
		return d.goesOn(t, d.SignIn(t, d.email, givenPassword))
	},
	"a change of a given password": func(t *testing.T, d *deed) func() bool {
		t.Helper()
		d.givenLater(t)
		who := d.SignIn(t, d.email, givenPassword)
		return func() bool {
			return d.As(t, who, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, givenPassword, chosenPassword)).Status == 204
		}
	},
	"a password that its owner has changed": func(t *testing.T, d *deed) func() bool {
		t.Helper()
		d.givenLater(t)
		who := d.SignIn(t, d.email, givenPassword)
		d.As(t, who, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, givenPassword, chosenPassword)).Want(t, 204)
		return func() bool {
			a := d.Do(t, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, d.email, chosenPassword))
			return a.Status == 200 && d.goesOn(t, who)()
		}
	},
	"a grant": func(t *testing.T, d *deed) func() bool {
		t.Helper()
		who := d.settled(t, d.email)
		d.granted(t, "")
		return func() bool {
			return d.As(t, who, "GET", fmt.Sprintf("/organizations/%d", d.places[hospitalA].organization), "").Status == 200
		}
	},
	"a grant that begins later": func(t *testing.T, d *deed) func() bool {
		t.Helper()
		id := d.granted(t, fmt.Sprintf(`,"valid_from":%q`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
		return func() bool {
			for _, g := range d.As(t, d.root, "GET", fmt.Sprintf("/grants/?granted_by=%d&state=scheduled", d.maker), "").Want(t, 200).List {
				if g["id"] == float64(id) {
					return true
				}
			}
			return false
		}
	},
}

// givenAtCreation replaces the user by one whom the maker creates with a password.
func (d *deed) givenAtCreation(t *testing.T) {
	t.Helper()
	d.email = d.name() + "@example.org"
	d.user = d.As(t, d.making, "POST", "/users", fmt.Sprintf(`{"email":%q,"password":%q,%s}`, d.email, givenPassword, d.places[ward].body())).Want(t, 201).ID()
}

func (d *deed) givenLater(t *testing.T) {
	t.Helper()
	d.As(t, d.making, "PUT", fmt.Sprintf("/users/%d", d.user), fmt.Sprintf(`{"password":%q}`, givenPassword)).Want(t, 200)
}

// granted lets the maker grant the user a right in hospital A.
func (d *deed) granted(t *testing.T, more string) int64 {
	t.Helper()
	role := d.As(t, d.root, "POST", "/roles", fmt.Sprintf(`{"name":%q,"permissions":["organization.read"]}`, d.name())).Want(t, 201).ID()
	return d.As(t, d.making, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,%s%s}`, d.user, role, d.places[hospitalA].body(), more)).Want(t, 201).ID()
}

func (d *deed) signsIn(t *testing.T) func() bool {
	t.Helper()
	return func() bool {
		a := d.Do(t, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, d.email, givenPassword))
		if a.Status != 200 {
			a.Want(t, 401, "code", "identity.sign_in_refused")
		}
		return a.Status == 200
	}
}

func (d *deed) goesOn(t *testing.T, who apitest.Token) func() bool {
	t.Helper()
	return func() bool {
		a := d.As(t, who, "GET", "/auth/me", "")
		if a.Status != 200 {
			a.Want(t, 401, "code", "identity.session_over")
		}
		return a.Status == 200
	}
}

// secrets are the things by which their maker could act as the other.
var secrets = []string{
	"a reset code", "a password given at creation", "a password given later",
	"a session opened with a password given at creation", "a session opened with a password given later", "a change of a given password",
}

// fates are what happens between the making and the use, and which things do not work afterwards.
var fates = []struct {
	name  string
	until time.Duration // of the maker's grant; 0: without an end
	of    func(t *testing.T, d *deed)
	ends  []string
}{
	{name: "nothing happens", of: func(*testing.T, *deed) {}},
	{name: "its maker is deactivated", ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.As(t, d.root, "POST", fmt.Sprintf("/users/%d/deactivate", d.maker), "").Want(t, 200)
	}},
	{name: "its maker is deactivated by a change", ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.As(t, d.root, "PUT", fmt.Sprintf("/users/%d", d.maker), `{"is_active":false}`).Want(t, 200)
	}},
	{name: "its maker is deactivated and activated again", ends: []string{"a reset code"}, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.As(t, d.root, "POST", fmt.Sprintf("/users/%d/deactivate", d.maker), "").Want(t, 200)
		d.As(t, d.root, "POST", fmt.Sprintf("/users/%d/activate", d.maker), "").Want(t, 200)
	}},
	{name: "its maker is deleted", ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.As(t, d.root, "DELETE", fmt.Sprintf("/users/%d", d.maker), "").Want(t, 204)
	}},
	{name: "its maker is moved to another hospital", of: func(t *testing.T, d *deed) { // and holds as much in this one
		t.Helper()
		d.As(t, d.root, "PUT", fmt.Sprintf("/users/%d", d.maker), "{"+d.places[wardOfB].body()+"}").Want(t, 200)
	}},
	{name: "its maker's grant is ended", ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.As(t, d.root, "DELETE", fmt.Sprintf("/grants/%d", d.grant), "").Want(t, 204)
	}},
	{name: "its maker's grant is over by its date", until: 3 * time.Second, ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		await.That(t, "the maker holds nothing", func() bool {
			return len(d.As(t, d.making, "GET", "/auth/permissions", "").Want(t, 200).List) == 0
		})
	}},
	{name: "its maker's role no longer holds the right", ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.As(t, d.root, "PUT", fmt.Sprintf("/roles/%d", d.role), `{"permissions":["organization.read","user.read"]}`).Want(t, 200)
	}},
	{name: "its maker chooses another password", ends: []string{"a reset code"}, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.As(t, d.making, "POST", "/auth/password", fmt.Sprintf(`{"current_password":%q,"new_password":"another one of mine"}`, chosenPassword)).Want(t, 204)
	}},
	{name: "its maker is given another password", ends: []string{"a reset code"}, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.As(t, d.root, "PUT", fmt.Sprintf("/users/%d", d.maker), `{"password":"given to the maker"}`).Want(t, 200)
	}},
	{name: "its maker redeems a reset code", ends: []string{"a reset code"}, of: func(t *testing.T, d *deed) {
		t.Helper()
		code := d.As(t, d.root, "POST", fmt.Sprintf("/users/%d/password-reset", d.maker), "").Want(t, 200).Object["code"]
		d.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":%q,"code":%q,"new_password":"another one of mine"}`, d.makerEmail, code)).Want(t, 204)
	}},
	{name: "the user is moved to another hospital", ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.As(t, d.root, "PUT", fmt.Sprintf("/users/%d", d.user), "{"+d.places[wardOfB].body()+"}").Want(t, 200)
	}},
	{name: "the user is granted more than its maker holds", ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.world.grant(t, d.user, d.role, everywhere)
	}},
	{name: "the user is granted more from tomorrow on", ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		d.world.grant(t, d.user, d.role, everywhere, fmt.Sprintf(`,"valid_from":%q`, time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339)))
	}},
	{name: "the user's role holds more", ends: secrets, of: func(t *testing.T, d *deed) {
		t.Helper()
		role := d.As(t, d.root, "POST", "/roles", fmt.Sprintf(`{"name":%q,"permissions":["organization.read"]}`, d.name())).Want(t, 201).ID()
		d.world.grant(t, d.user, role, hospitalA)
		d.As(t, d.root, "PUT", fmt.Sprintf("/roles/%d", role), `{"permissions":["organization.read","user.delete"]}`).Want(t, 200)
	}},
}

// CWE-613, CWE-285: what one person made for another to sign in with is as good as its maker is when it is used; what
// others decided stays as it was decided.
func TestAuthorityAtUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, makes := range things {
		for _, fate := range fates {
			t.Run(name+", when "+fate.name, func(t *testing.T) {
				until := ""
				if fate.until > 0 {
					if name == "a grant" || name == "a grant that begins later" {
						return // nobody grants for longer than they hold
					}
					until = fmt.Sprintf(`,"valid_until":%q`, time.Now().Add(fate.until).UTC().Format(time.RFC3339Nano))
				}
				d := w.deed(t, until)
				works := makes(t, d)
				fate.of(t, d)
				want := true
				for _, ended := range fate.ends {
					want = want && ended != name
				}
				if got := works(); got != want {
					t.Errorf("it works: %v, want %v", got, want)
				}
			})
		}
	}
}
