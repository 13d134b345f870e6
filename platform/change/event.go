package change

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"erp.internal/platform/place"
)

// Event says that something happened: "department.moved".
type Event struct {
	Kind    string // "<subject>.<what happened to it>"
	Subject Subject
	// User is whom it is about where the subject is something that a user has, such as a grant or a session; 0 for nobody.
	User   int64
	Place  place.Place // where it happened
	Reason string      // that somebody gave, "" for none
	Fields []Field
}

// Subject is what an event happened to.
type Subject struct {
	Kind string // "department"
	ID   int64
}

// Field is a field that changed.
type Field struct {
	name          string
	before, after any
	kind          fieldKind
}

type fieldKind int

const (
	public fieldKind = iota
	personal
	secret
)

// Value is what one field of an entity holds.
type Value struct {
	name  string
	value any
	kind  fieldKind
}

// Values are what an entity's fields hold at a moment, each of another name.
type Values []Value

// Public is a field that the journal keeps.
func Public(name string, value any) Value { return Value{name, value, public} }

// Personal is a field that says something of a person: the journal keeps it where it can be erased.
func Personal(name string, value any) Value { return Value{name, value, personal} }

// Secret is a field that changed and of which the journal keeps nothing else: what it holds cannot be given.
func Secret(name string) Field { return Field{name: name, kind: secret} }

// Between returns the fields between two moments; nil Values are those of an entity that was not there. What is the same in
// both is left out of the journal. A field that is personal at one of them is personal.
func Between(before, after Values) []Field {
	fields := make([]Field, len(before), len(before)+len(after))
	for i, v := range before {
		fields[i] = Field{name: v.name, before: v.value, kind: v.kind}
	}
	for i, v := range after {
		if i >= len(before) || before[i].name != v.name { // else it stands where it stood
			i = slices.IndexFunc(before, func(b Value) bool { return b.name == v.name })
		}
		if i < 0 {
			fields = append(fields, Field{name: v.name, after: v.value, kind: v.kind})
			continue
		}
		fields[i].after, fields[i].kind = v.value, max(fields[i].kind, v.kind)
	}
	return fields
}

// Differ reports whether any of the fields of Between has another value than before.
func Differ(fields []Field) bool {
	kept, err := Event{Fields: fields}.Kept()
	return err != nil || kept != (Kept{}) // a value that cannot be kept is refused where it is recorded
}

// Kept is what the journal keeps of an event's fields: JSON objects of pairs by the fields' names, the value before and
// the one after; "" for none at all. A secret field has an empty pair.
type Kept struct{ Public, Personal string }

// Kept returns what is kept of the event's fields.
//
// Errors: a value that JSON cannot hold.
func (e Event) Kept() (Kept, error) {
	fields := e.Fields
	byName := func(a, b Field) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(fields, byName) {
		fields = slices.Clone(fields)
		slices.SortStableFunc(fields, byName)
	}
	var room [2][160]byte // for what most events hold
	objects := [2][]byte{room[public][:0], room[personal][:0]}
	for _, f := range fields {
		of := f.kind
		if of == secret {
			of = public
		}
		longer, err := f.appendPair(objects[of])
		if err != nil {
			return Kept{}, f.unfit(e, err)
		}
		objects[of] = longer
	}
	return Kept{Public: closed(objects[public]), Personal: closed(objects[personal])}, nil
}

// appendPair appends a field to the fields of an object: what it was and what it is, and nothing where that is the same.
func (f Field) appendPair(object []byte) ([]byte, error) {
	separator := byte(',')
	if len(object) == 0 {
		separator = '{'
	}
	longer, err := jsontext.AppendQuote(append(object, separator), f.name)
	if err != nil {
		return nil, err
	}
	longer = append(longer, ':', '[')
	if f.kind == secret {
		return append(longer, ']'), nil
	}
	first := len(longer)
	if longer, err = appendJSON(longer, f.before); err != nil {
		return nil, err
	}
	second := len(longer)
	if longer, err = appendJSON(append(longer, ','), f.after); err != nil {
		return nil, err
	}
	if bytes.Equal(longer[first:second], longer[second+1:]) {
		return object, nil
	}
	return append(longer, ']'), nil
}

// appendJSON appends a value as JSON. What most fields hold needs no reflection.
func appendJSON(to []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(to, "null"...), nil
	case string:
		return jsontext.AppendQuote(to, v)
	case *string:
		if v == nil {
			return append(to, "null"...), nil
		}
		return jsontext.AppendQuote(to, *v)
	case int64:
		return strconv.AppendInt(to, v, 10), nil
	case bool:
		return strconv.AppendBool(to, v), nil
	}
	other, err := json.Marshal(value, json.Deterministic(true))
	return append(to, other...), err
}

// closed ends an object, "" for none.
func closed(object []byte) string {
	if len(object) == 0 {
		return ""
	}
	return string(append(object, '}'))
}

// unfit says which field JSON cannot hold.
func (f Field) unfit(e Event, err error) error {
	return fmt.Errorf("field %s of %s: %w", f.name, e.Kind, err)
}

// Notice is what caches and other modules hear of an event, on every server.
type Notice struct {
	Kind    string
	Subject Subject
	User    int64
	Place   place.Place
}

// Notice returns what is heard of the event.
func (e Event) Notice() Notice {
	return Notice{Kind: e.Kind, Subject: e.Subject, User: e.User, Place: e.Place}
}

// matches reports whether the announced event e is the recorded one, with NewID standing for the recorded id.
func (e Event) matches(stored Event, andFields bool) bool {
	for _, id := range []*int64{&e.Subject.ID, &e.User, &e.Place.Organization, &e.Place.Department} {
		if *id == NewID {
			*id = stored.Subject.ID
		}
	}
	if e.Notice() != stored.Notice() || !andFields {
		return e.Notice() == stored.Notice()
	}
	announced, err := e.Kept()
	kept, errStored := stored.Kept()
	return err == nil && errStored == nil && announced == kept && e.Reason == stored.Reason
}
