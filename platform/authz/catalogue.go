package authz

import (
	"cmp"
	"fmt"
	"slices"

	"erp.internal/platform/place"
)

// Described is the declaration of a permission by the module that checks it. Modules provide theirs to the fx group
// "permissions"; the server does not start with an operation that needs an undeclared permission.
type Described struct {
	Permission  Permission
	Description string // a sentence for users who edit roles
	// Least is the narrowest level at which the permission has an effect: organizations are created only with a grant for the
	// whole system, departments are moved also with a grant for a department.
	Least place.Level
	// Upward says that a grant for a department also gives the permission for its organization, though not for other
	// departments: a user who may see a department may see its organization.
	Upward bool
}

// Levels are the levels at which the permission has an effect, the widest first.
func (d Described) Levels() []place.Level {
	all := place.Levels()
	return all[:slices.Index(all, d.Least)+1]
}

// Catalogue is the list of all declared permissions, by name. The index of a permission does not change while the program
// runs.
type Catalogue struct {
	all     []Described
	indexes map[Permission]int
}

// MostPermissions is the maximum size of a catalogue, so that a set of permissions is a few machine words.
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

// All returns all permissions, by name. It must not be changed.
func (c *Catalogue) All() []Described { return c.all }

// Index returns the index of a permission in All; false if no module declares it.
func (c *Catalogue) Index(p Permission) (int, bool) {
	index, known := c.indexes[p]
	return index, known
}
