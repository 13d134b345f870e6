package app

import (
	"slices"
	"strings"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/authz"
	"erp.internal/platform/place"
)

// permissionSet is a bitmap of permissions by their index in the catalogue.
type permissionSet [authz.MostPermissions / 64]uint64

func (s *permissionSet) has(index int) bool { return s[index/64]&(1<<(index%64)) != 0 }
func (s *permissionSet) add(index int)      { s[index/64] |= 1 << (index % 64) }

// without returns the difference of the sets.
func (s permissionSet) without(other permissionSet) permissionSet {
	for i := range s {
		s[i] &^= other[i]
	}
	return s
}

// within returns the intersection of the sets.
func (s permissionSet) within(other permissionSet) permissionSet {
	for i := range s {
		s[i] &= other[i]
	}
	return s
}

func (s permissionSet) empty() bool { return s == permissionSet{} }

// permissions are the catalogue and the permissions that have an effect at each level.
type permissions struct {
	*authz.Catalogue
	levels map[place.Level]permissionSet // with an effect at that level
}

func newPermissions(catalogue *authz.Catalogue) permissions {
	p := permissions{Catalogue: catalogue, levels: map[place.Level]permissionSet{}}
	for _, level := range place.Levels() {
		p.levels[level] = p.where(func(d authz.Described) bool { return slices.Contains(d.Levels(), level) })
	}
	return p
}

// described returns the declaration of a permission.
func (p permissions) described(permission authz.Permission) authz.Described {
	index, _ := p.Index(permission)
	return p.All()[index]
}

// where returns the permissions of the catalogue that match.
func (p permissions) where(is func(authz.Described) bool) permissionSet {
	var set permissionSet
	for index, d := range p.All() {
		if is(d) {
			set.add(index)
		}
	}
	return set
}

// named resolves names and patterns of roles. Names that no module declares any more are ignored.
func (p permissions) named(names []string) permissionSet {
	return p.where(func(d authz.Described) bool {
		return slices.ContainsFunc(patterns(d), func(pattern string) bool { return slices.Contains(names, pattern) })
	})
}

// measured is named for permissions that a caller is about to add or remove. A name that no module declares counts as all
// permissions, since it is unknown what it will allow once a module or a newer server declares it.
func (p permissions) measured(names []string) permissionSet {
	for _, name := range names {
		_, declared := p.Index(authz.Permission(name))
		if !declared && !strings.HasPrefix(name, "*") {
			return p.levels[place.SystemLevel]
		}
	}
	return p.named(names)
}

// patterns returns the names and patterns that include a permission.
func patterns(d authz.Described) []string {
	return domain.Patterns(string(d.Permission), d.Least != place.SystemLevel)
}

// within returns the permissions of a set that have an effect at a level.
func (p permissions) within(set permissionSet, level place.Level) permissionSet {
	return set.within(p.levels[level])
}

// given returns the permissions that names or patterns give at a place.
func (p permissions) given(names []string, at place.Place) permissionSet {
	return p.within(p.named(names), at.Level())
}

// names returns the names of the permissions of a set, in the order of the catalogue.
func (p permissions) names(set permissionSet) []string {
	names := []string{}
	for index, d := range p.All() {
		if set.has(index) {
			names = append(names, string(d.Permission))
		}
	}
	return names
}
