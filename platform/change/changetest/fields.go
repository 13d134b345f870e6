// Package changetest tests what modules record of their changes.
package changetest

import (
	"reflect"
	"slices"
	"testing"

	"erp.internal/platform/change"
)

// unrecorded are the fields that no event tells of: they say when and how often the others changed.
var unrecorded = []string{"ID", "Version", "CreatedAt", "UpdatedAt"}

// EveryField fails the test for each field of the entity T whose change, alone, no event of changed tells of. Such a field was
// added to the entity and not to its events, and its changes would be missing in the journal. values holds a value for
// each type of field that is neither text, number, bool, nor a pointer or slice of those; except names fields besides.
func EveryField[T any](tb testing.TB, changed func(before, after T) []change.Event, values []any, except ...string) {
	tb.Helper()
	of := reflect.TypeFor[T]()
	for i := range of.NumField() {
		field := of.Field(i)
		if slices.Contains(unrecorded, field.Name) || slices.Contains(except, field.Name) {
			continue
		}
		var before, after T
		fill(tb, field.Name, reflect.ValueOf(&after).Elem().Field(i), values)
		if !tells(tb, changed(before, after)) {
			tb.Errorf("no event tells of a change of %s.%s", of.Name(), field.Name)
		}
	}
}

// tells reports whether the journal keeps anything of the events' fields.
func tells(tb testing.TB, events []change.Event) bool {
	tb.Helper()
	for _, e := range events {
		kept, err := e.Kept()
		if err != nil {
			tb.Fatal(err)
		}
		if kept != (change.Kept{}) {
			return true
		}
	}
	return false
}

// fill sets a field to a value other than its zero value.
func fill(tb testing.TB, name string, field reflect.Value, values []any) {
	tb.Helper()
	for _, v := range values {
		if value := reflect.ValueOf(v); value.Type() == field.Type() {
			field.Set(value)
			return
		}
	}
	switch field.Kind() { // the others need a value
	case reflect.String:
		field.SetString("x")
	case reflect.Bool:
		field.SetBool(true)
	case reflect.Int, reflect.Int64:
		field.SetInt(7)
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
		fill(tb, name, field.Elem(), values)
	case reflect.Slice:
		field.Set(reflect.MakeSlice(field.Type(), 1, 1))
		fill(tb, name, field.Index(0), values)
	default:
		tb.Fatalf("%s needs a value of the type %s", name, field.Type())
	}
}
