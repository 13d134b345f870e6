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

// Event is something that happened: "department.moved".
type Event struct {
	Kind    string // "<subject>.<what happened to it>"
	Subject Subject
	// User is the user of a subject that belongs to one, such as a grant or a session; 0 for none.
	User   int64
	Place  place.Place // where it happened
	Reason string      // by the caller, "" for none
	Fields []Field
}

// Subject is the object of an event.
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

// Value is the value of a field of an entity.
type Value struct {
	name  string
	value any
	kind  fieldKind
}

// Values are the values of an entity's fields, with distinct names.
type Values []Value

// Public is a field that the journal stores.
func Public(name string, value any) Value { return Value{name, value, public} }

// Personal is a field with personal data: the journal stores it so that it can be erased.
func Personal(name string, value any) Value { return Value{name, value, personal} }

// Secret is a field of which the journal stores only that it changed, not its value.
func Secret(name string) Field { return Field{name: name, kind: secret} }

// Between returns the fields of a change; nil Values are those of an entity that does not exist. The journal leaves out equal
// values. A field that is personal before or after is personal.
func Between(before, after Values) []Field {
	fields := make([]Field, len(before), len(before)+len(after))
	for i, v := range before {
		fields[i] = Field{name: v.name, before: v.value, kind: v.kind}
	}
	for i, v := range after {
		if i >= len(before) || before[i].name != v.name { // it is usually at the same index
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
	return err != nil || kept != (Kept{}) // a value that JSON cannot represent is an error when it is recorded
}

// Kept is the stored form of an event's fields: JSON objects with a pair [before, after] for each field name; "" for none. A
// secret field has an empty pair.
type Kept struct{ Public, Personal string }

// Kept returns the stored form of the event's fields.
//
// Errors: a value that JSON cannot represent.
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

// unfit returns the error of a field that JSON cannot represent.
func (f Field) unfit(e Event, err error) error {
	return fmt.Errorf("field %s of %s: %w", f.name, e.Kind, err)
}

// Notice is the part of an event that caches on every server receive.
type Notice struct {
	Kind    string
	Subject Subject
	User    int64
	Place   place.Place
}

// Notice returns the notice of the event.
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
