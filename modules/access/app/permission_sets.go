package app

import (
	"slices"
	"strings"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/authz"
	"erp.internal/platform/place"
)

// permissionSet holds permissions by where they stand in the catalogue, a bit each.
type permissionSet [authz.MostPermissions / 64]uint64

func (s *permissionSet) has(index int) bool { return s[index/64]&(1<<(index%64)) != 0 }
func (s *permissionSet) add(index int)      { s[index/64] |= 1 << (index % 64) }

// without gives what s holds and other does not.
func (s permissionSet) without(other permissionSet) permissionSet {
	for i := range s {
		s[i] &^= other[i]
	}
	return s
}

// within gives what both hold.
func (s permissionSet) within(other permissionSet) permissionSet {
	for i := range s {
		s[i] &= other[i]
	}
	return s
}

func (s permissionSet) empty() bool { return s == permissionSet{} }

// permissions are all that there are, and what each can be held for.
type permissions struct {
	*authz.Catalogue
	levels map[place.Level]permissionSet // those that can be held in a scope of that level
}

func newPermissions(catalogue *authz.Catalogue) permissions {
	p := permissions{Catalogue: catalogue, levels: map[place.Level]permissionSet{}}
	for _, level := range place.Levels() {
		p.levels[level] = p.where(func(d authz.Described) bool { return slices.Contains(d.Levels(), level) })
	}
	return p
}

// described gives what a permission that is declared is.
func (p permissions) described(permission authz.Permission) authz.Described {
	index, _ := p.Index(permission)
	return p.All()[index]
}

// where gives those of the catalogue that are so.
func (p permissions) where(is func(authz.Described) bool) permissionSet {
	var set permissionSet
	for index, d := range p.All() {
		if is(d) {
			set.add(index)
		}
	}
	return set
}

// named gives those that a role holds by names or patterns. Names that nobody declares any more hold nothing.
func (p permissions) named(names []string) permissionSet {
	return p.where(func(d authz.Described) bool {
		return slices.ContainsFunc(patterns(d), func(pattern string) bool { return slices.Contains(names, pattern) })
	})
}

// measured is named for what somebody is about to give or take away. Of a name that nobody declares it is not known what
// it will give once a module, or a newer server, declares it: it counts as every permission.
func (p permissions) measured(names []string) permissionSet {
	for _, name := range names {
		_, declared := p.Index(authz.Permission(name))
		if !declared && !strings.HasPrefix(name, "*") {
			return p.levels[place.SystemLevel]
		}
	}
	return p.named(names)
}

// patterns gives what a role may hold to hold a permission.
func patterns(d authz.Described) []string {
	return domain.Patterns(string(d.Permission), d.Least != place.SystemLevel)
}

// within gives what of a set can be held in a scope of that level.
func (p permissions) within(set permissionSet, level place.Level) permissionSet {
	return set.within(p.levels[level])
}

// given is what names or patterns give in a place.
func (p permissions) given(names []string, at place.Place) permissionSet {
	return p.within(p.named(names), at.Level())
}

// names gives the names of a set's permissions, in their order.
func (p permissions) names(set permissionSet) []string {
	names := []string{}
	for index, d := range p.All() {
		if set.has(index) {
			names = append(names, string(d.Permission))
		}
	}
	return names
}
