package domain

import (
	"time"

	"erp.internal/platform/errs"
	"erp.internal/platform/period"
	"erp.internal/platform/place"
	"erp.internal/platform/text"
)

// The errors of grants.
var (
	ErrGrantNotFound     = errs.New(errs.NotFound, "grant.not_found", "Grant not found")
	ErrGrantEnded        = errs.New(errs.Conflict, "grant.ended", "The grant has already been ended")
	ErrGrantExists       = errs.New(errs.Conflict, "grant.exists", "The user already has this role there for the whole period")
	ErrGrantGivesNothing = errs.New(errs.Conflict, "grant.gives_nothing", "This role has no permission that has an effect there")
	ErrGrantExceedsOwn   = errs.New(errs.Forbidden, "grant.exceeds_own", "You can grant only permissions that you hold there yourself, and for no longer")
	ErrEndExceedsOwn     = errs.New(errs.Forbidden, "grant.end_exceeds_own", "You can end only grants of permissions that you hold there yourself")
	ErrLastAdministrator = errs.New(errs.Conflict, "access.last_administrator", "This is the last system administrator: grant the role to another user without an end first")

	ErrGrantOver           = errs.Violation("valid_until", "past", "must be in the future")
	ErrUnknownUser         = errs.Violation("user_id", "unknown_user", "does not exist")
	ErrUnknownRole         = errs.Violation("role_id", "unknown_role", "does not exist")
	ErrUnknownOrganization = errs.Violation("organization_id", "unknown_organization", "does not exist")
	ErrUnknownDepartment   = errs.Violation("department_id", "unknown_department", "does not exist in the organization")
	ErrUserNotFound        = errs.New(errs.NotFound, "user.not_found", "User not found")
)

// GrantID identifies a grant; it is never used again.
type GrantID int64

// Grant is an entry of the ledger: a user has a role at a place for a period. Grants are ended, never changed or deleted.
type Grant struct {
	ID        GrantID
	UserID    int64
	RoleID    RoleID
	Place     place.Place
	Period    period.Period // without a start, it begins when it is granted
	Reason    *string
	GrantedBy *int64 // nil: the operator of the server
	GrantedAt time.Time
	EndedBy   *int64
	EndedAt   *time.Time // nil: not ended
	EndReason *string
}

// NewGrant makes a grant that is not stored yet.
//
// Errors: errs.Invalid with every violation.
func NewGrant(user int64, role RoleID, at place.Place, dates period.Period, reason *string, now time.Time) (Grant, error) {
	g := Grant{UserID: user, RoleID: role, Place: at, Period: dates.Normal()}
	var v errs.Violations
	g.Period.CheckCalendar(&v, "valid_from", "valid_until")
	switch {
	case g.Period.State(now) == period.Expired:
		_ = v.Join(ErrGrantOver)
	case g.Period.Empty():
		v.Add("valid_until", "before_from", "must be after valid_from")
	}
	var err error
	if g.Reason, err = Reason("reason", reason); v.Join(err) != nil {
		return Grant{}, err
	}
	return g, v.Err()
}

// Reason normalises a reason; nil for a blank one.
//
// Errors: errs.Invalid.
func Reason(field string, reason *string) (*string, error) {
	if reason == nil {
		return nil, nil //nolint:nilnil // no reason is not an error
	}
	normal, err := text.Note(*reason)
	var v errs.Violations
	if err := v.Check(field, err); err != nil {
		return nil, err
	}
	if err := v.Err(); err != nil || normal == "" {
		return nil, err
	}
	return &normal, nil
}

// State is the state of a grant at a moment: that of its period, unless it was not granted yet or was ended.
type State string

// The states.
const (
	Unknown   State = "unknown" // not granted yet
	Scheduled       = State(period.Scheduled)
	Active          = State(period.Active)
	Expired         = State(period.Expired)
	Ended     State = "ended" // by a user or the operator
)

// At returns the grant's state at a moment. testdata/grant_states.json tests that this function, the filter of lists and the
// console agree.
func (g Grant) At(moment time.Time) State {
	switch {
	case g.GrantedAt.After(moment):
		return Unknown
	case g.EndedAt != nil && !g.EndedAt.After(moment):
		return Ended
	default:
		return State(g.Period.State(moment))
	}
}

// Included returns one of the grants that includes another one.
func Included(live []Grant, other Grant, now time.Time) (Grant, bool) {
	for _, g := range live {
		if g.Includes(other, now) {
			return g, true
		}
	}
	return Grant{}, false
}

// Includes reports whether this grant already gives all that another one would.
func (g Grant) Includes(other Grant, now time.Time) bool {
	return g.EndedAt == nil && g.UserID == other.UserID && g.RoleID == other.RoleID && g.Place == other.Place &&
		g.Period.ContainsFrom(now, other.Period)
}
