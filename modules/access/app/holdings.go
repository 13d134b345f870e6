package app

import (
	"iter"
	"math"
	"math/bits"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/authz"
)

// holdings are what a user holds and will hold, made for decisions: the wide ones first, which answer without a tree.
type holdings struct {
	all   []holding
	spans []span // of each; apart, since most are not looked at
	// by says for each permission, by its index in the catalogue, which of all hold it: a bit each, in words as many as it
	// takes. A decision looks at those alone.
	by    []uint64
	words int
}

// holding is where a grant holds; 0 for the whole system, and for the whole organization.
type holding struct{ organization, department int64 }

// span is when it does, a period.Period in Unix microseconds, which are compared without following pointers.
type span struct{ from, until int64 }

// granted is all that a decision needs of a grant.
type granted struct {
	holding
	span
	permissions permissionSet
}

// forever is the end of what has none.
const forever = math.MaxInt64

func newHoldings(grants []granted, permissions int) *holdings {
	slices.SortStableFunc(grants, func(a, b granted) int { return a.width() - b.width() })
	words := (len(grants) + 63) / 64
	h := &holdings{all: make([]holding, len(grants)), spans: make([]span, len(grants)), by: make([]uint64, permissions*words), words: words}
	for i, g := range grants {
		h.all[i], h.spans[i] = g.holding, g.span
		for index := range permissions {
			if g.permissions.has(index) {
				h.by[index*words+i/64] |= 1 << (i % 64)
			}
		}
	}
	return h
}

// of gives those that hold a permission.
func (h *holdings) of(index int) iter.Seq2[int, holding] {
	return func(yield func(int, holding) bool) {
		for word := range h.words {
			for left := h.by[index*h.words+word]; left != 0; left &= left - 1 {
				i := word*64 + bits.TrailingZeros64(left)
				if !yield(i, h.all[i]) {
					return
				}
			}
		}
	}
}

// permissions gives what one of all holds.
func (h *holdings) permissions(i int) permissionSet {
	var set permissionSet
	for index := range len(h.by) / max(h.words, 1) {
		if h.by[index*h.words+i/64]&(1<<(i%64)) != 0 {
			set.add(index)
		}
	}
	return set
}

// inForce says whether one of all counts at a moment. Dates take effect by this comparison, with no job running.
func (h *holdings) inForce(i int, at int64) bool {
	s := h.spans[i]
	return s.from <= at && at < s.until
}

func (h holding) target() authz.Target {
	return authz.Target{Organization: h.organization, Department: h.department}
}

// width is less for what is wider.
func (h holding) width() int {
	switch {
	case h.organization == 0:
		return 0
	case h.department == 0:
		return 1
	default:
		return 2
	}
}

func hold(g domain.Grant, permissions permissionSet) granted {
	return granted{
		holding:     holding{organization: orZero(g.Place.OrganizationID), department: orZero(g.Place.DepartmentID)},
		span:        span{from: microseconds(g.Period.From, 0), until: microseconds(g.Period.Until, forever)},
		permissions: permissions,
	}
}

// reach is how far a holding goes for a target.
type reach int

const (
	beside    reach = iota // not there
	there                  // there
	treeKnows              // there when the target stands below the holding's department
)

// reaches says whether a holding is for a place that contains the target; upward, whether it counts for the
// organization which its department is of.
func (h holding) reaches(t authz.Target, upward bool) reach {
	switch {
	case h.organization == 0:
		return there
	case h.organization != t.Organization:
		return beside
	case h.department == 0, h.department == t.Department:
		return there
	case t.Department != 0:
		return treeKnows
	case upward:
		return there
	default:
		return beside
	}
}

func target(p domain.Place) authz.Target {
	return authz.Target{Organization: orZero(p.OrganizationID), Department: orZero(p.DepartmentID)}
}

func orZero(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

func microseconds(t *time.Time, none int64) int64 {
	if t == nil {
		return none
	}
	return t.UnixMicro()
}
