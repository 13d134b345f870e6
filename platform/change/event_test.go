package change_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"erp.internal/platform/change"
	"erp.internal/platform/place"
)

func TestEvent_Kept(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	moment := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	many := map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8}
	for name, tc := range map[string]struct {
		fields           []change.Field
		public, personal string
	}{
		"nothing": {},
		"what is the same": {fields: change.Between(
			change.Values{change.Public("name", "a"), change.Public("parent", (*int64)(nil)), change.Personal("email", text("e")), change.Public("at", moment), change.Public("many", many)},
			change.Values{change.Public("name", "a"), change.Public("parent", (*int64)(nil)), change.Personal("email", text("e")), change.Public("at", moment), change.Public("many", many)},
		)},
		"what differs": {
			fields: change.Between(
				change.Values{change.Public("name", "a"), change.Public("position", 1), change.Public("active", true)},
				change.Values{change.Public("name", "b"), change.Public("position", 1), change.Public("active", false)},
			),
			public: `{"active":[true,false],"name":["a","b"]}`,
		},
		"what was created": {
			fields: change.Between(nil, change.Values{change.Public("name", "a"), change.Public("note", (*string)(nil)), change.Personal("email", "e")}),
			public: `{"name":[null,"a"]}`, personal: `{"email":[null,"e"]}`,
		},
		"what was deleted": {
			fields: change.Between(change.Values{change.Public("name", "a"), change.Public("note", (*string)(nil)), change.Personal("email", "e")}, nil),
			public: `{"name":["a",null]}`, personal: `{"email":["e",null]}`,
		},
		"pointers, by what they point to": {
			fields: change.Between(
				change.Values{change.Public("same", text("a")), change.Public("set", (*string)(nil)), change.Public("cleared", text("b"))},
				change.Values{change.Public("same", text("a")), change.Public("set", text("c")), change.Public("cleared", (*string)(nil))},
			),
			public: `{"cleared":["b",null],"set":[null,"c"]}`,
		},
		"a secret, of which nothing is kept": {
			fields: []change.Field{change.Secret("password")},
			public: `{"password":[]}`,
		},
		"a personal field alone": {
			fields:   change.Between(change.Values{change.Personal("name", "a")}, change.Values{change.Personal("name", "b")}),
			personal: `{"name":["a","b"]}`,
		},
		"numbers beyond those of JavaScript": {
			fields: change.Between(change.Values{change.Public("id", int64(math.MaxInt64-1))}, change.Values{change.Public("id", int64(math.MaxInt64))}),
			public: `{"id":[9223372036854775806,9223372036854775807]}`,
		},
		"texts that look like JSON": {
			fields: change.Between(change.Values{change.Public("name", `a"],"b":["`)}, change.Values{change.Public("name", "\u2028</script>\\")}),
			public: `{"name":["a\"],\"b\":[\"","` + "\u2028" + `</script>\\"]}`,
		},
		"values in another order": {
			fields: change.Between(
				change.Values{change.Public("code", "x"), change.Personal("email", "e")},
				change.Values{change.Personal("email", "f"), change.Public("code", "y")},
			),
			public: `{"code":["x","y"]}`, personal: `{"email":["e","f"]}`,
		},
		"values of which some are given at one moment alone": {
			fields: change.Between(
				change.Values{change.Personal("email", "e"), change.Public("code", "x")},
				change.Values{change.Public("code", "x"), change.Public("color", "red")},
			),
			public: `{"color":[null,"red"]}`, personal: `{"email":["e",null]}`,
		},
		"a field that is personal at one of the moments": {
			fields: change.Between(
				change.Values{change.Personal("name", "a"), change.Public("code", "x")},
				change.Values{change.Public("name", "b"), change.Personal("code", "y")},
			),
			personal: `{"code":["x","y"],"name":["a","b"]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 { // the order of maps is by chance
				kept, err := change.Event{Kind: "thing.changed", Fields: tc.fields}.Kept()
				if err != nil {
					t.Fatal(err)
				}
				if want := (change.Kept{Public: tc.public, Personal: tc.personal}); kept != want {
					t.Fatalf("kept %+v, want %+v", kept, want)
				}
			}
		})
	}
}

// A value that JSON cannot hold is an error that says which, and not what it is.
func TestEvent_Kept_notJSON(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{
		"not a number": math.NaN(),
		"infinite":     math.Inf(-1),
		"no UTF-8":     "hunter2\xff",
		"a function":   func() {},
		"a channel":    make(chan int),
	} {
		for _, fields := range [][]change.Field{
			change.Between(change.Values{change.Personal("name", value)}, change.Values{change.Personal("name", "a")}),
			change.Between(change.Values{change.Personal("name", "a")}, change.Values{change.Personal("name", value)}),
		} {
			kept, err := change.Event{Kind: "thing.changed", Fields: fields}.Kept()
			if err == nil || kept != (change.Kept{}) || !strings.Contains(err.Error(), "field name of thing.changed") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: kept %+v, %v", name, kept, err)
			}
		}
	}
}

func TestEvent_Notice(t *testing.T) {
	t.Parallel()
	event := change.Event{
		Kind: "grant.given", Subject: change.Subject{Kind: "grant", ID: 1}, User: 2, Place: place.Place{Organization: 3, Department: 4},
		Reason: "because", Fields: []change.Field{change.Secret("x")},
	}
	if want := (change.Notice{Kind: "grant.given", Subject: change.Subject{Kind: "grant", ID: 1}, User: 2, Place: place.Place{Organization: 3, Department: 4}}); event.Notice() != want {
		t.Errorf("got %+v", event.Notice())
	}
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	if got := change.From(t.Context()); got != (change.Origin{}) {
		t.Errorf("a context without one has %+v", got)
	}
	outer := change.Origin{Actor: change.Actor{Kind: change.System}, Operation: "prune"}
	inner := change.Origin{Operation: "sign-in", RequestID: "r", SessionID: 7, Address: "192.0.2.1"}
	ctx := change.With(t.Context(), outer)
	within := change.With(ctx, inner)
	proved := change.By(within, 5)
	if change.From(ctx) != outer || change.From(within) != inner {
		t.Errorf("got %+v, and within %+v", change.From(ctx), change.From(within))
	}
	inner.Actor = change.Actor{Kind: change.User, ID: 5}
	if change.From(proved) != inner || change.From(within).Actor != (change.Actor{}) {
		t.Errorf("by a user: %+v, and before that %+v", change.From(proved), change.From(within))
	}
}
