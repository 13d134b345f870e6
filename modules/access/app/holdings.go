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

// holdings are the current and future grants of a user, indexed for decisions: the widest first, which need no tree.
type holdings struct {
	all   []place.Place
	spans []span // of each; separate, since most decisions read few of them
	// by is a bitmap for each permission, by its index in the catalogue: which of all have it. A decision reads only those.
	by    []uint64
	words int
}

// span is the period of a grant in Unix microseconds, which are compared without following pointers.
type span struct{ from, until int64 }

// granted is the part of a grant that decisions need.
type granted struct {
	at place.Place
	span
	permissions permissionSet
}

// forever is the end of a grant without an end.
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

// of iterates over the grants with a permission and their places.
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

// permissions returns the permissions of grant i.
func (h *holdings) permissions(i int) permissionSet {
	var set permissionSet
	for index := range len(h.by) / max(h.words, 1) {
		if h.by[index*h.words+i/64]&(1<<(i%64)) != 0 {
			set.add(index)
		}
	}
	return set
}

// inForce reports whether grant i is in force at a moment. Dates take effect by this comparison, without a job.
func (h *holdings) inForce(i int, at int64) bool {
	s := h.spans[i]
	return s.from <= at && at < s.until
}

// width orders places: wider ones are less.
func width(p place.Place) int { return slices.Index(place.Levels(), p.Level()) }

func newGranted(g domain.Grant, permissions permissionSet) granted {
	return granted{
		at:          g.Place,
		span:        span{from: microseconds(g.Period.From, 0), until: microseconds(g.Period.Until, forever)},
		permissions: permissions,
	}
}

// reaches reports whether a grant for a place applies to a target; with upward, a grant for a department also applies to its
// organization.
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
