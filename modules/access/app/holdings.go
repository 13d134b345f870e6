package app

import (
	"math"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/authz"
)

// holding is what a decision needs of a grant. Times are Unix microseconds.
type holding struct {
	permissions              permissionSet // those of the role that can be held there
	organization, department int64         // 0: of the whole system, of the whole organization
	from, until              int64
}

// forever is the end of what has none.
const forever = math.MaxInt64

// inForce says whether the holding counts at a moment. Dates take effect by this comparison, with no job running.
func (h *holding) inForce(at int64) bool { return h.from <= at && at < h.until }

func hold(g domain.Grant, permissions permissionSet) holding {
	return holding{permissions: permissions, organization: orZero(g.Place.OrganizationID), department: orZero(g.Place.DepartmentID),
		from: microseconds(g.ValidFrom, 0), until: microseconds(g.ValidUntil, forever)}
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
func (h *holding) reaches(t authz.Target, upward bool) reach {
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

// wideFirst puts those first that answer without a tree.
func wideFirst(holdings []holding) {
	slices.SortStableFunc(holdings, func(a, b holding) int { return width(a) - width(b) })
}

func width(h holding) int {
	switch {
	case h.organization == 0:
		return 0
	case h.department == 0:
		return 1
	default:
		return 2
	}
}
