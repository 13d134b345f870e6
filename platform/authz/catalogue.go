package authz

import (
	"cmp"
	"fmt"
	"slices"

	"erp.internal/platform/place"
)

// Described is a permission as the module declares it that checks it. Modules provide theirs to the fx group
// "permissions"; an operation that needs one which nobody declared stops the start.
type Described struct {
	Permission  Permission
	Description string // a sentence for those who put roles together
	// Least is the smallest scope in which the permission can be held: organizations are created in the whole system,
	// departments are moved also by those who hold that for a department.
	Least place.Level
	// Upward says that who holds it for a department holds it for the organization which that is of, though not for
	// its other departments: whoever may see a department may see what it is a part of.
	Upward bool
}

// Levels are the scopes in which the permission can be held, the widest first.
func (d Described) Levels() []place.Level {
	all := place.Levels()
	return all[:slices.Index(all, d.Least)+1]
}

// Catalogue is every permission that the modules declare, by name. Where a permission stands in it does not change
// while the program runs.
type Catalogue struct {
	all     []Described
	indexes map[Permission]int
}

// MostPermissions is how many a catalogue holds at most, so that a set of them is a few machine words.
const MostPermissions = 256

// NewCatalogue makes the catalogue.
//
// Errors: a permission that is declared twice, or without a description or a least level; too many of them.
func NewCatalogue(declared []Described) (*Catalogue, error) {
	if len(declared) > MostPermissions {
		return nil, fmt.Errorf("%d permissions are declared: authz.MostPermissions is %d, raise it", len(declared), MostPermissions)
	}
	c := &Catalogue{all: slices.Clone(declared), indexes: make(map[Permission]int, len(declared))}
	slices.SortFunc(c.all, func(a, b Described) int { return cmp.Compare(a.Permission, b.Permission) })
	for i, d := range c.all {
		if _, twice := c.indexes[d.Permission]; twice || d.Description == "" || len(d.Levels()) == 0 {
			return nil, fmt.Errorf("permission %q: declare it once, with a description and a least level", d.Permission)
		}
		c.indexes[d.Permission] = i
	}
	return c, nil
}

// All gives every permission, by name. It is not to be changed.
func (c *Catalogue) All() []Described { return c.all }

// Index gives where a permission stands in All; false when nobody declares it.
func (c *Catalogue) Index(p Permission) (int, bool) {
	index, known := c.indexes[p]
	return index, known
}
