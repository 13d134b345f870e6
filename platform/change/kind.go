package change

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is a kind of events, which a module declares. Means says in a sentence what happened.
type Kind struct{ Name, Means string }

// Declare tells the door which kinds of events the modules record. A strict door refuses others.
//
// Errors: a kind that is declared twice.
func (d *Door) Declare(kinds ...Kind) error {
	for _, k := range kinds {
		if slices.ContainsFunc(d.kinds, func(other Kind) bool { return other.Name == k.Name }) {
			return fmt.Errorf("two modules declare events of the kind %s", k.Name) //nolint:err113 // it stops the start
		}
		d.kinds = append(d.kinds, k)
	}
	return nil
}

// Kinds returns the declared kinds, by name.
func (d *Door) Kinds() []Kind {
	return slices.SortedFunc(slices.Values(d.kinds), func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
}

// declared reports whether a kind is declared; all are where none is.
func (d *Door) declared(kind string) bool {
	return len(d.kinds) == 0 || slices.ContainsFunc(d.kinds, func(k Kind) bool { return k.Name == kind })
}
