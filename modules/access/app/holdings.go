package app

import (
	"iter"
	"math"
	"math/bits"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/place"
)

// holdings are what a user holds and will hold, made for decisions: the wide ones first, which answer without a tree.
type holdings struct {
	all   []place.Place
	spans []span // of each; apart, since most are not looked at
	// by says for each permission, by its index in the catalogue, which of all hold it: a bit each, in words as many as it
	// takes. A decision looks at those alone.
	by    []uint64
	words int
}

// span is when it does, a period.Period in Unix microseconds, which are compared without following pointers.
type span struct{ from, until int64 }

// granted is all that a decision needs of a grant.
type granted struct {
	at place.Place
	span
	permissions permissionSet
}

// forever is the end of what has none.
const forever = math.MaxInt64

func newHoldings(grants []granted, permissions int) *holdings {
	slices.SortStableFunc(grants, func(a, b granted) int { return width(a.at) - width(b.at) })
	words := (len(grants) + 63) / 64
	h := &holdings{all: make([]place.Place, len(grants)), spans: make([]span, len(grants)), by: make([]uint64, permissions*words), words: words}
	for i, g := range grants {
		h.all[i], h.spans[i] = g.at, g.span
		for index := range permissions {
			if g.permissions.has(index) {
				h.by[index*words+i/64] |= 1 << (i % 64)
			}
		}
	}
	return h
}

// of gives those that hold a permission, with their places.
func (h *holdings) of(index int) iter.Seq2[int, place.Place] {
	return func(yield func(int, place.Place) bool) {
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

// width is less for what is wider.
func width(p place.Place) int { return slices.Index(place.Levels(), p.Level()) }

func hold(g domain.Grant, permissions permissionSet) granted {
	return granted{
		at:          g.Place,
		span:        span{from: microseconds(g.Period.From, 0), until: microseconds(g.Period.Until, forever)},
		permissions: permissions,
	}
}

// reaches says whether a grant for a place counts for a target; upward, whether one for a department counts for the
// organization which that is of.
func reaches(held, target place.Place, upward bool) place.Containment {
	if upward && target.Department == 0 && held.Organization == target.Organization {
		return place.Inside
	}
	return held.Contains(target)
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
