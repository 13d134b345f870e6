package authz_test

import (
	"context"
	"errors"
	"testing"

	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/place"
)

// held answers by what the caller holds in single places.
type held struct {
	authz.Open
	at  map[place.Place]authz.Permission
	err error // of every place for which nothing is held
}

func (h held) RequireAt(_ context.Context, p authz.Permission, at place.Place) error {
	if h.at[at] == p {
		return nil
	}
	return h.err
}

var (
	here, there = place.Place{Organization: 1}, place.Place{Organization: 1, Department: 2}
	errAway     = errors.New("the database is away")
	errMissing  = errs.New(errs.NotFound, "thing.not_found", "Thing not found")
)

// Permission for one of the places of a thing is enough, whichever it is.
func TestRequire(t *testing.T) {
	t.Parallel()
	mine := map[place.Place]authz.Permission{here: "thing.move"}
	for name, tc := range map[string]struct {
		authorizer held
		places     []place.Place
		want       error
	}{
		"the place":            {held{at: mine}, []place.Place{here}, nil},
		"another place":        {held{at: mine, err: authz.ErrForbidden}, []place.Place{there}, authz.ErrForbidden},
		"the first of two":     {held{at: mine, err: authz.ErrForbidden}, []place.Place{here, there}, nil},
		"the last of two":      {held{at: mine, err: authz.ErrForbidden}, []place.Place{there, here}, nil},
		"no place":             {held{at: mine, err: authz.ErrForbidden}, nil, authz.ErrForbidden},
		"no place, everywhere": {held{at: map[place.Place]authz.Permission{place.System(): "thing.move"}, err: authz.ErrForbidden}, nil, nil},
		"it cannot be told":    {held{at: mine, err: errAway}, []place.Place{there, here}, errAway},
	} {
		if err := authz.Require(t.Context(), tc.authorizer, "thing.move", tc.places...); !errors.Is(err, tc.want) || tc.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// Being allowed to read a thing in one of its places decides whether a refusal says that it exists.
func TestRequireVisible(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		at   map[place.Place]authz.Permission
		want error
	}{
		"moves it from the other place": {map[place.Place]authz.Permission{there: "thing.move"}, nil},
		"sees it from the other place":  {map[place.Place]authz.Permission{there: "thing.read"}, authz.ErrForbidden},
		"sees it nowhere":               {nil, errMissing},
	} {
		err := authz.RequireVisible(t.Context(), held{at: tc.at, err: authz.ErrForbidden}, "thing.move", "thing.read", errMissing, here, there)
		if !errors.Is(err, tc.want) || tc.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// Asking about places costs no memory beyond what the decision itself does.
func TestRequire_allocatesNothing(t *testing.T) {
	var authorizer authz.Authorizer = &held{at: map[place.Place]authz.Permission{there: "thing.move"}, err: authz.ErrForbidden}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		if err := authz.Require(ctx, authorizer, "thing.move", here, there); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
